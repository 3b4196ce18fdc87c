"""What the page of messages shows: one line for each matter, which opens to all that was told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hege.outbox.models import Message
from hege.outbox.queries import told_of
from hege.outbox.rules import SEVERAL
from hege.web.access import Desk


@dataclass(frozen=True, slots=True)
class Matter:
    """What was told of one matter, the newest first."""

    told: Sequence[Message]
    unread: int

    @property
    def newest(self) -> Message:
        return self.told[0]

    @property
    def number(self) -> str:
        """Which matter it is; empty where it has no number of its own."""
        number = self.newest.number
        return "" if number.startswith(SEVERAL) else number

    @property
    def earlier(self) -> Sequence[Message]:
        return self.told[1:]


def matters(desk: Desk, counted: Sequence[Mapping[str, Any]]) -> list[Matter]:
    """The lines of a part of ``outbox.queries.matters_of``; one query."""
    told = told_of(desk.user, desk.street, [row["matter"] for row in counted])
    return [Matter(told[row["matter"]], row["unread"]) for row in counted if told[row["matter"]]]


def step(message: Message) -> str:
    """What happened, and how many times where a message counts several."""
    number = message.number
    return f"{message.get_event_display()} {number}" if number.startswith(SEVERAL) else message.get_event_display()
