"""Which papers there are, what their figures have to add up to, and what a paper says once it is frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.arrears.rules import Flow, paid_to_utility, payable_on
from hege.billing.chart import AccountKind
from hege.kernel.calendar import DAY
from hege.kernel.checks import check_words
from hege.kernel.money import yuan
from hege.kernel.refused import Refused, Stale
from hege.kernel.seal import digest

LONGEST_REASON = 300
#: No statement is longer: 36 months are three years of bills (Civil Code art. 188, the time to claim).
MOST_MONTHS = 36


class PaperKind(TextChoices):
    """What sort of paper it is (文书种类)."""

    METER_STATEMENT = "meter_statement", _("总表水费对账单")
    SHOP_STATEMENT = "shop_statement", _("商铺水费对账单")
    PUBLIC_NOTICE = "public_notice", _("水费收缴公示")
    DEMAND_LETTER = "demand_letter", _("水费催缴函")
    CUTOFF_NOTICE = "cutoff_notice", _("停水通知")
    DEFERRAL_LETTER = "deferral_letter", _("暂缓停水告知书")
    INVITATION = "invitation", _("会议通知")
    SIGN_IN_SHEET = "sign_in_sheet", _("会议签到表")


def digest_of(street_code: str, kind: str, content: Mapping[str, Any]) -> str:
    """SHA-256 over what a paper says: the same when it is looked at and when it is issued, as long as no figure changes."""
    return digest("paper", street_code, kind, content)


def check_unchanged(seen: str, drawn: str) -> None:
    """What is issued is what was looked at (预览): a figure that changed meanwhile is looked at again first."""
    if seen != drawn:
        raise Stale(_("数字在您预览后变了，还没有出具。下面已经是新的，请再看一遍。"))


def check_voidable(*, voided: bool) -> None:
    """A paper is made void once; its number is never given again."""
    if voided:
        raise Refused(_("这份文书已经作废。"))


def check_reason(reason: str) -> str:
    """Why a paper is void: kept for the office."""
    said = check_words(reason, _("请写明为什么作废。"))
    if len(said) > LONGEST_REASON:
        raise Refused(_("最多 %(most)d 个字，这里有 %(n)d 个。"), most=LONGEST_REASON, n=len(said), field="reason")
    return said


def check_period(from_on: dt.date, last_on: dt.date, *, today: dt.date, most: int = MOST_MONTHS) -> None:
    """A period a statement can speak of: over, and not longer than ``most`` months."""
    if last_on > today:
        raise Refused(_("截止日期不能晚于今天。"), field="last_on")
    if last_on < from_on:
        raise Refused(_("截止日期早于开始日期。"), field="last_on")
    if len(months_of(from_on, last_on)) > most:
        raise Refused(_("一张对账单最多 %(most)d 个月，请分成几张。"), most=most, field="from_on")


#: A notice speaks of a week, or of a month at most.
MOST_NOTICE_DAYS = 31


def check_notice_days(from_on: dt.date, last_on: dt.date) -> None:
    """A public notice tells of some days, not of years: what came before stands in its other column."""
    if (last_on - from_on).days >= MOST_NOTICE_DAYS:
        raise Refused(_("一张公示最多 %(most)d 天；以前的数在“累计”里。"), most=MOST_NOTICE_DAYS, field="from_on")


def nameless(words: str, names: Iterable[str]) -> str:
    """What may stand on a paper that names nobody: the words, or nothing where one of the names is in them."""
    return "" if any(name.strip() and name.strip() in words for name in names) else words


def no_deferral() -> Refused:
    """There is nothing to tell where no cut waits."""
    return Refused(_("现在没有有效的暂缓，没有可以告知的。"))


def no_tenant() -> Refused:
    """A shop's statement is its tenant's: no debt goes from one tenant to the next."""
    return Refused(_("这段时间这家店没有登记租户，没有账可对。"), field="last_on")


class Span(NamedTuple):
    """Some days, half-open: ``until_on`` is the first day after them."""

    from_on: dt.date
    until_on: dt.date


def months_of(from_on: dt.date, last_on: dt.date) -> list[Span]:
    """The months a period touches, the first and last cut to it; ``last_on`` is its last day."""
    spans, begins = [], from_on
    while begins <= last_on:
        after = (begins.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        spans.append(Span(begins, min(after, last_on + DAY)))
        begins = after
    return spans


class Moved(NamedTuple):
    """What moved in some days, in fen: what the utility billed, what agents took from shops, what reached the utility."""

    billed: int
    collected: int
    paid: int


def moved(flows: Sequence[Flow], span: Span) -> Moved:
    """What moved at one supply point in some days; what was taken back is taken off."""
    owed = [payable_on(flows, span.until_on - DAY), payable_on(flows, span.from_on - DAY)]
    paid = paid_to_utility(flows, from_on=span.from_on, until_on=span.until_on)
    return Moved(owed[0] - owed[1] + paid, _collected(flows, span), paid)


class ShopMoved(NamedTuple):
    """What moved on one shop's account in some days, in fen: its share of bills, what it gave the agent, what the utility."""

    charged: int
    paid: int
    direct: int


def shop_moved(flows: Iterable[Flow], span: Span) -> ShopMoved:
    """What moved on one shop's account in some days; what was taken back is taken off."""
    charged = paid = direct = 0
    for f in flows:
        if not span.from_on <= f.on < span.until_on:
            continue
        owes = f.debit is AccountKind.TENANCY
        fen, other = (f.fen, f.credit) if owes else (-f.fen, f.debit)
        if other is AccountKind.AGENT:
            paid -= fen
        elif other is AccountKind.PAYABLE:
            direct -= fen
        else:
            charged += fen
    return ShopMoved(charged, paid, direct)


def _collected(flows: Iterable[Flow], span: Span) -> int:
    agent, shop = AccountKind.AGENT, AccountKind.TENANCY
    return sum(
        f.fen * (((f.debit, f.credit) == (agent, shop)) - ((f.debit, f.credit) == (shop, agent)))
        for f in flows
        if span.from_on <= f.on < span.until_on
    )


def check_sum(opening_fen: int, parts_fen: Iterable[int], closing_fen: int) -> None:
    """Opening and what moved make the closing, to the fen; a paper that does not add up is never issued."""
    gap = opening_fen + sum(parts_fen) - closing_fen
    if gap:
        raise Refused(_("期初加各行不等于期末，差 %(gap)s 元，没有出具。请管理员先核对账本。"), gap=yuan(gap))


# -- what a frozen paper has to add up to --------------------------------------------------------------------------------


def faults_of(kind: str, content: Mapping[str, Any], total_fen: int | None) -> list[str]:
    """What does not add up in what a paper says, in words for the proof; nothing where it does."""
    found = []
    for what, parts, whole in _sums(kind, content):
        if sum(parts) != whole:
            found.append(f"{what} do not add up: {sum(parts)} is not {whole}")
    if total_fen is not None and total_fen != content[_TOTALS[PaperKind(kind)]]:
        found.append(f"its total {total_fen} is not the one it says")
    return found


#: Which of a paper's figures anybody who checks it is told.
_TOTALS: Mapping[PaperKind, str] = {
    PaperKind.METER_STATEMENT: "closing_fen",
    PaperKind.SHOP_STATEMENT: "closing_fen",
    PaperKind.PUBLIC_NOTICE: "payable_fen",
    PaperKind.DEMAND_LETTER: "overdue_fen",
    PaperKind.CUTOFF_NOTICE: "overdue_fen",
    PaperKind.DEFERRAL_LETTER: "payable_fen",
}


def total_of(kind: PaperKind, content: Mapping[str, Any]) -> int | None:
    """The figure anybody is told who checks it, in fen; None where it speaks of no money."""
    return content[_TOTALS[kind]] if kind in _TOTALS else None


def _sums(kind: str, content: Mapping[str, Any]) -> list[tuple[str, list[int], int]]:
    match kind:
        case PaperKind.METER_STATEMENT:
            months, closing = content["months"], content["closing_fen"]
            moves = [row["billed_fen"] - row["paid_fen"] for row in months]
            return [
                ("opening and months", [content["opening_fen"], *moves], closing),
                ("who holds the money", [row["fen"] for row in content["holders"]], closing),
            ]
        case PaperKind.SHOP_STATEMENT:
            moves = [row["charged_fen"] - row["paid_fen"] - row["direct_fen"] for row in content["months"]]
            return [("opening and months", [content["opening_fen"], *moves], content["closing_fen"])]
        case PaperKind.PUBLIC_NOTICE:
            now, week = content["until_now"], content["period"]
            return [
                ("bills and payments", [now["billed_fen"], -now["paid_fen"]], content["payable_fen"]),
                (
                    "opening and period",
                    [content["opening_fen"], week["billed_fen"], -week["paid_fen"]],
                    content["payable_fen"],
                ),
            ]
        case PaperKind.DEMAND_LETTER:
            return [("bills", [row["fen"] for row in content["bills"]], content["overdue_fen"])]
    return []
