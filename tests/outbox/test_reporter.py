"""Who reported is asked at the instant a message leaves, and stands nowhere else."""

from __future__ import annotations

import logging

import pytest
from django.apps import apps
from django.db import models

from hege.cases.models import Reporter
from hege.cases.reports.actions import reject_report, submit_report
from hege.cases.rules import ReportKind
from hege.cli.work import holder, send_what_is_due
from hege.outbox.actions import set_gateway
from hege.outbox.models import Message
from hege.outbox.queries import Counts, channels_open_to, counts_of
from hege.outbox.rules import CONSOLE, TRIES, Channel, MessageState
from tests.cast import NOW, Cast
from tests.outbox.gateways import FakeGateway, Reply, fake_gateway

pytestmark = pytest.mark.django_db
PHONE = "13900000047"


def turned_down(cast: Cast, phone: str) -> None:
    said = {"reporter_name": "王", "reporter_phone": phone, "text": "水费涨了"}
    report = submit_report(cast.street, kind=ReportKind.SHOP, by=None, at=NOW, **said)  # type: ignore[arg-type]
    reject_report(report, reason="不属本街道", by=cast.grid_worker, at=NOW)


def told(cast: Cast, phone: str, reply: Reply, caplog: pytest.LogCaptureFixture) -> FakeGateway:
    """A reporter's report is turned down, and the worker sends what that tells."""
    with fake_gateway(lambda _one: reply) as gateway, caplog.at_level(logging.DEBUG):
        set_gateway(cast.street, channel=Channel.SMS, address=gateway.address, by=cast.administrator, at=NOW)
        turned_down(cast, phone)
        send_what_is_due(me=holder(), now=lambda: NOW)
    return gateway


def everywhere() -> str:
    """All that any table says, but the one of reporters."""
    tables = [model for model in apps.get_models() if model is not Reporter and issubclass(model, models.Model)]
    return str([list(model._base_manager.values()) for model in tables])


def test_the_gateway_alone_learns_the_telephone(cast: Cast, caplog: pytest.LogCaptureFixture):
    gateway = told(cast, PHONE, (200, {"code": 0}, {}), caplog)
    assert gateway.handed[0].body["to"] == PHONE
    assert Message.objects.get().state == MessageState.DELIVERED
    assert PHONE not in everywhere()
    assert PHONE not in caplog.text


def test_what_a_gateway_says_of_it_is_not_kept(cast: Cast, caplog: pytest.LogCaptureFixture):
    told(cast, PHONE, (200, {"code": 7, "message": f"no such number {PHONE}"}, {}), caplog)
    assert Message.objects.get().answer == "7"
    assert PHONE not in everywhere() + caplog.text


def test_a_telephone_in_the_place_of_a_code_is_masked_before_it_is_kept(cast: Cast, caplog: pytest.LogCaptureFixture):
    told(cast, PHONE, (200, {"code": int(PHONE)}, {}), caplog)
    assert Message.objects.get().answer == "139****0047"
    assert PHONE not in everywhere() + caplog.text


def test_without_a_gateway_it_is_written_to_the_log_without_the_telephone_and_delivered_to_nobody(
    cast: Cast, caplog: pytest.LogCaptureFixture
):
    set_gateway(cast.street, channel=Channel.SMS, address=CONSOLE, by=cast.administrator, at=NOW)
    turned_down(cast, PHONE)
    send_what_is_due(me=holder(), now=lambda: NOW)
    row = Message.objects.get()
    assert (row.state, row.answer) == (MessageState.WRITTEN, CONSOLE)
    assert counts_of(cast.street, since=NOW)[Channel.SMS] == Counts(0, 0, 0, 1, 0)
    assert f"{row.key}, not sent: 【合格】{row.reporter_of} 您反映的事有进展" in caplog.text
    assert PHONE not in everywhere() + caplog.text
    assert Channel.SMS not in channels_open_to(cast.clerk, on=NOW.date())


def test_what_is_no_mobile_telephone_reaches_no_gateway(cast: Cast, caplog: pytest.LogCaptureFixture):
    assert told(cast, "食堂对面", (200, {"code": 0}, {}), caplog).handed == []
    row = Message.objects.get()
    assert (row.state, row.answer) == (MessageState.WAITING, "no number")
    assert row.tries < TRIES
