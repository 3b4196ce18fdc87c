"""A member's phone in a street that gives out soup, on 22 November 2035: in no year before that of a line of the trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from hege.kernel import clock
from hege.members.actions import make_card, open_by_card
from hege.members.models import Member
from hege.members.queries import card_of
from hege.vouchers.models import Batch
from hege.web.bearers import MEMBER
from tests.cast import Cast, tell
from tests.standing import standing
from tests.vouchers.conftest import Counter
from tests.vouchers.samples import SOUP as SOUP_OF_2025
from tests.vouchers.samples import a_member, a_shop, local
from tests.web.office import office  # noqa: F401  # a fixture

SOUP = replace(
    SOUP_OF_2025, releases_at=local(2035, 11, 22, 10), claim_until_at=local(2035, 12, 20, 18),
    use_from_on=dt.date(2035, 11, 22), use_until_on=dt.date(2036, 1, 1),
)  # fmt: skip
NOW = local(2035, 11, 22, 12)


class Soup(Counter):
    """The same of 2035."""

    def another(self, **changes: Any) -> Batch:
        times = {name: getattr(SOUP, name) for name in ("releases_at", "claim_until_at", "use_from_on", "use_until_on")}
        return super().another(**times | changes)


@standing
def counter(cast: Cast) -> Soup:
    """A batch that is given out."""
    shop, member = a_shop(cast.street, cast.agent_party), a_member(cast.street)
    tell(cast.street)
    soup = Soup(cast, shop, member, None)  # type: ignore[arg-type]
    return replace(soup, batch=soup.another())


@pytest.fixture(autouse=True)
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """It is noon of that day; a test may set it on."""

    def stand(at: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)

    stand(NOW)
    return stand


def phone_of(member: Member, counter: Counter) -> Client:
    """A browser that is let in as a member's."""
    make_card(member, by=counter.cast.coordinator, at=clock.now())
    card = card_of(member, at=clock.now())
    assert card is not None
    client = Client()
    client.cookies[MEMBER] = open_by_card(card, secret=f"phone {member.number}", browser="", by=None, at=clock.now())
    return client


@pytest.fixture
def phone(counter: Counter) -> Client:
    """The member's."""
    return phone_of(counter.member, counter)


def here(counter: Counter, rest: str = "") -> str:
    """An address of a member's page."""
    return f"/m/{counter.cast.street.code}/vouchers/{rest}"


def said(answer: Any) -> str:
    """What a page says."""
    text: str = answer.content.decode()
    return text
