"""What a till is told of a voucher: why it may not be taken, since when or where; what was noted offline; taking back.

A fault comes with the facts that its sentence names (``Finding``); the page says them to the shop, and what to tell the
customer. Instants are aware, days are Shanghai days, hours are minutes after midnight, half-open.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median_high
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel import seal
from hege.kernel.calendar import DAY
from hege.kernel.checks import check_words
from hege.kernel.clock import SHANGHAI, day_of, start_of
from hege.kernel.committed_refusal import CommittedRefusal
from hege.kernel.ids import derived
from hege.kernel.keys import keys_for
from hege.kernel.refused import Refused
from hege.vouchers.rules import MOST_FEN, ClaimEndKind, Terms


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
    WRONG = "wrong", _("数字不对")
    TRIED = "tried", _("这张券试错太多次")
    WITHDRAWN = "withdrawn", _("这张券收回了")
    # of what was noted offline
    TWO_CONTENTS = "two_contents", _("同一编号两种内容")
    TOO_LATE = "too_late", _("送出太晚")
    OVER_CAP = "over_cap", _("超过离线能记的数")
    SHOP_CLOCK = "shop_clock", _("本店手机的钟不对")
    NO_BILL = "no_bill", _("没写这一单多少元")


#: Try again, or noted only; every other fault means: do not take it.
AMBER = frozenset({ScanFault.CLOCK, ScanFault.SHOP_CLOCK})


@dataclass(frozen=True, slots=True)
class Use:
    """When and where a voucher was used; ``here``: in the shop that asks."""

    at: dt.datetime
    shop: str
    here: bool


@dataclass(frozen=True, slots=True)
class End:
    """How a voucher ended without being used: by its day, taken back, or with its whole batch, for what reason."""

    kind: ClaimEndKind
    at: dt.datetime
    words: str = ""


_ENDED: Mapping[ClaimEndKind, ScanFault] = {
    ClaimEndKind.EXPIRED: ScanFault.OVER,
    ClaimEndKind.WITHDRAWN: ScanFault.WITHDRAWN,
    ClaimEndKind.CLOSED: ScanFault.STOPPED,
}


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

    @property
    def facts(self) -> dict[str, Any]:
        """Its facts as they are kept; the terms are the batch's own."""
        said: dict[str, Any] = {
            "at": self.at and self.at.isoformat(),
            "on": self.on and self.on.isoformat(),
            "shops": [*self.shops],
        }
        said |= {"here": self.here, "minutes": self.minutes, "words": self.words}
        return {name: value for name, value in said.items() if value}

    @classmethod
    def kept(cls, fault: ScanFault, facts: Mapping[str, Any], terms: Terms | None) -> Finding:
        """A finding as it was kept."""
        at, on = facts.get("at"), facts.get("on")
        return cls(
            fault, dt.datetime.fromisoformat(at) if at else None, dt.date.fromisoformat(on) if on else None,
            tuple(facts.get("shops", ())), facts.get("here", False), facts.get("minutes", 0), terms, facts.get("words", ""),
        )  # fmt: skip


class NotTaken(CommittedRefusal):
    """A till may not take a voucher (不收); ``finding`` says why. That it tried is kept, under ``failure``."""

    def __init__(self, finding: Finding, failure: str) -> None:
        super().__init__(finding.fault.label, field="code")
        self.finding, self.failure = finding, failure


def is_moving(code: str) -> bool:
    """Whether a code is one that moves, read out or scanned, or else that of a paper."""
    return is_read_out(code) or _SIGNS.fullmatch(code) is not None


def is_read_out(code: str) -> bool:
    """Whether a code is six digits. They can be tried out: only what counts wrong ones looks at them."""
    return _CODE.fullmatch(code) is not None


# -- the code --------------------------------------------------------------------------------------------------------------

#: How long a step of the moving code lasts (RFC 6238), and how many steps beside the present one are taken.
STEP, SLACK = dt.timedelta(seconds=30), 1
#: Of a scan that was noted offline: the shop's clock is put right by what it says when it sends, to about a minute.
SLACK_OFFLINE = 3
#: How long after the shop's phone showed what a voucher is worth its button still takes it.
SHOWN_FOR = dt.timedelta(minutes=5)
#: So many wrong codes for one voucher or by one till within an hour, and codes are no longer looked at: they are being guessed.
WRONG_CODES, WRONG_BY_TILL, GUESSING = 20, 60, dt.timedelta(hours=1)


def is_guessed(*, wrong: int, by_till: int) -> bool:
    """Whether so many codes were wrong lately, for a voucher or by a till, that somebody is guessing."""
    return wrong >= WRONG_CODES or by_till >= WRONG_BY_TILL


def shown_finding(shown_at: dt.datetime, *, at: dt.datetime) -> Finding | None:
    """What is wrong with pressing a button of a page that was shown before: it stood there too long, or is of the future."""
    return None if shown_at <= at <= shown_at + SHOWN_FOR else Finding(ScanFault.OLD, at=shown_at)


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
        return Finding(_ENDED[ended.kind], at=ended.at, on=terms.use_until_on - DAY, words=ended.words)
    if shop not in shops:
        return Finding(ScanFault.OTHER_SHOP, shops=tuple(shops.values()))
    return _window_finding(terms, at)


def _window_finding(terms: Terms, at: dt.datetime) -> Finding | None:
    today, local = day_of(at), at.astimezone(SHANGHAI)
    if today >= terms.use_until_on:
        return Finding(ScanFault.OVER, on=terms.use_until_on - DAY)
    if today < terms.use_from_on:
        return Finding(ScanFault.NOT_YET, at=_opens_after(terms, start_of(terms.use_from_on)))
    minute = local.hour * 60 + local.minute
    if _on_weekday(terms, today) and any(since <= minute < until for since, until in terms.hours or [(0, 24 * 60)]):
        return None
    return Finding(ScanFault.OTHER_HOUR, at=_opens_after(terms, at), on=today, terms=terms)


def _on_weekday(terms: Terms, day: dt.date) -> bool:
    return day.weekday() in terms.weekdays


def _opens_after(terms: Terms, at: dt.datetime) -> dt.datetime | None:
    """When the next hours begin, at this instant or later; None where none come before the voucher ends."""
    day = max(day_of(at), terms.use_from_on)
    while day < terms.use_until_on:
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
_SIGNS = re.compile(r"[a-z2-7]{9}")
_MS_MOST = 2**53


class Queued(NamedTuple):
    """A scan as a phone noted it without a network: ``at_ms`` by the phone's clock, in milliseconds since 1970."""

    nonce: str
    number: str
    code: str
    at_ms: int
    bill_fen: int | None = None

    @property
    def content(self) -> str:
        """What was noted under its nonce, to tell the same from another: SHA-256 as hex."""
        return seal.digest(*self)


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
    said: dict[str, Any] = row if isinstance(row, dict) else {}
    words = ((said.get("nonce"), _NONCE), (said.get("number"), _NUMBER), (said.get("code"), _CODE))
    at_ms, bill_fen = said.get("at_ms"), said.get("bill_fen")
    numbers = type(at_ms) is int and 0 <= at_ms < _MS_MOST
    numbers = numbers and (bill_fen is None or (type(bill_fen) is int and 0 < bill_fen <= MOST_FEN))
    if not numbers or not all(isinstance(word, str) and pattern.fullmatch(word) for word, pattern in words):
        raise Refused(
            _("第 %(place)d 张离线记录读不懂，一张都没有记下。请重新打开收券台页面再送。"), place=place, field="scans"
        )
    return Queued(said["nonce"], said["number"], said["code"], said["at_ms"], bill_fen)


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


def kept_as(secret: str) -> Iterator[str]:
    """What the database keeps of the secret of a till or its link: keyed, with today's key, then each former one."""
    for key in keys_for("hege till secret"):
        yield hmac.digest(key, secret.encode(), "sha256").hex()


def link_tokens(street_id: int, till: int, link: str) -> Iterator[str]:
    """The secret of a link that opens a till, 26 symbols: derived, so that it can be shown again and no table holds it."""
    return derived(f"till link:{street_id}:{till}:{link}", 26)


def till_tokens(street_id: int, link: int, secret: str) -> Iterator[str]:
    """What the cookie of a till holds: of what the phone brought, so that a form sent twice opens it once."""
    return derived(f"till:{street_id}:{link}:{secret}", 43)


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
