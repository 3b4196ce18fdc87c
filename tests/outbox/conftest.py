"""A street with a gateway, and people who want to be told by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hege.outbox.actions import set_gateway, set_wish
from hege.outbox.rules import Channel
from hege.people.models import User
from tests.cast import NOW, Cast
from tests.outbox.gateways import FakeGateway, fake_gateway

PHONE = "13812345678"


@pytest.fixture
def gateway(cast: Cast) -> Iterator[FakeGateway]:
    """The street's robot in WeCom."""
    with fake_gateway() as found:
        set_gateway(cast.street, channel=Channel.WECOM, address=found.address, by=cast.administrator, at=NOW)
        yield found


def wishes(user: User, *channels: Channel, **more: object) -> None:
    """Somebody wants to be told by these."""
    said = {"phone": PHONE, "mail": "clerk@example.cn", **more}
    set_wish(user, channels=list(channels), by=user, at=NOW, **said)  # type: ignore[arg-type]
