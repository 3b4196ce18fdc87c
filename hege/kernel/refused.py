"""A refusal a person can read (拒绝办理)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise


class Refused(Exception):
    """Raised by a rule or an action that says no; ``reason`` is a whole sentence for the person who asked.

    ``field`` names the form field to mend, where one field is at fault. Anything else that is
    raised is a bug and goes to the log.
    """

    def __init__(self, reason: str | Promise, *, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field

    def __str__(self) -> str:
        return str(self.reason)


def refusal_of(check: Callable[..., object], **facts: Any) -> Refused | None:
    """What a rule says no with, None where it says yes: a page greys its button by the rule that refuses the act."""
    try:
        check(**facts)
    except Refused as refused:
        return refused
    return None


def allows(check: Callable[..., object], **facts: Any) -> bool:
    """Whether a rule says yes to an act: what a page asks for each of its buttons."""
    return refusal_of(check, **facts) is None


class Stale(Refused):
    """The page was looked at before somebody else changed the same thing: answered with 409."""
