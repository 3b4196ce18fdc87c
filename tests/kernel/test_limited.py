"""A parser that aborts, loops or eats memory is ended, and one line of the log says so."""

from __future__ import annotations

import logging
import time

import pytest

from hege.imports.sheets import read_sheets
from hege.imports.workbook import ZIP
from hege.kernel import limited
from hege.kernel.refused import Refused

MODULE = "hege.imports.workbook"
LIMITS = limited.Limits(memory=1 << 30, cpu_seconds=60, seconds=120)


def parser(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the child do something else instead of reading."""
    start = limited.START.replace("importlib.import_module(module).main()", text)
    assert start != limited.START
    monkeypatch.setattr(limited, "START", start)


@pytest.mark.parametrize(
    "text",
    [
        "import os; os.abort()",
        "x = bytearray(1 << 34)",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.write(2, b'panicked at src/x.rs'); sys.exit(101)",
    ],
)
def test_a_parser_that_dies_is_ended_with_a_line_in_the_log(
    text: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    parser(text, monkeypatch)
    with caplog.at_level(logging.WARNING), pytest.raises(limited.Ended):
        limited.run(MODULE, b"x" * 5632, LIMITS)
    assert [(r.name, "5632 bytes" in r.getMessage()) for r in caplog.records] == [("hege.kernel.limited", True)]
    assert capfd.readouterr() == ("", "")


def test_who_sent_a_workbook_that_kills_its_reader_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch):
    parser("import os; os.abort()", monkeypatch)
    with pytest.raises(Refused, match="内存或时间大得不正常"):
        read_sheets(ZIP + bytes(100))


@pytest.mark.slow
def test_a_parser_that_thinks_too_long_is_ended(monkeypatch: pytest.MonkeyPatch):
    parser("\nwhile True: pass", monkeypatch)
    started = time.monotonic()
    with pytest.raises(limited.Ended):
        limited.run(MODULE, b"", LIMITS._replace(cpu_seconds=1))
    assert time.monotonic() - started < LIMITS.seconds


def test_a_parser_that_waits_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch):
    parser("import time; time.sleep(100)", monkeypatch)
    with pytest.raises(limited.Ended):
        limited.run(MODULE, b"", LIMITS._replace(seconds=1))


def test_a_parser_sees_neither_the_secrets_nor_the_settings_of_the_house(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HEGE_SECRET_KEY", "secret")
    parser("import os; print(sorted(os.environ), 'django' in sys.modules)", monkeypatch)
    assert b"HEGE" not in limited.run(MODULE, b"", LIMITS)
    monkeypatch.undo()
    parser("importlib.import_module(module); print([m for m in sys.modules if m.startswith('django')])", monkeypatch)
    assert limited.run(MODULE, b"", LIMITS).strip() == b"[]"
