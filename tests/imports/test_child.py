"""A parser that aborts, loops or eats memory is a sentence and one line of the log."""

from __future__ import annotations

import logging
import time

import pytest

from hege.imports import child
from hege.kernel.refused import Refused

MODULE = "hege.imports.workbook"


def parser(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the child do something else instead of reading."""
    start = child.START.replace("importlib.import_module(module).main()", text)
    assert start != child.START
    monkeypatch.setattr(child, "START", start)


@pytest.mark.parametrize(
    "text",
    [
        "import os; os.abort()",
        "x = bytearray(1 << 34)",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.write(2, b'panicked at src/x.rs'); sys.exit(101)",
    ],
)
def test_a_parser_that_dies_is_a_sentence_and_a_line_in_the_log(
    text: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    parser(text, monkeypatch)
    with caplog.at_level(logging.WARNING), pytest.raises(Refused, match="内存或时间大得不正常"):
        child.run(MODULE, b"x" * 5632)
    assert [(r.name, "5632 bytes" in r.getMessage()) for r in caplog.records] == [("hege.imports.child", True)]
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_a_parser_that_thinks_too_long_is_ended(monkeypatch: pytest.MonkeyPatch):
    parser("\nwhile True: pass", monkeypatch)
    monkeypatch.setattr(child, "MOST_CPU_SECONDS", 1)
    started = time.monotonic()
    with pytest.raises(Refused):
        child.run(MODULE, b"")
    assert time.monotonic() - started < child.MOST_SECONDS


def test_a_parser_that_waits_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch):
    parser("import time; time.sleep(100)", monkeypatch)
    monkeypatch.setattr(child, "MOST_SECONDS", 0.5)
    with pytest.raises(Refused):
        child.run(MODULE, b"")


def test_a_parser_sees_neither_the_secrets_nor_the_settings_of_the_house(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HEGE_SECRET_KEY", "secret")
    parser("import os; print(sorted(os.environ), 'django' in sys.modules)", monkeypatch)
    assert b"HEGE" not in child.run(MODULE, b"")
    monkeypatch.undo()
    parser("importlib.import_module(module); print([m for m in sys.modules if m.startswith('django')])", monkeypatch)
    assert child.run(MODULE, b"").strip() == b"[]"
