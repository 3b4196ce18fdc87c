"""Who reported is asked at the instant a message leaves, and stands nowhere else."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from hege.cases.actions import file_case
from hege.cases.models import Report, Reporter
from hege.cases.reports.actions import (
    begin_verifying,
    look_up_reporter,
    reject_report,
    submit_report,
    verify_report,
)
from hege.cases.rules import ReportKind
from hege.cli.work import do_jobs, holder, send_what_is_due
from hege.installation.trail_export import export_trail
from hege.jobs.actions import ask_for
from hege.jobs.rules import JobKind
from hege.outbox.actions import resend_message, set_gateway, withdraw_message
from hege.outbox.models import Message
from hege.outbox.queries import Counts, channels_open_to, counts_of, not_arrived
from hege.outbox.rules import CONSOLE, TRIES, Channel, MessageState
from hege.people.models import Membership, Party, User
from hege.privacy.copies import as_csv, as_json
from hege.privacy.queries import held_on
from tests.cast import NOW, Cast
from tests.integrity.tampering import tamper
from tests.outbox.gateways import FakeGateway, Reply, fake_gateway

pytestmark = pytest.mark.django_db
PHONE = "13900000047"


def reported(cast: Cast, phone: str) -> Report:
    said = {"reporter_name": f"姓{phone}", "reporter_phone": phone, "text": f"水费涨了，打 {phone}"}
    return submit_report(cast.street, kind=ReportKind.SHOP, by=None, at=NOW, **said)  # type: ignore[arg-type]


def turned_down(cast: Cast, phone: str) -> None:
    reject_report(reported(cast, phone), reason="不属本街道", by=cast.grid_worker, at=NOW)


def send(at: dt.datetime) -> int:
    return send_what_is_due(me=holder(), now=lambda: at)


def told(cast: Cast, phone: str, reply: Reply, caplog: pytest.LogCaptureFixture) -> FakeGateway:
    """A reporter's report is turned down, and the worker sends what that tells."""
    with fake_gateway(lambda _one: reply) as gateway, caplog.at_level(logging.DEBUG):
        set_gateway(cast.street, channel=Channel.SMS, address=gateway.address, by=cast.administrator, at=NOW)
        turned_down(cast, phone)
        send(NOW)
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


def _same(at: dt.datetime) -> dt.datetime:
    return at


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ((200, {"code": 7, "message": f"no such number {PHONE}"}, {}), "7"),
        ((200, {"code": int(PHONE)}, {}), "［电话已隐去］"),
        ((200, {"code": int(f"86{PHONE}")}, {}), "［电话已隐去］"),
        ((200, {"code": -int(PHONE)}, {}), "-［电话已隐去］"),
        ((200, {"code": PHONE}, {}), "HTTP 200"),
        ((500, PHONE.encode(), {}), "HTTP 500"),
        ((302, {}, {"Location": f"/{PHONE}"}), "HTTP 302"),
        ((429, {}, {"Retry-After": PHONE}), "429"),
    ],
)
def test_what_a_gateway_says_of_it_is_not_kept(cast: Cast, caplog: pytest.LogCaptureFixture, reply: Reply, kept: str):
    told(cast, PHONE, reply, caplog)
    assert Message.objects.get().answer == kept
    assert PHONE not in everywhere() + caplog.text


@pytest.mark.slow
def test_a_reporters_words_reach_nothing_that_is_kept_sent_or_handed_out(
    cast: Cast, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    """The number is planted as the reporter's telephone, name and words, and goes all the way: reports told from and turned
    down, accepted and merged into a case; a gateway that repeats it, until the messages are dead, sent again and given up;
    who reported looked up; a row changed behind our back, and verified as long work.

    Then it is looked for in every column of every table but the reporter's own: messages and what gateways answered, dead
    letters, lines of the trail and of cases, jobs with what they found, upkeep. And in every log at every level, the
    trail's files, and the copies that people and parties are handed of what is held on them. Pages and the files they hand
    out are gone through by tests/web/test_personal.py, which plants a token in every column that is secret.
    """
    admin = cast.administrator
    with fake_gateway(lambda _one: (200, {"code": int(PHONE), "to": PHONE}, {})) as gateway, caplog.at_level(0):
        set_gateway(cast.street, channel=Channel.SMS, address=gateway.address, by=admin, at=NOW)
        turned_down(cast, PHONE)
        report = begin_verifying(reported(cast, PHONE), by=cast.grid_worker, at=NOW)
        report = verify_report(report, finding="属实", by=cast.grid_worker, at=NOW)
        case = file_case(cast.street, title="水费", reports=[report], by=cast.coordinator, at=NOW)
        member = Membership.objects.get(user=cast.grid_worker)
        found = look_up_reporter(report, member=member, reason="回访", by=cast.grid_worker, at=NOW)
        for at in (NOW + n * dt.timedelta(hours=7) for n in range(TRIES)):
            assert send(at) == 2
        first, second = not_arrived(cast.street)
        resend_message(first, by=admin, at=at)
        withdraw_message(second, reason="当面说过", by=admin, at=at)
        send(at)
        assert found is not None
        tamper(f"UPDATE {Reporter._meta.db_table} SET name = %s WHERE id = %s", f"别的{PHONE}", found.pk)
        job = ask_for(cast.street, JobKind.VERIFY, by=admin, at=at)
        do_jobs(me=holder(), now=lambda: NOW)
        export_trail(tmp_path, by=None, at=at)
    job.refresh_from_db()
    assert (gateway.handed[0].body["to"], job.state, case.number in everywhere()) == (PHONE, "done", True)
    assert job.findings
    files = [file.read_text() for file in tmp_path.rglob("*") if file.is_file()]
    people: list[User | Party] = [*User.objects.all(), *Party.objects.all()]
    copies = [write(held_on(who)) for write in (as_json, as_csv) for who in people]
    places = {"a table": everywhere(), "a log": caplog.text, "the trail's files": str(files), "a copy": str(copies)}
    assert len(files) == 1
    assert [place for place, said in places.items() if PHONE in said] == []


def test_without_a_gateway_it_is_written_to_the_log_without_the_telephone_and_delivered_to_nobody(
    cast: Cast, caplog: pytest.LogCaptureFixture
):
    set_gateway(cast.street, channel=Channel.SMS, address=CONSOLE, by=cast.administrator, at=NOW)
    turned_down(cast, PHONE)
    send(NOW)
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
