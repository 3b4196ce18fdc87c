"""A refusal a person can read (拒绝办理)."""

from __future__ import annotations

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


class Stale(Refused):
    """The page was looked at before somebody else changed the same thing: answered with 409."""
