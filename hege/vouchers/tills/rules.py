"""What a till is told of a voucher: why it may not be taken, since when or where; what was noted offline; taking back.

A fault comes with the facts that its sentence names (``Finding``); the page says them to the shop, and what to tell the
customer. Instants are aware, days are Shanghai days, hours are minutes after midnight, half-open.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_high
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY
from hege.kernel.checks import check_words
from hege.kernel.clock import SHANGHAI, day_of, start_of
from hege.kernel.refused import Refused


class ScanFault(TextChoices):
    """Why a voucher is not taken (收不了的原因), in the words the shop reads first."""

    OLD = "old", _("码过期了")
    USED = "used", _("已经用过")
    OTHER_SHOP = "other_shop", _("不是您家的券")
    OTHER_HOUR = "other_hour", _("现在不到时候")
    NOT_YET = "not_yet", _("还没到能用的日子")
    OVER = "over", _("券过期了")
    STOPPED = "stopped", _("这批券停用了")
    CLOCK = "clock", _("顾客手机的钟不对")
    UNKNOWN = "unknown", _("不认得这个码")
    OTHER_STREET = "other_street", _("另一个街道的券")
    BUSY = "busy", _("街道系统忙")
    WRONG = "wrong", _("数字不对")
    TRIED = "tried", _("这张券试错太多次")
    WITHDRAWN = "withdrawn", _("这张券收回了")
    # of what was noted offline
    TWO_CONTENTS = "two_contents", _("同一编号两种内容")
    TOO_LATE = "too_late", _("送出太晚")
    OVER_CAP = "over_cap", _("超过离线能记的数")
    SHOP_CLOCK = "shop_clock", _("本店手机的钟不对")


#: Try again, or noted only; every other fault means: do not take it.
AMBER = frozenset({ScanFault.CLOCK, ScanFault.BUSY, ScanFault.SHOP_CLOCK})


@dataclass(frozen=True, slots=True)
class Terms:
    """When a voucher may be used: from a day until before another, on these weekdays (0 is Monday; none: all), within these
    hours as pairs of minutes after midnight (none: all day)."""

    from_on: dt.date
    until_on: dt.date
    weekdays: frozenset[int] = frozenset()
    hours: tuple[tuple[int, int], ...] = ()

    @property
    def last_on(self) -> dt.date:
        """The last day, as people say it."""
        return self.until_on - DAY


@dataclass(frozen=True, slots=True)
class Use:
    """When and where a voucher was used; ``here``: in the shop that asks."""

    at: dt.datetime
    shop: str
    here: bool


@dataclass(frozen=True, slots=True)
class End:
    """How a voucher ended without being used: by its day, taken back, or with its whole batch, for what reason."""

    fault: ScanFault
    at: dt.datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a voucher is not taken, with the facts of its sentence; what a fault does not need stays empty."""

    fault: ScanFault
    at: dt.datetime | None = None
    on: dt.date | None = None
    shops: tuple[str, ...] = ()
    here: bool = False
    minutes: int = 0
    terms: Terms | None = None
    words: str = ""

    @property
    def amber(self) -> bool:
        """Whether the shop may try again."""
        return self.fault in AMBER


class NotTaken(Refused):
    """A till may not take a voucher (不收); ``finding`` says why, for the page that says it in three sentences."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.fault.label, field="code")
        self.finding = finding


# -- the code --------------------------------------------------------------------------------------------------------------

#: How long a step of the moving code lasts (RFC 6238), and how many steps beside the present one are taken.
STEP, SLACK = dt.timedelta(seconds=30), 1
#: Of a scan that was noted offline: the shop's clock is put right by what it says when it sends, to about a minute.
SLACK_OFFLINE = 3
#: So many wrong codes for one voucher within an hour, and its codes are no longer looked at: they are being guessed.
WRONG_CODES, GUESSING = 20, dt.timedelta(hours=1)


def code_finding(off: int | None, *, at: dt.datetime, slack: int = SLACK) -> Finding | None:
    """What is wrong with a moving code that is ``off`` steps from the present one, before it where below zero.

    None: it is of none that was looked through. A code of before was waited too long with, one of later is of a clock that
    is ahead.
    """
    if off is None:
        return Finding(ScanFault.WRONG)
    if off < -slack:
        return Finding(ScanFault.OLD, at=at + off * STEP)
    if off > slack:
        return Finding(ScanFault.CLOCK, minutes=max(1, off * STEP.seconds // 60))
    return None


# -- the voucher -----------------------------------------------------------------------------------------------------------


def voucher_finding(
    *, terms: Terms, shops: Mapping[int, str], shop: int, used: Use | None, ended: End | None, at: dt.datetime
) -> Finding | None:
    """Why a shop may not take a voucher whose code was right, None where it may.

    ``shops``: where it may be used, by key.
    """
    if used is not None:
        return Finding(ScanFault.USED, at=used.at, shops=(used.shop,), here=used.here)
    if ended is not None:
        return Finding(ended.fault, at=ended.at, on=terms.last_on, words=ended.words)
    if shop not in shops:
        return Finding(ScanFault.OTHER_SHOP, shops=tuple(shops.values()))
    return _window_finding(terms, at)


def _window_finding(terms: Terms, at: dt.datetime) -> Finding | None:
    today, local = day_of(at), at.astimezone(SHANGHAI)
    if today >= terms.until_on:
        return Finding(ScanFault.OVER, on=terms.last_on)
    if today < terms.from_on:
        return Finding(ScanFault.NOT_YET, at=_opens_after(terms, start_of(terms.from_on)))
    minute = local.hour * 60 + local.minute
    if _on_weekday(terms, today) and any(since <= minute < until for since, until in terms.hours or [(0, 24 * 60)]):
        return None
    return Finding(ScanFault.OTHER_HOUR, at=_opens_after(terms, at), on=today, terms=terms)


def _on_weekday(terms: Terms, day: dt.date) -> bool:
    return not terms.weekdays or day.weekday() in terms.weekdays


def _opens_after(terms: Terms, at: dt.datetime) -> dt.datetime | None:
    """When the next hours begin, at this instant or later; None where none come before the voucher ends."""
    day = max(day_of(at), terms.from_on)
    while day < terms.until_on:
        begins = [start_of(day) + dt.timedelta(minutes=since) for since, _until in sorted(terms.hours) or [(0, 0)]]
        later = [instant for instant in begins if instant >= at] if _on_weekday(terms, day) else []
        if later:
            return later[0]
        day += DAY
    return None


# -- taking back -----------------------------------------------------------------------------------------------------------

#: How long the till that took a voucher may give it back by itself.
REVERSAL = dt.timedelta(minutes=15)


def reversible_until(redeemed_at: dt.datetime) -> dt.datetime:
    """Until before when the till may take its redemption back."""
    return redeemed_at + REVERSAL


def check_reversal_by_till(*, redeemed_at: dt.datetime, is_reversed: bool, same_till: bool, at: dt.datetime) -> None:
    """A till takes back what it took itself, once, within fifteen minutes."""
    _check_not_reversed(is_reversed=is_reversed)
    if not same_till:
        raise Refused(_("这张是另一台收券台收的，只能在那一台上撤销，或者请街道撤销。"))
    if at >= reversible_until(redeemed_at):
        raise Refused(_("收下超过 15 分钟，收券台不能再撤销，请打街道电话。"))


def check_reversal_by_office(*, is_reversed: bool, reason: str) -> str:
    """A coordinator takes a redemption back at any time, once, for a reason; the reason without blanks around it."""
    _check_not_reversed(is_reversed=is_reversed)
    return check_words(reason)


def _check_not_reversed(*, is_reversed: bool) -> None:
    if is_reversed:
        raise Refused(_("这次核销已经撤销过，不能再撤。"))


# -- offline ---------------------------------------------------------------------------------------------------------------

#: What a till may note without a network: so many vouchers, so much that the payers would owe the shop for them.
OFFLINE_MOST, OFFLINE_MOST_FEN = 20, 50_000
#: What one sending may hold; a phone sends less, for it notes no more than ``OFFLINE_MOST``.
QUEUE_MOST = 200
#: How long after it was noted a scan may be sent.
OFFLINE_LIFE = dt.timedelta(hours=48)
#: By how much the shop's clock may be wrong; it is put right by that when it sends.
CLOCK_MOST = dt.timedelta(hours=12)
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_NUMBER = re.compile(r"[0-9]{8}")
_CODE = re.compile(r"[0-9]{6}")
_MS_MOST = 2**53


class Queued(NamedTuple):
    """A scan as a phone noted it without a network: ``at_ms`` by the phone's clock, in milliseconds since 1970."""

    nonce: str
    number: str
    code: str
    at_ms: int

    @property
    def content(self) -> str:
        """What was noted under its nonce, to tell the same from another."""
        return f"{self.number} {self.code} {self.at_ms}"


def read_queue(text: str) -> list[Queued]:
    """The scans of one sending, JSON as ``hege-till.js`` writes it; the same twice is once.

    ``Refused`` in words where it is too long or holds what no till page writes: then nothing of it is taken.
    """
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list):
        raise Refused(_("送来的离线记录读不懂，请重新打开收券台页面再送。"), field="scans")
    if len(rows) > QUEUE_MOST:
        raise Refused(
            _("一次最多送 %(most)d 张，这次有 %(n)d 张，一张都没有记下。请打街道电话。"),
            most=QUEUE_MOST, n=len(rows), field="scans",
        )  # fmt: skip
    return list(dict.fromkeys(_read_row(row, place) for place, row in enumerate(rows, 1)))


def _read_row(row: Any, place: int) -> Queued:
    said = row if isinstance(row, dict) else {}
    nonce, number, code, at_ms = (said.get(name) for name in Queued._fields)
    fine = (
        isinstance(nonce, str) and _NONCE.fullmatch(nonce)
        and isinstance(number, str) and _NUMBER.fullmatch(number)
        and isinstance(code, str) and _CODE.fullmatch(code)
        and type(at_ms) is int and 0 <= at_ms < _MS_MOST
    )  # fmt: skip
    if not fine:
        raise Refused(
            _("第 %(place)d 张离线记录读不懂，一张都没有记下。请重新打开收券台页面再送。"), place=place, field="scans"
        )
    assert isinstance(nonce, str)
    assert isinstance(number, str)
    assert isinstance(code, str)
    assert isinstance(at_ms, int)
    return Queued(nonce, number, code, at_ms)


def clock_ahead(sent_ms: int, *, now: dt.datetime) -> dt.timedelta:
    """By how much the phone's clock is ahead of ours, from what it said when it sent; below zero: behind."""
    return dt.timedelta(milliseconds=sent_ms) - (now - _EPOCH)


def noted_at(scan: Queued, *, ahead: dt.timedelta) -> dt.datetime:
    """When a scan was noted, by our clock."""
    return _EPOCH + dt.timedelta(milliseconds=scan.at_ms) - ahead


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: How far into the future a scan may lie after its clock was put right: sending takes a moment.
_FUTURE = dt.timedelta(minutes=2)


def queue_finding(
    noted: dt.datetime, *, ahead: dt.timedelta, opened_at: dt.datetime, now: dt.datetime
) -> Finding | None:
    """What is wrong with when a scan was noted: by a clock too far off, in the future, before the till was, too long ago."""
    if abs(ahead) > CLOCK_MOST or noted > now + _FUTURE or noted < opened_at - _FUTURE:
        return Finding(ScanFault.SHOP_CLOCK, at=noted, minutes=abs(ahead) // dt.timedelta(minutes=1))
    if noted < now - OFFLINE_LIFE:
        return Finding(ScanFault.TOO_LATE, at=noted)
    return None


def left_offline(*, noted: int, noted_fen: int, dearest_fen: int) -> int:
    """How many more vouchers a till may note, if each were the dearest that its shop takes; fen."""
    by_money = (OFFLINE_MOST_FEN - noted_fen) // dearest_fen if dearest_fen else OFFLINE_MOST
    return max(0, min(OFFLINE_MOST - noted, by_money))


class ConflictState(TextChoices):
    """What became of a scan that was noted offline and failed when it was sent (离线异常)."""

    OPEN = "open", _("等街道决定")
    REDEEMED = "redeemed", _("补记核销")
    PAID = "paid", _("照付给商户")
    DECLINED = "declined", _("不付")


@dataclass(frozen=True, slots=True)
class Conflict:
    """What deciding a conflict depends on: how it stands, whether its voucher is known, is free, and was used."""

    state: ConflictState
    known: bool
    free: bool


def check_decision(conflict: Conflict, to: ConflictState, *, reason: str) -> str:
    """Decide a conflict once, for a reason: take the voucher where it is free, else pay the shop all the same, or not.

    The reason without blanks around it.
    """
    said = check_words(reason)
    if conflict.state is not ConflictState.OPEN:
        raise Refused(_("这一条已经决定过：%(state)s。"), state=conflict.state.label)
    if to is ConflictState.OPEN:
        raise Refused(_("请选怎么办。"), field="to")
    if to is not ConflictState.DECLINED and not conflict.known:
        raise Refused(_("没有这个券号，不知道该付多少，只能不付。"), field="to")
    if to is ConflictState.REDEEMED and not conflict.free:
        raise Refused(_("这张券已经用过或者已经结束，不能补记；要付就选“照付给商户”。"), field="to")
    if to is ConflictState.PAID and conflict.free:
        raise Refused(_("这张券还没有用掉，请选“补记核销”，免得再用一次。"), field="to")
    return said


# -- what stands out -------------------------------------------------------------------------------------------------------

#: An hour of a shop stands out from so many redemptions on, and at more than so many times its middle hour.
HOUR_LEAST, HOUR_TIMES = 10, 3


class Hour(NamedTuple):
    """A shop's hour that stands out: how many redemptions, and how many its middle hour has."""

    shop: int
    begins_at: dt.datetime
    taken: int
    usual: int


def outstanding_hours(redeemed: Iterable[tuple[int, dt.datetime]]) -> list[Hour]:
    """Hours in which a shop took far more than it usually does (异常时段), from (shop, instant); the most first.

    Hours with none are not counted as usual: a shop may be open two hours a day.
    """
    counts: dict[int, dict[dt.datetime, int]] = defaultdict(lambda: defaultdict(int))
    for shop, at in redeemed:
        counts[shop][at.replace(minute=0, second=0, microsecond=0)] += 1
    found = []
    for shop, hours in counts.items():
        usual = median_high(hours.values())
        found += [Hour(shop, at, n, usual) for at, n in hours.items() if n >= HOUR_LEAST and n > HOUR_TIMES * usual]
    return sorted(found, key=lambda hour: (-hour.taken, hour.begins_at, hour.shop))


# -- tills and their links -------------------------------------------------------------------------------------------------

#: How long a link that opens a till is good.
LINK_LIFE = dt.timedelta(hours=24)
LONGEST_LABEL = 30


def check_link(
    *, until_at: dt.datetime, used_at: dt.datetime | None, ended_at: dt.datetime | None, at: dt.datetime
) -> None:
    """A link opens a till once, in time, and not after another was made in its place."""
    if used_at is not None:
        raise Refused(_("这个链接已经用过一次。要在另一台手机上收券，请街道再给一个。"))
    if ended_at is not None:
        raise Refused(_("这个链接已经作废，请用街道后来给您的那一个。"))
    if at >= until_at:
        raise Refused(_("这个链接过期了，请街道再给一个。"))


def check_open(ended_at: dt.datetime | None) -> None:
    """A till that was ended takes nothing any more."""
    if ended_at is not None:
        raise Refused(_("这台收券台已经停用。"))


@dataclass(frozen=True, slots=True)
class Taken:
    """What a shop has taken: how many, and what it is owed for them in fen."""

    count: int = 0
    fen: int = 0


def weekday_runs(weekdays: Sequence[int]) -> list[tuple[int, int]]:
    """Weekdays as runs of neighbours, first and last of each: 0, 1, 2, 5 -> (0, 2), (5, 5)."""
    runs: list[tuple[int, int]] = []
    for day in sorted(set(weekdays)):
        if runs and runs[-1][1] == day - 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
