"""The key file of another installation, and the database of a newer program: told in a sentence, and nothing is written."""

from __future__ import annotations

import json
from contextlib import suppress
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from hege.cli import management
from hege.cli.command import HegeCommand
from hege.installation.queries import findings
from hege.installation.rules import State
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.kernel.schema import unknown_migrations
from hege.trail.actions import accept_lost_key, record
from hege.trail.models import TrailLine, Upkeep, UpkeepKind
from hege.trail.queries import walk_chain
from tests.cast import NOW, Cast, another_seal_key

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SETUP = ("setup", "--street", "310117999", "--name", "别的街道", "--password-stdin")


@pytest.fixture
def foreign(cast: Cast) -> Cast:
    """A street whose trail ends with another key, which is not at hand."""
    with another_seal_key():
        record("try", cast.street, street=cast.street, by=None, at=NOW)
    return cast


@pytest.fixture
def newer() -> None:
    """What a newer program leaves behind."""
    MigrationRecorder(connection).record_applied("ledger", "9999_of_next_year")


def found(code: str) -> list[tuple[State, str]]:
    return [(f.state, f.text) for f in findings(at=clock.now()) if f.code == code]


# -- the key of another installation -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("migrate",), SETUP, ("serve", "--port", "28643"), ("daily",), ("key",)])
def test_commands_say_which_key_is_missing_and_write_nothing(foreign: Cast, command: tuple[str, ...], monkeypatch):
    monkeypatch.setattr("os.execv", lambda *_words: pytest.fail("the site was started"))
    lines = TrailLine.objects.count()
    with pytest.raises((CommandError, Refused), match="密钥 0123456789ab 封存的，这里没有这把密钥"):
        call_command(*command, stdout=StringIO())
    assert TrailLine.objects.count() == lines


def test_the_check_names_the_missing_key(foreign: Cast):
    ((state, text),) = found("seal_key")
    assert (state, "0123456789ab" in text, "HEGE_SEAL_KEYS_OLD" in text) == (State.MEND, True, True)


def test_no_act_goes_on_with_a_key_that_does_not_follow(foreign: Cast):
    with pytest.raises(Refused, match="0123456789ab"):
        record("try", foreign.street, street=foreign.street, by=None, at=NOW)


@pytest.mark.both
def test_after_a_key_was_lost_for_good_an_administrator_goes_on_by_command(foreign: Cast):
    with pytest.raises(CommandError, match="--by"):
        call_command("key", "--lost", "--reason", "机器烧了")
    by = foreign.administrator
    call_command("key", "--lost", "--reason", "机器烧了", "--by", by.username, stdout=StringIO())
    line = TrailLine.objects.filter(street=foreign.street).latest("seq")
    assert (line.verb, line.by, line.data["reason"]) == ("change_seal_key", by, "机器烧了")
    record("try", foreign.street, street=foreign.street, by=None, at=NOW)
    whole = walk_chain(foreign.street)
    assert (whole.faults, [lost.key for lost in whole.unchecked]) == ([], ["0123456789ab"])
    assert whole.declared == {"0123456789ab": line.seq}
    ((state, _text),) = found("seal_key")
    assert state is State.OK


def test_lines_before_a_key_that_was_lost_for_good_are_told_by_verify_and_do_not_fail_it(foreign: Cast):
    code = foreign.street.code

    def verified() -> dict[str, Any]:
        said = StringIO()
        with suppress(CommandError):
            call_command("verify", "--json", stdout=said)
        return dict(json.loads(said.getvalue()))

    before = verified()
    assert (before["verified"], len(before["unchecked"][code]), "declared" in before) == (False, 1, False)
    accept_lost_key(foreign.street, reason="机器烧了", by=foreign.administrator, at=clock.now())
    after = verified()
    assert (after["verified"], after["unchecked"][code], len(after["declared"][code])) == (True, [], 1)
    assert Upkeep.objects.filter(kind=UpkeepKind.VERIFY).latest("pk").well


def test_a_line_that_cannot_itself_be_checked_declares_no_key_lost(foreign: Cast, settings: Any):
    accept_lost_key(foreign.street, reason="机器烧了", by=foreign.administrator, at=clock.now())
    settings.SEAL_KEYS = {}
    whole = walk_chain(foreign.street)
    assert (len(whole.unchecked), whole.declared) == (2, {})


def test_a_key_that_is_at_hand_is_not_lost_and_only_an_administrator_says_so(cast: Cast, foreign: Cast):
    with pytest.raises(Refused, match="现任的管理员"):
        accept_lost_key(foreign.street, reason="没了", by=foreign.clerk, at=clock.now())
    with another_seal_key(), pytest.raises(Refused, match="不用这样办"):
        accept_lost_key(foreign.street, reason="没了", by=foreign.administrator, at=clock.now())


# -- the database of a newer program -----------------------------------------------------------------------------------

#: What may be run on the database of a newer program: to look at it, and to put the copy taken before in its place.
#: `serve` asks by itself once its port is free, `demo` as it migrates; `honours` and `city` ask no database.
FOR_ANY = {"check", "city", "demo", "honours", "restore", "serve"}


def test_every_command_minds_a_newer_database_but_those_for_it():
    names = [path.stem for path in (Path(management.__file__).parent / "commands").glob("[a-z]*.py")]
    commands = {name: import_module(f"hege.cli.management.commands.{name}").Command for name in names}
    ours = {name: command for name, command in commands.items() if issubclass(command, HegeCommand)}
    assert commands.keys() - ours.keys() == {"migrate"}
    assert {name for name, command in ours.items() if not command.minds_newer} == FOR_ANY


@pytest.mark.both
@pytest.mark.parametrize("command", [("migrate",), SETUP, ("serve", "--port", "28643"), ("daily",), ("backup", "x")])
def test_commands_refuse_a_newer_database_and_say_what_to_do(newer: None, command: tuple[str, ...], monkeypatch):
    monkeypatch.setattr("os.execv", lambda *_words: pytest.fail("the site was started"))
    with pytest.raises((CommandError, Refused), match=r"更新版本的合格升级过（ledger\.9999_of_next_year）"):
        call_command(*command, stdout=StringIO())


def test_the_check_says_that_the_database_is_newer(newer: None):
    ((state, text),) = found("migrations")
    assert (state, "ledger.9999_of_next_year" in text) == (State.MEND, True)


def test_what_was_replaced_or_is_not_ours_is_not_newer():
    assert (
        unknown_migrations([("ledger", "0001_initial"), ("ledger", "0001_squashed_2026_11"), ("gone", "0042_away")])
        == []
    )
