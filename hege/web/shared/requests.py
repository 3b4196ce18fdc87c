"""Requests about cases and tasks on the pages (申请): what is asked for, who asks, and who may say yes or no to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from hege.cases.models import CaseRequest
from hege.cases.queries import deciders_of
from hege.cases.rules import RequestKind, check_may_decide, who_decides
from hege.kernel.refused import allows
from hege.web.access import Desk
from hege.web.jinja import daylong, dots, instant
from hege.web.marks import Button, Text

#: What somebody asks for, what a yes is called, and what holds until then.
WORDS: dict[RequestKind, tuple[Text, Text, Text]] = {
    RequestKind.DUE: (_lazy("申请改到 %(day)s"), _lazy("同意改期"), _lazy("同意前期限不变")),
    RequestKind.HOLD: (_lazy("申请缓办到 %(day)s"), _lazy("同意缓办"), _lazy("同意前时限照走")),
    RequestKind.VOID: (_lazy("申请作废本案"), _lazy("作废本案"), _lazy("同意后来件放出来重新核实，案号不再用")),
}


def asks_for(asked: CaseRequest) -> str:
    """What is asked for, in a few words."""
    said, _yes, _until = WORDS[RequestKind(asked.kind)]
    return str(said) % {"day": daylong(asked.due_on or asked.until_on)}


def who_asks(asked: CaseRequest) -> str:
    """Who asks, as it was written down."""
    return asked.asked_by.full_name if asked.asked_by else asked.on_behalf


class Asked(NamedTuple):
    """A request that waits, as the page of its thing shows it."""

    title: str
    reason: str
    note: str
    buttons: list[Button]


def shown_request(asked: CaseRequest | None, desk: Desk, *, own: bool, to: Callable[[str], str]) -> Asked | None:
    """The request that waits about a thing, with a yes and a no for who may decide; ``own``: they act for who has it.

    ``to``: the address of "agree" and of "refuse".
    """
    if asked is None:
        return None
    _said, yes, until = WORDS[RequestKind(asked.kind)]
    may = allows(check_may_decide, asked_by=asked.asked_by_id, by=desk.user.pk, own=own)
    buttons = [
        Button(yes, to("agree"), "check", main=True, hidden={"shown": asked.pk}),
        Button(_("不同意"), to("refuse"), "x"),
    ]
    thing = asked.task or asked.case
    nobody = not may and thing is not None and not deciders_of(thing, but=asked.asked_by, on=desk.today)
    note = dots([who_asks(asked), instant(asked.asked_at), until, who_decides(0) if nobody else ""])
    return Asked(asks_for(asked), asked.reason, note, buttons if may and desk.may("cases.dispatch") else [])
