"""A refusal a person can read (拒绝办理)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.functional import Promise


class Refused(Exception):
    """Raised by a rule or an action that says no; ``reason`` is a whole sentence for the person who asked.

    ``Refused(_("还欠 %(fen)s 元。"), fen=yuan(owed))``: the ``values`` stand for the names in the sentence, which is taken
    as it is where there are none. ``field`` names the form field to mend, where one field is at fault. Anything else that
    is raised is a bug and goes to the log.
    """

    def __init__(self, sentence: str | Promise, /, *, field: str | None = None, **values: object) -> None:
        self.reason = sentence % values if values else sentence
        super().__init__(self.reason)
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


class RefusedAll(Refused):
    """Several refusals of one act, told together, each with its field; it reads as the first of them."""

    def __init__(self, refusals: Sequence[Refused]) -> None:
        super().__init__(refusals[0].reason, field=refusals[0].field)
        self.refusals = refusals


class Stale(Refused):
    """The page was looked at before somebody else changed the same thing: answered with 409."""
