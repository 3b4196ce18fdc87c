"""Utility bills: booked on their issue day and shared at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.arrears.queries import threshold_table
from hege.billing.actions import BillDraft, issue_bills
from hege.billing.models import Bill
from hege.billing.queries import ToSplit, doubts_of, splits_of, standing_bills
from hege.billing.rules import ComponentKind, Printed, allocation_lines, bill_lines, says
from hege.imports.cells import code_of, day_of, fen_of, index_of, litres_of
from hege.imports.keys import Candidate, pick_fresh
from hege.imports.kind import Booking, Kind
from hege.imports.layouts import MASTER, Column, FileKind, Layout
from hege.imports.memory import Lesson, learn_names
from hege.imports.models import NameSort
from hege.imports.queries import ToCome, batches, each_in, points_by_account, points_by_number
from hege.imports.rules import content_of, digest_of, voucher_key
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.kernel.refused import Refused
from hege.kernel.spelling import fold
from hege.metering.rules import m3

LOT = 100  # a bill takes longer than a payment: each is shared at once
REGISTER_DIGITS = (4, 5, 6, 7, 8)


# fmt: off
class BillRow(NamedTuple):
    number: int
    bill: Annotated[str, Column("账单号", ("bill_number", "bill"), code_of(60), fill=True, sample="ZD-202603",
        note=_("水司账单上的号码。"))]
    master: Annotated[str, MASTER]
    from_on: Annotated[dt.date, Column("账期起", ("from_on", "period_start"), day_of, fill=True, sample="2026-03-01",
        note=_("账期的第一天。"))]
    last_on: Annotated[dt.date, Column("账期止", ("last_on", "period_end"), day_of, fill=True, sample="2026-03-31",
        note=_("账期的最后一天。"))]
    previous_litres: Annotated[int | None, Column("上期行度", ("previous_m3", "previous_index"), index_of,
        sample="15000", note=_("立方米；账期内换过表的空着。"))]
    current_litres: Annotated[int | None, Column("本期行度", ("current_m3", "current_index"), index_of, sample="16000",
        note=_("立方米。"))]
    volume_litres: Annotated[int | None, Column("用水量", ("volume_m3", "volume"), litres_of, sample="1000",
        note=_("立方米；两个行度都有时可空，否则必须等于两者之差。"))]
    supply_fen: Annotated[int, Column("供水费", ("supply",), fen_of, empty=0, sample="3990.00", note=_("元；空着算 0。"))]
    sewage_fen: Annotated[int, Column("污水处理费", ("sewage",), fen_of, empty=0, sample="2106.00", note=_("元；空着算 0。"))]
    other_fen: Annotated[int, Column("其他费用", ("other",), fen_of, empty=0, sample="", note=_("元；空着算 0。"))]
    amount_fen: Annotated[int, Column("应缴金额", ("amount",), fen_of, fill=True, sample="6096.00",
        note=_("必须等于各项费用之和；红字账单填负数。"))]
    due_on: Annotated[dt.date, Column("应缴日期", ("due_on", "due_date"), day_of, fill=True, sample="2026-04-20",
        note=_("最后缴款日。"))]
    issued_on: Annotated[dt.date | None, Column("出账日期", ("issued_on", "issue_date"), day_of, sample="2026-04-01",
        note=_("空着算账期止。"))]
# fmt: on


class Bills(Kind[BillRow]):
    """Checked against their own figures, the meters, each other and the bills that stand; shared by what is known."""

    layout = Layout(
        FileKind.BILLS, BillRow,
        note=_("导入后立即按总表的分摊方式分摊；缺数据的留作未分摊，补齐以后再分摊。"),
    )  # fmt: skip
    told_apart = ("bill",)
    counted = {"bills": (Bill, {})}

    def check(self, rows: Sequence[BillRow]) -> None:
        self.points = points_by_number(self.run.street, [r.master for r in rows])
        for row in rows:
            if row.master not in self.points:
                self.fault(row, "master", _("没有这块总表"))
            self._check_row(row)
        self.book_ids = {self.points[r.master].book_id for r in rows if r.master in self.points}
        self.fresh = pick_fresh(
            self,
            [Candidate(r, voucher_key(r.bill), digest_of(content_of(r)), r.bill) for r in rows],
            name="bill",
            mend=_("更正账单请用新的账单号，或先冲正原账单。"),
        )
        fresh = [c.row for c in self.fresh]
        self._check_standing(fresh)
        self.new = {row.number for row in fresh}
        self._ask(fresh)

    def book(self, booking: Booking) -> None:
        for lot in booking.lots(self.fresh, LOT, book_of=lambda c: self.points[c.row.master].book_id, whole=True):
            drafts = [self._draft(c) for c in lot]
            issued = issue_bills(self.run.street, drafts, by=booking.by, at=booking.at, file=booking.file)
            self._tell_shares(issued.unshared, issued.estimated)
        points = {point.pk: point for point in self.points.values()}
        account = self.run.facts.get("户号", "")
        if account and len(points) == 1 and not points_by_account(self.run.street, [account]):
            lesson = Lesson(NameSort.CUSTOMER_ACCOUNT, account, point=next(iter(points.values())))
            learn_names(self.run.street, [lesson], file_name=self.run.name, by=booking.by, at=booking.at)

    def foresee(self) -> ToCome:
        """The lines of the bills, and of their shares by what is known now."""
        drafts = [self._draft(c) for c in self.fresh]
        bills = [draft.bill(self.run.street) for draft in drafts]
        lines = [(d.point.book_id, line) for d in drafts for line in bill_lines(d.amount_fen)]
        unshared, estimated = {}, {}
        asked = [ToSplit(bill, draft.components_fen) for draft, bill in zip(drafts, bills, strict=True)]
        for draft, split in zip(drafts, splits_of(self.run.street, asked, beside=bills), strict=True):
            if isinstance(split, Refused):
                unshared[draft.number] = str(split)
                continue
            lines += [(draft.point.book_id, line) for line in allocation_lines(split.lines)]
            if guessed := sum(s.estimated for s in split.lines):
                estimated[draft.number] = guessed
        self._tell_shares(unshared, estimated)
        return ToCome({"bills": len(bills)}, lines)

    def _tell_shares(self, unshared: Mapping[str, str], estimated: Mapping[str, int]) -> None:
        for number, reason in unshared.items():
            self.notices.add(_("账单 %(number)s 暂未分摊：%(reason)s") % {"number": number, "reason": reason})
        for number, shares in estimated.items():
            text = _("账单 %(number)s 有 %(n)d 户按估抄或推算的读数分摊")
            self.notices.add(text % {"number": number, "n": shares})

    def _check_row(self, row: BillRow) -> None:
        if row.last_on < row.from_on:
            self.fault(row, "last_on", _("早于账期起"))
        if issued_on(row) > self.run.today:
            self.fault(row, "issued_on" if row.issued_on else "last_on", _("晚于今天"))
        if row.amount_fen >= 0 and row.due_on < issued_on(row):
            self.fault(row, "due_on", _("早于出账日期（%(day)s）") % {"day": issued_on(row)})
        parts = row.supply_fen + row.sewage_fen + row.other_fen
        if parts != row.amount_fen:
            gap = {"sum": yuan(parts), "gap": yuan(row.amount_fen - parts)}
            self.fault(row, "amount_fen", _("各项费用合计 %(sum)s 元，相差 %(gap)s 元") % gap)
        if row.volume_litres is None:
            if row.previous_litres is None or row.current_litres is None:
                self.fault(row, "volume_litres", _("不能空着（或者上期行度、本期行度都要填）"))
            elif row.current_litres < row.previous_litres:
                self.fault(row, "volume_litres", _("本期行度比上期低，请写明用水量"))
        elif row.amount_fen >= 0 and not _volume_fits(row):
            gap = {"gap": m3((row.current_litres or 0) - (row.previous_litres or 0))}
            reason = _("与本期行度减上期行度（%(gap)s 立方米）不符；账期内换过表的请把两个行度空着")
            self.fault(row, "volume_litres", reason % gap)

    def _check_standing(self, rows: Sequence[BillRow]) -> None:
        """Two bills of one meter may not ask for the same day twice; a credit (红字) bill may."""
        standing = standing_bills(self.run.street)
        spans: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        charged = standing.filter(amount_fen__gte=0).values_list("point_id", "from_on", "until_on", "number")
        known = [self.points[r.master].pk for r in rows if r.master in self.points]
        for point, *span in each_in(lambda some: charged.filter(point__in=some), known):
            spans[point].append(tuple(span))
        numbers = set(map(fold, standing.values_list("number", flat=True))) if rows else set()
        for row in rows:
            if fold(row.bill) in numbers:
                self.fault(row, "bill", _("这个账单号已登记过一张账单"))
            if row.amount_fen < 0 or row.last_on < row.from_on or row.master not in self.points:
                continue
            mine = (row.from_on, row.last_on + DAY, row.bill)
            of_point = spans[self.points[row.master].pk]
            other = next((s for s in of_point if s[0] < mine[1] and mine[0] < s[1]), None)
            if other is not None:
                named = {"other": other[2], "from": other[0], "last": other[1] - DAY}
                self.fault(row, "from_on", _("与账单 %(other)s 的账期（%(from)s 至 %(last)s）重叠") % named)
            of_point.append(mine)

    def _ask(self, rows: Sequence[BillRow]) -> None:
        """A bill is booked as it is printed; what does not fit is a question to the utility or to ourselves.

        A bill that stands and now follows one of these is asked about that again.
        """
        if self.faults or not rows:
            return
        coming: dict[int, list[Printed]] = defaultdict(list)
        for row in rows:
            coming[self.points[row.master].pk].append(_printed(row))
        of_row, since = {r.bill: r.number for r in rows}, min(r.from_on for r in rows)
        tolerance = threshold_table(self.run.street).tolerance
        for lot in batches(coming):
            found = doubts_of(
                self.run.street, lot, tolerance=tolerance, wanted=lambda bill: bill.from_on >= since,
                coming={point: coming[point] for point in lot},
            )  # fmt: skip
            for doubt in (d for doubts in found.values() for d in doubts):
                if doubt.number in of_row or doubt.other in of_row:
                    self.notices.add(says(doubt), of_row.get(doubt.number))

    def _draft(self, c: Candidate) -> BillDraft:
        row: BillRow = c.row
        return BillDraft(
            point=self.points[row.master],
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
            source=self.source(row.number, c.key, c.digest),
        )


def issued_on(row: BillRow) -> dt.date:
    """The day a bill is booked on: its issue day, else the last day of its period."""
    return row.issued_on or row.last_on


def _volume_fits(row: BillRow) -> bool:
    """Whether the volume is the difference of the indexes, the register having turned over at most once."""
    if row.previous_litres is None or row.current_litres is None or row.volume_litres is None:
        return True
    gap = row.volume_litres - (row.current_litres - row.previous_litres)
    if row.current_litres >= row.previous_litres:
        return gap == 0
    return any(gap == 10**n * 1000 and row.previous_litres < 10**n * 1000 for n in REGISTER_DIGITS)


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
