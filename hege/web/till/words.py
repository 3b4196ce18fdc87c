"""What a shop reads when a voucher is not taken: what is wrong, since when or where, what to say to the customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hege.kernel.several import several
from hege.vouchers.sentences import weekday_said, when_said
from hege.vouchers.tills.rules import Finding, ScanFault
from hege.web.jinja import day, instant

MOST_SHOPS = 3


@dataclass(frozen=True, slots=True)
class Card:
    """Three sentences in a frame: red where the voucher is not to be taken, amber where the shop may try again."""

    title: str
    fact: str
    say: str
    tone: str = "red"

    @property
    def icon(self) -> str:
        """The sign beside the title, which says the same as the colour."""
        return "alert-triangle" if self.tone == "amber" else "circle-x"


def card_of(finding: Finding, *, street: str) -> Card:
    """The sentences of a finding, in the words of the present language; ``street``: the one whose till asks."""
    fact, say = _SENTENCES[finding.fault](finding, street)
    return Card(str(finding.fault.label), fact, say, "amber" if finding.amber else "red")


def _old(f: Finding, _street: str) -> tuple[str, str]:
    fact = _("这组数字是 %(at)s 的。新的也这样，就是顾客手机的钟慢了。") % {"at": _time(f)}
    return fact, _("请您等新的数字出来，我再扫一次。")


def _used(f: Finding, _street: str) -> tuple[str, str]:
    fact = _("%(at)s 在本店用过，是同一张券。") if f.here else _("%(at)s 在“%(shop)s”用过，是同一张券。")
    return fact % {"at": instant(f.at), "shop": "".join(f.shops)}, _("这张用过了，您看看还有没有别的券。")


def _other_shop(f: Finding, _street: str) -> tuple[str, str]:
    if not f.shops:
        return _("现在没有哪家店收这张。"), _("这张现在用不了，请您打街道电话问。")
    shops = _("、").join(f.shops[:MOST_SHOPS])
    if len(f.shops) > MOST_SHOPS:
        shops = several("%(shops)s等 %(n)d 家店") % {"shops": shops, "n": len(f.shops)}
    return _("这张只在 %(shops)s 用。") % {"shops": shops}, _("这张要去 %(shops)s 用。") % {"shops": shops}


def _other_hour(f: Finding, _street: str) -> tuple[str, str]:
    assert f.terms is not None
    assert f.on is not None
    today = {"when": when_said(f.terms.weekdays, f.terms.hours), "today": weekday_said(f.on.weekday())}
    fact = _("%(when)s能用，今天%(today)s。") % today
    if f.at is None:
        return fact, _("这张以后没有能用的时间了，可以找街道问新的。")
    return fact, _("%(at)s 以后再来就能用。") % {"at": instant(f.at)}


def _not_yet(f: Finding, _street: str) -> tuple[str, str]:
    if f.at is None:
        return _("还没到能用的日子。"), _("这张现在用不了，请您打街道电话问。")
    return _("%(at)s 起能用。") % {"at": instant(f.at)}, _("%(at)s 以后再来就能用。") % {"at": instant(f.at)}


def _over(f: Finding, _street: str) -> tuple[str, str]:
    return _("到 %(day)s为止。") % {"day": day(f.on)}, _("这张过期了，可以找街道问新的。")


def _stopped(f: Finding, _street: str) -> tuple[str, str]:
    fact = _("%(at)s 停的：%(why)s。不是顾客的错，街道另外告诉过顾客。") % {
        "at": instant(f.at),
        "why": f.words.rstrip("。"),
    }
    return fact, _("这批停用了，街道给您发过消息。")


def _withdrawn(f: Finding, _street: str) -> tuple[str, str]:
    return _("%(at)s 街道收回的。") % {"at": instant(f.at)}, _("这张街道收回了，您可以打电话问为什么。")


def _clock(f: Finding, _street: str) -> tuple[str, str]:
    fact = _("快了约 %(minutes)d 分钟。") % {"minutes": f.minutes}
    return fact, _("请把手机时间改成“自动”，我再扫一次。")


def _unknown(_f: Finding, street: str) -> tuple[str, str]:
    fact = _("不是%(street)s的能量券，或者印坏了、打错了。") % {"street": street}
    return fact, _("请打开您的页面，点“出示券”，我再扫一次。")


def _wrong(_f: Finding, _street: str) -> tuple[str, str]:
    return _("这组数字不是这张券的。"), _("请把券号和现在的六位数字再报一次。")


def _tried(_f: Finding, _street: str) -> tuple[str, str]:
    return _("数字错了太多次，先停一停。"), _("这张先放一放，晚一点再用，或者请您打街道电话。")


def _noted(_f: Finding, _street: str) -> tuple[str, str]:
    return _("离线记的，送出时没有核对成。由街道决定，会写明理由。"), _("已经记下了，请放心。")


def _time(f: Finding) -> str:
    return instant(f.at).rpartition(" ")[2]


_SENTENCES: Mapping[ScanFault, Callable[[Finding, str], tuple[str, str]]] = {
    ScanFault.OLD: _old,
    ScanFault.USED: _used,
    ScanFault.OTHER_SHOP: _other_shop,
    ScanFault.OTHER_HOUR: _other_hour,
    ScanFault.NOT_YET: _not_yet,
    ScanFault.OVER: _over,
    ScanFault.STOPPED: _stopped,
    ScanFault.WITHDRAWN: _withdrawn,
    ScanFault.CLOCK: _clock,
    ScanFault.UNKNOWN: _unknown,
    ScanFault.WRONG: _wrong,
    ScanFault.TRIED: _tried,
    ScanFault.TWO_CONTENTS: _noted,
    ScanFault.TOO_LATE: _noted,
    ScanFault.OVER_CAP: _noted,
    ScanFault.SHOP_CLOCK: _noted,
    ScanFault.NO_BILL: _noted,
}
