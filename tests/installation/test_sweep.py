"""What has served its time leaves, a few rows at a time; nothing that is still needed does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command

from hege.cli.work import keep_what_is_due
from hege.imports.models import Pile, StagedFile
from hege.installation import actions
from hege.installation.actions import MESSAGES_FOR, SWEPT, sweep
from hege.outbox.models import Message
from hege.outbox.rules import Channel, Event, MessageState
from hege.people.models import Session, SignInFailure, User
from hege.privacy.rules import TABLE
from hege.trail.actions import record_upkeep
from hege.trail.models import IdempotencyKey, Upkeep, UpkeepKind
from tests.cast import NOW

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def clerk() -> User:
    return User.objects.create_user("clerk")


def a_day_of(clerk: User, street, day: int, *, at: dt.datetime) -> None:
    """What a day leaves behind: a sign-in, a wrong password, a form, a pile nobody confirmed, a backup."""
    Session.objects.create(session_key=f"{day:040}", user=clerk, expire_date=at + dt.timedelta(hours=12))
    SignInFailure.objects.create(username="clerk", at=at)
    IdempotencyKey.objects.create(key=str(day), asked="", by=clerk, at=at)
    pile = Pile.objects.create(street=street, owner=clerk, created_at=at, expires_at=at + dt.timedelta(hours=4))
    StagedFile.objects.create(
        street=street,
        owner=clerk,
        pile=pile,
        name="f",
        sha256="",
        content=b"f",
        created_at=at,
        expires_at=pile.expires_at,
    )
    record_upkeep(UpkeepKind.BACKUP, well=True, at=at)


def counts() -> dict[str, int]:
    models = (Session, SignInFailure, IdempotencyKey, Pile, StagedFile, Upkeep)
    return {model.__name__: model.objects.count() for model in models}


def test_a_year_of_days_leaves_no_more_than_its_last_weeks(clerk: User, street, monkeypatch):
    monkeypatch.setattr(actions, "UPKEEP_KEPT", 40)
    monkeypatch.setattr(actions, "ROWS_AT_ONCE", 2)
    for day in range(365):
        at = NOW + day * DAY
        a_day_of(clerk, street, day, at=at)
        if day % 7 == 6:
            sweep(by=None, at=at + dt.timedelta(hours=1))
    sweep(by=None, at=at + dt.timedelta(hours=1))
    assert counts() == {
        "Session": 1, "SignInFailure": 1, "IdempotencyKey": 30, "Pile": 1, "StagedFile": 1, "Upkeep": 81,
    }  # fmt: skip


def test_what_is_still_needed_stays(clerk: User, street):
    at = NOW
    a_day_of(clerk, street, 1, at=at)
    before = counts()
    assert sum(sweep(by=None, at=at + dt.timedelta(hours=3)).values()) == 0
    assert counts() == {**before, "Upkeep": 2}
    IdempotencyKey.objects.update(at=at - 30 * DAY)
    assert sweep(by=None, at=at)["trail.IdempotencyKey"] == 0


def told(clerk: User, street, n: int, *, at: dt.datetime) -> None:
    """A thing somebody is told of, at the bell and by mail, of which one did not arrive and one waits for its gateway."""
    said = {"street": street, "event": Event.TASK_GIVEN, "about": "cases.task", "about_id": n, "user": clerk, "at": at}
    states = (MessageState.DELIVERED, MessageState.PERHAPS_TWICE, MessageState.WRITTEN, MessageState.WITHDRAWN)
    Message.objects.create(channel=Channel.BELL, state=MessageState.DELIVERED, **said)
    Message.objects.create(channel=Channel.MAIL, state=states[n % 4], **said)


def test_messages_of_half_a_year_are_kept_however_many_years_go_by(clerk: User, street, monkeypatch):
    monkeypatch.setattr(actions, "ROWS_AT_ONCE", 50)
    for week in range(3 * 52):
        told(clerk, street, week, at=NOW + 7 * week * DAY)
        if week % 4 == 3:
            sweep(by=None, at=NOW + 7 * week * DAY)
    assert Message.objects.count() == 2 * (MESSAGES_FOR // (7 * DAY) + 1)


def test_a_message_that_waits_or_that_nobody_has_decided_about_stays(clerk: User, street):
    kept = [MessageState.WAITING, MessageState.SENDING, MessageState.DEAD]
    for n, state in enumerate(MessageState):
        told(clerk, street, n, at=NOW)
        Message.objects.filter(about_id=n, channel=Channel.MAIL).update(state=state)
    sweep(by=None, at=NOW + MESSAGES_FOR)
    assert Message.objects.count() == 2 * len(MessageState)
    sweep(by=None, at=NOW + MESSAGES_FOR + DAY)
    assert sorted(Message.objects.values_list("state", flat=True)) == sorted(kept)


def test_a_sweep_says_how_many_of_which(clerk: User, street):
    for day in range(3):
        a_day_of(clerk, street, day, at=NOW)
    sweep(by=None, at=NOW + 2 * DAY)
    said = Upkeep.objects.get(kind=UpkeepKind.SWEEP)
    assert said.well
    assert said.data["rows"] == {
        "people.Session": 3, "people.SignInFailure": 3, "imports.StagedFile": 3, "imports.Pile": 3,
    }  # fmt: skip


def test_every_table_of_which_the_privacy_table_says_that_old_rows_leave_is_swept():
    by_its_own_action = {"people.FormerPassword"}  # with each new one
    assert {label for label, rows in TABLE.items() if rows.kept.swept} - by_its_own_action == SWEPT.keys()


def test_the_watch_sweeps_once_a_day(street):
    for hour in (0, 1, 24):
        keep_what_is_due(NOW + dt.timedelta(hours=hour))
    assert Upkeep.objects.filter(kind=UpkeepKind.SWEEP).count() == 2


def test_the_daily_run_sweeps(street, capsys):
    call_command("daily")
    assert "清理过期数据 0 行" in capsys.readouterr().out
    assert Upkeep.objects.filter(kind=UpkeepKind.SWEEP).count() == 1
