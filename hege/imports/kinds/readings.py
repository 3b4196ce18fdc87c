"""Readings: one index a meter a day; a second one is a correction, and that is another act."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from hege.arrears.queries import thresholds_of
from hege.arrears.rules import tolerance_of
from hege.billing.queries import doubts_of, shared_otherwise
from hege.billing.rules import BY_READINGS, Method, says
from hege.imports.affected_bills import numbers_within, shared_bills
from hege.imports.layouts import ReadingRow
from hege.imports.plan import Booking, ImportRun, Plan, ToCome
from hege.imports.queries import batches, meters_by_number
from hege.imports.rules import digest_of, voucher_key
from hege.ledger.queries import booked_rows
from hege.metering.actions import ReadingDraft, check_readings, record_readings
from hege.metering.models import Meter, Reading
from hege.metering.queries import indexes_of
from hege.metering.rules import DAY, MOST_DAYS_BETWEEN, Index, ReadingMethod, m3, run_on


def plan_readings(run: ImportRun, rows: Sequence[ReadingRow], plan: Plan) -> None:
    """Check readings against the meters, each other and those on record."""
    meters = meters_by_number(run.street, [r.meter for r in rows])
    known = _known(run, meters)
    first: dict[tuple[str, dt.date], int] = {}
    fresh: list[ReadingRow] = []
    for row in rows:
        meter = meters.get(row.meter)
        other = first.setdefault((row.meter, row.read_on), row.number)
        before = len(plan.faults)
        if other != row.number:
            plan.fault(row.number, "抄表日期", row.read_on, _("与第 %(row)d 行是同一块表同一天") % {"row": other})
        if meter is None:
            plan.fault(row.number, "表号", row.meter, _("没有这块表"))
        if row.read_on > run.today:
            plan.fault(row.number, "抄表日期", row.read_on, _("晚于今天"))
        if meter is None or len(plan.faults) > before:
            continue
        if (meter.pk, row.read_on) in known:
            _against_record(plan, row, known[meter.pk, row.read_on])
        else:
            fresh.append(row)
    drafts = _drafts(run, fresh, meters)
    late = _late(drafts, known)
    for position, refusal in check_readings(drafts).items():
        row = fresh[position]
        column = refusal.field or "行度"
        plan.fault(row.number, column, row.read_on if column == "抄表日期" else m3(row.litres), refusal)
    plan.new = {row.number for row in fresh}
    plan.meters = {row.meter for row in fresh}
    _tell_too_high(run, fresh, meters, plan)

    if not plan.faults:
        coming = [Reading(meter=d.meter, read_on=d.read_on, litres=d.litres, method=d.method) for d in drafts]
        _tell_shared_without(run, late, coming, plan)
        _tell_doubts(run, coming, plan)

    def book(booking: Booking) -> None:
        record_readings(run.street, drafts, by=booking.by, at=booking.at, file=booking.file)

    plan.steps.append(book)
    plan.foresee = lambda: ToCome({"readings": len(drafts)})


def _late(drafts: Sequence[ReadingDraft], known: Mapping[tuple[int, dt.date], object]) -> list[ReadingDraft]:
    """Readings of shops' meters that come between others: only those can change what a bill was shared by."""
    last: dict[int, dt.date] = {}
    for meter, day in known:
        last[meter] = max(day, last.get(meter, day))
    return [d for d in drafts if d.meter.unit_id is not None and d.read_on < last.get(d.meter.pk, dt.date.min)]


def _tell_shared_without(run: ImportRun, late: Sequence[ReadingDraft], coming: Sequence[Reading], plan: Plan) -> None:
    """Name the bills that were shared by guesses before these readings come; sharing again takes a decision."""
    if not late:
        return
    days, around = [d.read_on for d in late], MOST_DAYS_BETWEEN * DAY
    points = {d.meter.point_id for d in late}
    span = {"from_on": min(days) - around, "until_on": max(days) + around}
    for bill in shared_otherwise(run.street, points, **span, coming=coming):
        text = _("账单 %(number)s 分摊时还没有这次的读数；要按新读数分，请凭会议决定重新分摊")
        plan.notices.add(text % {"number": bill.number})


def _tell_doubts(run: ImportRun, coming: Sequence[Reading], plan: Plan) -> None:
    """What these readings say against bills that stand: more behind the master than it showed, or another volume."""
    if not coming:
        return
    days = [r.read_on for r in coming]
    tolerance = tolerance_of(thresholds_of(run.street))
    for lot in batches(r.meter.point_id for r in coming):
        found = doubts_of(
            run.street, lot, tolerance=tolerance, readings=coming,
            wanted=lambda b: b.from_on <= max(days) + DAY and min(days) < b.until_on + MOST_DAYS_BETWEEN * DAY,
        )  # fmt: skip
        for doubt in (d for doubts in found.values() for d in doubts if d.kind in BY_READINGS):
            plan.notices.add(says(doubt))


def _against_record(plan: Plan, row: ReadingRow, litres: list[int]) -> None:
    """The latest index of a day counts; one that was corrected since is known too and stays corrected."""
    if row.litres == litres[-1]:
        plan.same.add(row.number)
    elif row.litres in litres:
        plan.same.add(row.number)
        plan.notices.add(_("这次抄表后来更正为 %(m3)s，没有改回") % {"m3": m3(litres[-1])}, row.number)
    else:
        reason = _("当天已登记 %(m3)s；抄错的请在总表的“读数”页登记更正，或用 hege correct") % {"m3": m3(litres[-1])}
        plan.fault(row.number, "行度", m3(row.litres), reason)


def _tell_too_high(run: ImportRun, rows: Sequence[ReadingRow], meters: dict[str, Meter], plan: Plan) -> None:
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
    bills = shared_bills(run.street, {meters[row.meter].point_id for row, _seen, _over in found})
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
        plan.notices.add(
            told + (_("，再在账单页“重新分摊”账单 %(bills)s") % {"bills": named} if named else ""), row.number
        )


def _known(run: ImportRun, meters: dict[str, Meter]) -> dict[tuple[int, dt.date], list[int]]:
    known: dict[tuple[int, dt.date], list[int]] = defaultdict(list)
    for lot in batches(m.pk for m in meters.values()):
        rows = Reading.objects.filter(street=run.street, meter_id__in=lot).order_by("pk")
        for meter, day, litres in rows.values_list("meter_id", "read_on", "litres"):
            known[meter, day].append(litres)
    return dict(known)


def _drafts(run: ImportRun, rows: Sequence[ReadingRow], meters: dict[str, Meter]) -> list[ReadingDraft]:
    keys = {r.number: voucher_key(r.meter, r.read_on.isoformat()) for r in rows}
    taken = booked_rows(run.street, run.kind.value, keys.values())
    return [
        ReadingDraft(
            meter=meters[r.meter],
            read_on=r.read_on,
            litres=r.litres,
            method=r.method,
            reader=r.reader,
            note=r.note,
            source=None if keys[r.number] in taken else run.source(r.number, keys[r.number], digest_of(r[1:])),
        )
        for r in rows
    ]
