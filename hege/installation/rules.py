"""One thing looked at of an installation: how it stands, in words, and the mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a thing stands, as ``hege check --json`` says it."""

    OK = "ok"
    NOTE = "worth_knowing"
    MEND = "to_be_mended"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``code`` names it for programs and stays the same; ``text`` says what is, ``mend`` what to do
    about it in a sentence (empty where all is well)."""

    code: str
    state: State
    text: str
    mend: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is to be said against it."""
        return self.state is State.OK


def told(
    code: str,
    wrong: object,
    good: str,
    bad: str,
    mend: str,
    values: Mapping[str, object] | None = None,
    *,
    state: State = State.MEND,
) -> Finding:
    """What is said of one thing, be it fine or ``wrong``; all three sentences take the same ``values``."""
    said = values or {}
    if wrong:
        return Finding(code, state, bad % said, mend % said)
    return Finding(code, State.OK, good % said)
