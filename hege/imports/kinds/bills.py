"""Utility bills: booked on their issue day and shared at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from hege.arrears.queries import thresholds_of
from hege.arrears.rules import tolerance_of
from hege.billing.actions import BillDraft, issue_bills
from hege.billing.queries import basis_of, doubts_of, lines_of, method_on, standing_bills
from hege.billing.rules import ComponentKind, Printed, allocation_lines, bill_lines, says
from hege.imports.keys import Candidate, Fresh, pick_fresh
from hege.imports.layouts import BillRow
from hege.imports.plan import Booking, ImportRun, Plan, ToCome
from hege.imports.queries import batches, points_by_number
from hege.imports.rules import content_of, digest_of, voucher_key
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.kernel.refused import Refused
from hege.kernel.spelling import fold
from hege.metering.models import SupplyPoint
from hege.metering.rules import m3

LOT = 100  # a bill takes longer than a payment: each is shared at once
REGISTER_DIGITS = (4, 5, 6, 7, 8)


def plan_bills(run: ImportRun, rows: Sequence[BillRow], plan: Plan) -> None:
    """Check bills against their own figures, the meters, each other and those that stand."""
    points = points_by_number(run.street, [r.master for r in rows])
    for row in rows:
        if row.master not in points:
            plan.fault(row.number, "总表表号", row.master, _("没有这块总表"))
        _check_row(run, row, plan)
    plan.book_ids = {points[r.master].book_id for r in rows if r.master in points}
    by_number = {r.number: r for r in rows}
    fresh = pick_fresh(
        plan,
        run,
        [Candidate(r.number, voucher_key(r.bill), digest_of(content_of(r)), r.bill) for r in rows],
        column="账单号",
        mend=_("更正账单请用新的账单号，或先冲正原账单。"),
    )
    _check_standing(run, [by_number[f.number] for f in fresh], points, plan)
    plan.new = {f.number for f in fresh}
    _ask(run, [by_number[f.number] for f in fresh], points, plan)

    def book(booking: Booking) -> None:
        for lot in booking.lots(fresh, LOT, book_of=lambda f: points[by_number[f.number].master].book_id, whole=True):
            drafts = [_draft(run, by_number[f.number], points[by_number[f.number].master], f) for f in lot]
            issued = issue_bills(run.street, drafts, by=booking.by, at=booking.at, file=booking.file)
            _tell_shares(plan, issued.unshared, issued.estimated)

    plan.steps.append(book)
    plan.foresee = lambda: _foresee(
        [_draft(run, by_number[f.number], points[by_number[f.number].master], f) for f in fresh], plan
    )


def _tell_shares(plan: Plan, unshared: Mapping[str, str], estimated: Mapping[str, int]) -> None:
    for number, reason in unshared.items():
        plan.notices.add(_("账单 %(number)s 暂未分摊：%(reason)s") % {"number": number, "reason": reason})
    for number, shares in estimated.items():
        text = _("账单 %(number)s 有 %(n)d 户按估抄或推算的读数分摊")
        plan.notices.add(text % {"number": number, "n": shares})


def _foresee(drafts: Sequence[BillDraft], plan: Plan) -> ToCome:
    """The lines of the bills, and of their shares by what is known now."""
    bills = [draft.bill() for draft in drafts]
    lines = [(d.point.book_id, line) for d in drafts for line in bill_lines(d.amount_fen)]
    unshared, estimated = {}, {}
    for draft, bill in zip(drafts, bills, strict=True):
        try:
            basis = basis_of(bill, beside=bills)
            shares = lines_of(bill, method_on(bill.point, bill.from_on), basis, draft.components_fen)
        except Refused as refusal:
            unshared[draft.number] = str(refusal)
            continue
        lines += [(draft.point.book_id, line) for line in allocation_lines(shares)]
        if guessed := sum(s.estimated for s in shares):
            estimated[draft.number] = guessed
    _tell_shares(plan, unshared, estimated)
    return ToCome({"bills": len(bills)}, lines)


def issued_on(row: BillRow) -> dt.date:
    """The day a bill is booked on: its issue day, else the last day of its period."""
    return row.issued_on or row.last_on


def _check_row(run: ImportRun, row: BillRow, plan: Plan) -> None:
    if row.last_on < row.from_on:
        plan.fault(row.number, "账期止", row.last_on, _("早于账期起"))
    if issued_on(row) > run.today:
        plan.fault(row.number, "出账日期" if row.issued_on else "账期止", issued_on(row), _("晚于今天"))
    if row.amount_fen >= 0 and row.due_on < issued_on(row):
        plan.fault(row.number, "应缴日期", row.due_on, _("早于出账日期（%(day)s）") % {"day": issued_on(row)})
    parts = row.supply_fen + row.sewage_fen + row.other_fen
    if parts != row.amount_fen:
        reason = _("各项费用合计 %(sum)s 元，相差 %(gap)s 元") % {
            "sum": yuan(parts),
            "gap": yuan(row.amount_fen - parts),
        }
        plan.fault(row.number, "应缴金额", yuan(row.amount_fen), reason)
    if row.volume_litres is None:
        if row.previous_litres is None or row.current_litres is None:
            plan.fault(row.number, "用水量", "", _("不能空着（或者上期行度、本期行度都要填）"))
        elif row.current_litres < row.previous_litres:
            plan.fault(row.number, "用水量", "", _("本期行度比上期低，请写明用水量"))
    elif row.amount_fen >= 0 and not _volume_fits(row):
        gap = m3((row.current_litres or 0) - (row.previous_litres or 0))
        reason = _("与本期行度减上期行度（%(gap)s 立方米）不符；账期内换过表的请把两个行度空着") % {"gap": gap}
        plan.fault(row.number, "用水量", m3(row.volume_litres), reason)


def _volume_fits(row: BillRow) -> bool:
    """Whether the volume is the difference of the indexes, the register having turned over at most once."""
    if row.previous_litres is None or row.current_litres is None or row.volume_litres is None:
        return True
    gap = row.volume_litres - (row.current_litres - row.previous_litres)
    if row.current_litres >= row.previous_litres:
        return gap == 0
    return any(gap == 10**n * 1000 and row.previous_litres < 10**n * 1000 for n in REGISTER_DIGITS)


def _check_standing(run: ImportRun, rows: Sequence[BillRow], points: dict[str, SupplyPoint], plan: Plan) -> None:
    """Two bills of one meter may not ask for the same day twice; a credit (红字) bill may."""
    spans: dict[int, list[tuple[dt.date, dt.date, str]]] = defaultdict(list)
    for lot in batches(points[r.master].pk for r in rows if r.master in points):
        standing = standing_bills(run.street).filter(point_id__in=lot, amount_fen__gte=0)
        for point, start, end, number in standing.values_list("point_id", "from_on", "until_on", "number"):
            spans[point].append((start, end, number))
    numbers = set(map(fold, standing_bills(run.street).values_list("number", flat=True))) if rows else set()
    for row in rows:
        if fold(row.bill) in numbers:
            plan.fault(row.number, "账单号", row.bill, _("这个账单号已登记过一张账单"))
        if row.amount_fen < 0 or row.last_on < row.from_on or row.master not in points:
            continue
        mine = (row.from_on, row.last_on + DAY, row.bill)
        of_point = spans[points[row.master].pk]
        other = next((s for s in of_point if s[0] < mine[1] and mine[0] < s[1]), None)
        if other is not None:
            plan.fault(
                row.number,
                "账期起",
                row.from_on,
                _("与账单 %(other)s 的账期（%(from)s 至 %(last)s）重叠")
                % {"other": other[2], "from": other[0], "last": other[1] - DAY},
            )
        of_point.append(mine)


def _ask(run: ImportRun, rows: Sequence[BillRow], points: dict[str, SupplyPoint], plan: Plan) -> None:
    """A bill is booked as it is printed; what does not fit is a question to the utility or to ourselves.

    A bill that stands and now follows one of these is asked about that again.
    """
    if plan.faults or not rows:
        return
    coming: dict[int, list[Printed]] = defaultdict(list)
    for row in rows:
        coming[points[row.master].pk].append(_printed(row))
    of_row, since = {r.bill: r.number for r in rows}, min(r.from_on for r in rows)
    tolerance = tolerance_of(thresholds_of(run.street))
    for lot in batches(coming):
        found = doubts_of(
            run.street, lot, tolerance=tolerance, wanted=lambda bill: bill.from_on >= since,
            coming={point: coming[point] for point in lot},
        )  # fmt: skip
        for doubt in (d for doubts in found.values() for d in doubts):
            if doubt.number in of_row or doubt.other in of_row:
                plan.notices.add(says(doubt), of_row.get(doubt.number))


def _printed(row: BillRow) -> Printed:
    return Printed(
        row.bill, row.from_on, row.last_on + DAY, _volume(row), _parts(row), row.amount_fen,
        row.previous_litres, row.current_litres,
    )  # fmt: skip


def _parts(row: BillRow) -> dict[ComponentKind, int]:
    return {
        ComponentKind.SUPPLY: row.supply_fen,
        ComponentKind.SEWAGE: row.sewage_fen,
        ComponentKind.OTHER: row.other_fen,
    }


def _volume(row: BillRow) -> int:
    """The volume billed, in litres: as printed, else the difference of the indexes (``_check_row`` wants one of them)."""
    if row.volume_litres is not None:
        return row.volume_litres
    assert row.current_litres is not None
    assert row.previous_litres is not None
    return row.current_litres - row.previous_litres


def _draft(run: ImportRun, row: BillRow, point: SupplyPoint, fresh: Fresh) -> BillDraft:
    return BillDraft(
        point=point,
        number=row.bill,
        from_on=row.from_on,
        until_on=row.last_on + DAY,
        volume_litres=_volume(row),
        components_fen={kind: fen for kind, fen in _parts(row).items() if fen},
        amount_fen=row.amount_fen,
        due_on=row.due_on,
        issued_on=issued_on(row),
        previous_litres=row.previous_litres,
        current_litres=row.current_litres,
        source=run.source(fresh.number, fresh.key, fresh.digest),
    )
