"""What the page of gateways shows: each channel with its limits and how its messages stand, and what did not arrive."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hege.outbox.models import Gateway, Message
from hege.outbox.queries import Counts, counts_of, gateways_of
from hege.outbox.rules import CONSOLE, FOLDER, OUTSIDE, Channel
from hege.people.models import Street
from hege.web.marks import Chip

SINCE = dt.timedelta(days=30)
NONE = Counts(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """A channel on the page."""

    channel: Channel
    gateway: Gateway | None
    counts: Counts

    @property
    def mark(self) -> Chip:
        """Whether it sends."""
        if self.gateway is None:
            return Chip(_("没有设"))
        if self.gateway.on and self.gateway.host == CONSOLE:
            return Chip(_("只写日志，不发出"), "amber")
        if self.gateway.on and self.gateway.host == FOLDER:
            return Chip(_("写进文件夹，由单位自己的设备发"), "water")
        return Chip(_("在用"), "green", "check") if self.gateway.on else Chip(_("暂时停用"), "amber")

    @property
    def limits(self) -> str:
        """Its limits in words."""
        if self.gateway is None:
            return ""
        said = [
            (self.gateway.most_bytes, _("每条 %(n)s 字节")), (self.gateway.a_minute, _("每分钟 %(n)s 条")),
            (self.gateway.a_month, _("每月 %(n)s 条")),
        ]  # fmt: skip
        return _("、").join(words % {"n": n} for n, words in said if n) or _("不限")


def lines(street: Street, *, at: dt.datetime) -> list[Line]:
    """Every channel that leaves the house; two queries."""
    there = {gateway.channel: gateway for gateway in gateways_of(street)}
    counts = counts_of(street, since=at - SINCE)
    return [Line(channel, there.get(channel), counts.get(channel, NONE)) for channel in OUTSIDE]


def matter(message: Message) -> str:
    """What it was about; of what was for a reporter no number, which would name their report."""
    return f"{message.get_event_display()} {message.number if message.user else ''}".strip()


def addressee(message: Message) -> str | Promise:
    """Whom a message was for; of a reporter or a member nothing but that it was one."""
    if message.user:
        return message.user.full_name
    return pgettext("一位", "成员") if message.member_of else _("反映人")
