"""Readings: one index a meter a day; a second one is a correction, and that is another act."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hege.arrears.queries import threshold_table
from hege.billing.queries import doubts_of, shared_otherwise
from hege.billing.rules import BY_READINGS, Method, says
from hege.imports.cells import code_of, day_of, index_of, text_of, word_of
from hege.imports.kind import Booking, Kind
from hege.imports.layouts import NOTE, Column, FileKind, Layout
from hege.imports.queries import batches, each_in, meters_by_number, numbers_within, shared_bills
from hege.imports.rules import digest_of, voucher_key
from hege.kernel.prepared import prepared
from hege.ledger.queries import booked_rows
from hege.metering.actions import ReadingDraft, check_readings, record_readings
from hege.metering.models import Meter, Reading
from hege.metering.queries import indexes_of
from hege.metering.rules import DAY, MOST_DAYS_BETWEEN, Index, ReadingMethod, m3, run_on
from hege.people.models import Street

METHODS = {
    "现场": ReadingMethod.ON_SITE, "远传": ReadingMethod.REMOTE, "估抄": ReadingMethod.ESTIMATED,
    "on_site": ReadingMethod.ON_SITE, "remote": ReadingMethod.REMOTE, "estimated": ReadingMethod.ESTIMATED,
}  # fmt: skip

ALSO_METHODS = {
    "人工": "现场", "人工抄表": "现场", "现场抄表": "现场", "实抄": "现场", "正常": "现场", "远程": "远传", "自动": "远传", "远传抄表": "远传",
    "估计": "估抄", "估读": "估抄", "估算": "估抄", "推算": "估抄",
}  # fmt: skip


# fmt: off
class ReadingRow(NamedTuple):
    number: int
    meter: Annotated[str, Column("表号", ("meter", "meter_number", "水表号"), code_of(40), fill=True, sample="SH50-0001",
        note=_("总表或分表。"))]
    read_on: Annotated[dt.date, Column("抄表日期", ("read_on", "reading_date"), day_of, fill=True, sample="2026-03-31",
        note=_("一块表一天一次；分表在账期首尾和换租户那天要有读数，缺的由前后相隔 %(most)d 天以内的两次推算。") % {"most": MOST_DAYS_BETWEEN})]
    litres: Annotated[int, Column("行度", ("index_m3", "index", "读数", "表码"), index_of, fill=True, sample="16393",
        note=_("立方米，最多三位小数。"))]
    method: Annotated[ReadingMethod, Column("抄表方式", ("reading_method", "method"), word_of(METHODS, ALSO_METHODS),
        empty=ReadingMethod.ON_SITE, words=("现场", "远传", "估抄"), sample="现场", note=_("空着算现场。"))]
    reader: Annotated[str, Column("抄表人", ("reader",), text_of(60), empty="", sample="网格员", note=_("可空。"))]
    note: Annotated[str, NOTE]
# fmt: on


class Readings(Kind[ReadingRow]):
    """Checked against the meters, each other and those on record."""

    layout = Layout(
        FileKind.READINGS, ReadingRow,
        note=_("抄错的行度要在总表的“读数”页登记更正，不能用另一份文件覆盖。"),
    )  # fmt: skip
    told_apart = ("meter", "read_on")
    counted = {"readings": (Reading, {})}
    of_money = False

    def check(self, rows: Sequence[ReadingRow]) -> None:
        meters = meters_by_number(self.run.street, [r.meter for r in rows])
        known = _known(self.run.street, meters)
        first: dict[tuple[str, dt.date], int] = {}
        fresh: list[ReadingRow] = []
        for row in rows:
            meter = meters.get(row.meter)
            other = first.setdefault((row.meter, row.read_on), row.number)
            before = len(self.faults)
            if other != row.number:
                self.fault(row, "read_on", _("与第 %(row)d 行是同一块表同一天") % {"row": other})
            if meter is None:
                self.fault(row, "meter", _("没有这块表"))
            self.check_cells(row)
            if meter is None or len(self.faults) > before:
                continue
            if (meter.pk, row.read_on) in known:
                self._against_record(row, known[meter.pk, row.read_on])
            else:
                fresh.append(row)
        self.drafts = self._drafts(fresh, meters)
        for position, refusal in check_readings(self.drafts).items():
            row, column = fresh[position], refusal.field or "行度"
            value = row.read_on if column == "抄表日期" else m3(row.litres)
            self.fault_at(row.number, column, value, refusal)
        self.new = {row.number for row in fresh}
        self.meters = {row.meter for row in fresh}
        self._tell_too_high(fresh, meters)
        if self.drafts and not self.faults:
            self._tell_of_bills(_late(self.drafts, known))

    def book(self, booking: Booking) -> None:
        record_readings(self.run.street, self.drafts, by=booking.by, at=booking.at, file=booking.file)

    def _tell_of_bills(self, late: Sequence[ReadingDraft]) -> None:
        """Name the bills that were shared by guesses before these readings come, since sharing again takes a decision;
        and what they say against bills that stand: more behind the master than it showed, or another volume.
        """
        coming = [Reading(meter=d.meter, read_on=d.read_on, litres=d.litres, method=d.method) for d in self.drafts]
        around = MOST_DAYS_BETWEEN * DAY
        if late:
            days, points = [d.read_on for d in late], {d.meter.point_id for d in late}
            span = {"from_on": min(days) - around, "until_on": max(days) + around}
            for bill in shared_otherwise(self.run.street, points, **span, coming=coming):
                text = _("账单 %(number)s 分摊时还没有这次的读数；要按新读数分，请凭会议决定重新分摊")
                self.notices.add(text % {"number": bill.number})
        first, last = min(r.read_on for r in coming), max(r.read_on for r in coming)
        tolerance = threshold_table(self.run.street).tolerance
        for lot in batches(r.meter.point_id for r in coming):
            found = doubts_of(
                self.run.street, lot, tolerance=tolerance, readings=coming,
                wanted=lambda b: b.from_on <= last + DAY and first < b.until_on + around,
            )  # fmt: skip
            for doubt in (d for doubts in found.values() for d in doubts if d.kind in BY_READINGS):
                self.notices.add(says(doubt))

    def _against_record(self, row: ReadingRow, litres: list[int]) -> None:
        """The latest index of a day counts; one that was corrected since is known too and stays corrected."""
        if row.litres == litres[-1]:
            self.same.add(row.number)
        elif row.litres in litres:
            self.same.add(row.number)
            self.notices.add(_("这次抄表后来更正为 %(m3)s，没有改回") % {"m3": m3(litres[-1])}, row.number)
        else:
            reason = _("当天已登记 %(m3)s；抄错的请在总表的“读数”页登记更正，或用 hege correct") % {
                "m3": m3(litres[-1])
            }
            self.fault(row, "litres", reason)

    def _tell_too_high(self, rows: Sequence[ReadingRow], meters: dict[str, Meter]) -> None:
        """An estimate above what is now seen charged water that never ran: it must be corrected and its bills shared again.

        The months after it cannot give it back, for a weight is never below zero.
        """
        looks = [r for r in rows if r.method is not ReadingMethod.ESTIMATED]
        indexes = indexes_of({meters[r.meter].pk: meters[r.meter] for r in looks}.values())
        found: list[tuple[ReadingRow, Index, Index]] = []
        for row in looks:
            meter, boundary = meters[row.meter], row.read_on + DAY
            before = [i for i in indexes[meter.pk] if i.boundary < boundary]
            seen = next(i for i in reversed(before) if not i.estimated) if before else None
            if seen is None:
                continue
            now = Index(boundary, run_on([seen, Index(boundary, row.litres)], digits=meter.digits)[-1].litres)
            found += [(row, seen, i) for i in before if i.boundary > seen.boundary and i.litres > now.litres]
        bills = shared_bills(self.run.street, {meters[row.meter].point_id for row, _seen, _over in found})
        for row, seen, over in found:
            meter, register = meters[row.meter], 10 ** meters[row.meter].digits * 1000
            metered = [b for b in bills.get(meter.point_id, ()) if b.method in (Method.SUB_METER, Method.MIXED)]
            named = numbers_within(metered, seen.boundary, row.read_on + DAY)
            told = _(
                "表 %(meter)s 在 %(day)s 的估抄 %(high)s 高于这次看到的 %(m3)s；多算的要退，请先在总表的“读数”页更正那次估抄"
            ) % {
                "meter": row.meter,
                "day": over.boundary - DAY,
                "high": m3(over.litres % register),
                "m3": m3(row.litres),
            }
            self.notices.add(
                told + (_("，再在账单页“重新分摊”账单 %(bills)s") % {"bills": named} if named else ""), row.number
            )

    def _drafts(self, rows: Sequence[ReadingRow], meters: dict[str, Meter]) -> list[ReadingDraft]:
        keys = {r.number: voucher_key(r.meter, r.read_on.isoformat()) for r in rows}
        taken = booked_rows(self.run.street, self.layout.kind.value, keys.values())
        return [
            ReadingDraft(
                meter=meters[r.meter],
                read_on=r.read_on,
                litres=r.litres,
                method=r.method,
                reader=r.reader,
                note=r.note,
                source=None if keys[r.number] in taken else self.source(r.number, keys[r.number], digest_of(r[1:])),
            )
            for r in rows
        ]


def _late(drafts: Sequence[ReadingDraft], known: Mapping[tuple[int, dt.date], object]) -> list[ReadingDraft]:
    """Readings of shops' meters that come between others: only those can change what a bill was shared by."""
    last: dict[int, dt.date] = {}
    for meter, day in known:
        last[meter] = max(day, last.get(meter, day))
    return [d for d in drafts if d.meter.unit_id is not None and d.read_on < last.get(d.meter.pk, dt.date.min)]


def _known(street: Street, meters: dict[str, Meter]) -> dict[tuple[int, dt.date], list[int]]:
    known: dict[tuple[int, dt.date], list[int]] = defaultdict(list)
    for meter, day, litres in each_in(partial(_readings_at, street), (m.pk for m in meters.values())):
        known[meter, day].append(litres)
    return dict(known)


@prepared
def _readings_at(street: Street, meters: Sequence[int]) -> QuerySet[Reading, tuple[Any, ...]]:
    rows = Reading.objects.filter(street=street, meter__pk__in=meters)
    return rows.order_by("pk").values_list("meter_id", "read_on", "litres")
