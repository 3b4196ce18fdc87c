"""What a child process that looks at a foreign file says: one line of JSON, then bytes; or why it says no.

It knows nothing of the house, so that the child starts quickly and has nothing to lose.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple


class No(Exception):
    """Not taken: a text of the catalogue and its values."""

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text)
        self.text, self.values = text, values


class Answer(NamedTuple):
    """What was found, and the parts that follow the line: their bytes."""

    found: dict[str, Any]
    parts: tuple[bytes, ...] = ()


def _(text: str) -> str:
    """Marks a text for the catalogue; whoever hears of it translates."""
    return text


DAMAGED = _("“%(name)s”已损坏，打不开；请重新拍照或导出。")


def asked(question: dict[str, Any], data: bytes) -> bytes:
    """What goes into a child: a line of JSON, then the file."""
    return json.dumps(question).encode() + b"\n" + data


def answer(look: Callable[[dict[str, Any], bytes], Answer]) -> None:
    """Read the question and the file, look, and say what was found. Memory that ran out ends the child."""
    question, data = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    try:
        found, parts = look(question, data)
    except No as no:
        found, parts = {"refused": no.text, "values": no.values}, ()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # whatever a foreign file makes a parser raise: it cannot be read
        found, parts = {"refused": DAMAGED, "values": {}}, ()
    out = sys.stdout.buffer
    out.write(json.dumps({**found, "parts": [len(part) for part in parts]}).encode() + b"\n")
    for part in parts:
        out.write(part)
    out.flush()


def heard(said: bytes) -> Answer:
    """What a child said, taken apart again."""
    line, _newline, rest = said.partition(b"\n")
    found = json.loads(line)
    parts, at = [], 0
    for size in found.pop("parts"):
        parts.append(rest[at : at + size])
        at += size
    return Answer(found, tuple(parts))
