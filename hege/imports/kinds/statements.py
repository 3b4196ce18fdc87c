"""What units admit and what third records say: nothing is posted, both are kept beside the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from django.utils.translation import gettext as _

from hege.billing.actions import AcknowledgementDraft, acknowledge
from hege.billing.chart import AccountKind
from hege.imports.keys import Fresh, candidates, pick_fresh
from hege.imports.kinds.payments import Directory, Missing, tell_of_former
from hege.imports.layouts import AcknowledgementRow, AssertionRow
from hege.imports.plan import Booking, ImportRun, Plan, ToCome
from hege.kernel.money import yuan
from hege.ledger.actions import AssertionDraft, assert_balances
from hege.metering.models import SupplyPoint
from hege.places.models import Tenancy


def plan_acknowledgements(run: ImportRun, rows: Sequence[AcknowledgementRow], plan: Plan) -> None:
    """Check what units admit."""
    directory = Directory(run, rows)
    good: dict[int, tuple[AcknowledgementRow, SupplyPoint, Tenancy]] = {}
    for row in rows:
        if row.on > run.today:
            plan.fault(row.number, "日期", row.on, _("晚于今天"))
        if row.amount_fen < 0:
            plan.fault(row.number, "承认未缴金额", yuan(row.amount_fen), _("不能是负数"))
        try:
            tenancy = directory.tenancy(row.unit, row.on, row.operator)
            good[row.number] = (row, directory.connection(tenancy, row.unit, row.on).point, tenancy)
        except Missing as missing:
            plan.fault(row.number, missing.column, missing.value, missing)
    plan.book_ids = {point.book_id for _row, point, _tenancy in good.values()}
    asked = candidates(
        rows,
        voucher=lambda r: (r.voucher,),
        movement=attrgetter("on", "unit", "amount_fen"),
    )
    fresh = pick_fresh(plan, run, asked, column="凭证号", mend=_("一张凭证涉及几家时请在凭证号后加 -1、-2。"))
    plan.new = {f.number for f in fresh}
    ours = [good[f.number] for f in fresh if f.number in good]
    tell_of_former(run, plan, directory, [(row, tenancy) for row, _point, tenancy in ours])

    def book(booking: Booking) -> None:
        drafts = [_admitted(run, *good[f.number], f) for f in fresh]
        acknowledge(run.street, drafts, by=booking.by, at=booking.at, file=booking.file)

    plan.steps.append(book)
    plan.foresee = lambda: ToCome({"acknowledgements": len(fresh)})


def _admitted(
    run: ImportRun, row: AcknowledgementRow, point: SupplyPoint, tenancy: Tenancy, fresh: Fresh
) -> AcknowledgementDraft:
    return AcknowledgementDraft(
        point=point,
        tenancy=tenancy,
        on=row.on,
        amount_fen=row.amount_fen,
        voucher=row.voucher,
        note=row.note,
        source=run.source(fresh.number, fresh.key, fresh.digest),
    )


def plan_assertions(run: ImportRun, rows: Sequence[AssertionRow], plan: Plan) -> None:
    """Check what third records say balances are. One document may state many balances."""
    directory = Directory(run, rows)
    good: dict[int, tuple[AssertionRow, SupplyPoint, Tenancy | None]] = {}
    for row in rows:
        if row.on > run.today:
            plan.fault(row.number, "日期", row.on, _("晚于今天"))
        if row.amount_fen < 0:
            plan.notices.add(_("金额是负数，表示反过来欠（如预缴、垫付、多付）；照原样登记，请核对"), row.number)
        if row.account is not AccountKind.TENANCY and row.unit:
            plan.fault(row.number, "商铺编号", row.unit, _("只有科目是“商铺欠缴”才填商铺编号"))
        if row.account is AccountKind.TENANCY and not row.unit:
            plan.fault(row.number, "商铺编号", "", _("科目是“商铺欠缴”要填商铺编号"))
        try:
            good[row.number] = (row, *_balance_of(directory, row))
        except Missing as missing:
            for each in directory.strangers(row) or [missing]:
                plan.fault(row.number, each.column, each.value, each)
    plan.book_ids = {point.book_id for _row, point, _tenancy in good.values()}
    asked = candidates(
        rows,
        voucher=lambda r: (r.voucher, r.master, r.account.value, r.unit, r.on.isoformat()),
        movement=attrgetter("on", "master", "account", "unit", "amount_fen"),
    )
    fresh = pick_fresh(plan, run, asked, column="凭证号", mend=_("同一凭证、同一天、同一科目只能有一个余额。"))
    plan.new = {f.number for f in fresh}

    def book(booking: Booking) -> None:
        drafts = [_stated(run, *good[f.number], f) for f in fresh]
        assert_balances(run.street, drafts, by=booking.by, at=booking.at, file=booking.file)

    plan.steps.append(book)
    plan.foresee = lambda: ToCome({"assertions": len(fresh)})


def _balance_of(directory: Directory, row: AssertionRow) -> tuple[SupplyPoint, Tenancy | None]:
    point = directory.point(row.master)
    if row.account is not AccountKind.TENANCY or not row.unit:
        return point, None
    tenancy = directory.tenancy(row.unit, row.on)
    if all(c.point_id != point.pk for c in directory.connections.rows.get(tenancy.unit_id, ())):
        raise Missing("总表表号", row.master, _("商铺 %(code)s 不接在这块总表后面") % {"code": row.unit})
    return point, tenancy


def _stated(
    run: ImportRun, row: AssertionRow, point: SupplyPoint, tenancy: Tenancy | None, fresh: Fresh
) -> AssertionDraft:
    return AssertionDraft(
        book_id=point.book_id,
        account_kind=row.account,
        on=row.on,
        amount_fen=row.amount_fen,
        tenancy_id=tenancy.pk if tenancy else None,
        document=row.voucher,
        note=row.note,
        source=run.source(fresh.number, fresh.key, fresh.digest),
    )
