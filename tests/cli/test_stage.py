"""`hege story` plays in a database of its own, and never in that of the office."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from django.core import management
from django.core.management import CommandError, call_command

from hege.cli.main import main
from hege.cli.stage import SET

OFFICE = "sqlite:////var/lib/hege/hege.sqlite3"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The environment that the settings would see."""
    found: list[dict[str, str]] = []
    for name in ("HEGE_DATABASES", SET):
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)
    monkeypatch.setenv("HEGE_DATABASE_URL", OFFICE)
    monkeypatch.setattr(os, "umask", lambda _mask: 0)
    monkeypatch.setattr(management, "execute_from_command_line", lambda _words: found.append(dict(os.environ)))
    return found


def test_a_story_plays_in_a_file_that_is_gone_afterwards(seen: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HEGE_DATABASES", "north=sqlite:////srv/north.sqlite3")
    monkeypatch.setattr(sys, "argv", ["hege", "story", "water", "--json"])
    main()
    (environment,) = seen
    assert (environment[SET], "HEGE_DATABASES" in environment) == ("1", False)
    file = Path(environment["HEGE_DATABASE_URL"].removeprefix("sqlite:///"))
    assert (file.name, file.parent.exists()) == ("story.sqlite3", False)


@pytest.mark.parametrize("said", [["--database", "sqlite:////tmp/empty"], ["--database=sqlite:////tmp/empty"]])
def test_or_in_the_database_that_is_named(said: list[str], seen: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["hege", "story", "water", *said])
    main()
    assert [environment["HEGE_DATABASE_URL"] for environment in seen] == ["sqlite:////tmp/empty"]


def test_any_other_command_is_about_the_database_of_the_office(
    seen: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "argv", ["hege", "verify"])
    main()
    assert [(environment["HEGE_DATABASE_URL"], SET in environment) for environment in seen] == [(OFFICE, False)]


@pytest.mark.django_db
def test_without_its_own_database_it_does_not_play(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(SET, raising=False)
    with pytest.raises(CommandError, match="hege story"):
        call_command("story", "water")
