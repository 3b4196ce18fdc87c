"""The console script: what is the office's to mend is a sentence, what is ours a traceback."""

from __future__ import annotations

import errno
import os
import sys

import pytest
from django.core import management
from django.db import IntegrityError, OperationalError

from hege.cli.main import main, told_of
from hege.kernel.refused import Refused


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("no such table: people_street", "hege setup"),
        ("unable to open database file", "HEGE_DATABASE_URL"),
        ('connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused\n\tIs', "HEGE_DATABASE_URL"),
        ("database is locked", "过一会儿"),
        ("database or disk is full", "腾出空间"),
        ("attempt to write a readonly database", "属主和权限"),
    ],
)  # fmt: skip
def test_what_the_database_says_is_told_in_a_sentence(said: str, word: str):
    told = told_of(OperationalError(said))
    assert told is not None
    assert word in told
    assert "\n" not in told


def test_any_other_error_of_the_database_stays_one():
    assert told_of(IntegrityError("UNIQUE constraint failed: people_street.code")) is None


def test_every_command_tells_a_full_disk_in_a_sentence(monkeypatch: pytest.MonkeyPatch):
    def full(_words: list[str]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(management, "execute_from_command_line", full)
    monkeypatch.setattr(sys, "argv", ["hege", "backup", "x"])
    monkeypatch.setattr(os, "umask", lambda _mask: 0)
    with pytest.raises(SystemExit, match="磁盘满了，什么也没有改"):
        main()


def test_a_file_that_is_closed_to_the_account_is_named_with_the_mend(settings):
    told = told_of(PermissionError(errno.EACCES, "Permission denied", "/home/clerk/meters.xlsx"))
    assert told is not None
    assert "/home/clerk/meters.xlsx" in told
    assert str(settings.DATA_DIR) in told
    assert told_of(PermissionError(errno.EPERM, "Operation not permitted")) is None


def test_every_command_tells_a_refusal_in_its_sentence(monkeypatch: pytest.MonkeyPatch):
    def refuse(_words: list[str]) -> None:
        raise Refused("本机时钟比留痕还早。")

    monkeypatch.setattr(management, "execute_from_command_line", refuse)
    monkeypatch.setattr(sys, "argv", ["hege", "daily"])
    monkeypatch.setattr(os, "umask", lambda _mask: 0)
    with pytest.raises(SystemExit, match="hege: 本机时钟比留痕还早。"):
        main()


def test_a_reader_who_leaves_early_is_told_nothing_more(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def gone(_argv: list[str]) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("django.core.management.execute_from_command_line", gone)
    kept = os.dup(1)
    with pytest.raises(SystemExit) as end:
        main()
    os.dup2(kept, 1)
    os.close(kept)
    assert (end.value.code, capfd.readouterr()) == (1, ("", ""))
