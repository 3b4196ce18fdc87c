"""A day on which the street takes pictures of what it had only written down: receipts, shops, a dial, papers. Sample data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from hege.attachments.actions import add_files
from hege.attachments.preparing import Prepared
from hege.attachments.rules import Purpose
from hege.billing.actions import AcknowledgementDraft, acknowledge_debts, state_evidence
from hege.billing.chart import TransactionKind
from hege.billing.models import Acknowledgement, Payment
from hege.cases.reports.actions import record_visit
from hege.cases.rules import PaysHow, ReceiptsHeld
from hege.kernel.grouped import grouped
from hege.kernel.money import yuan
from hege.ledger.rules import EvidenceKind, Side
from hege.metering.actions import ReadingDraft, record_readings
from hege.metering.models import Meter, SupplyPoint
from hege.metering.queries import the_point
from hege.people.models import Role
from hege.places.models import Unit
from hege.stories import drawings
from hege.stories.crisis import Crisis
from hege.stories.street import Acting, Stage
from hege.stories.water_files import shop_code

LITRES_A_DAY = 42_000
SHOPS, VISITED = 6, 3  # whose receipts are photographed; whose fronts too
PAGES = 3  # of a register, the latest
ADMITS = shop_code(38)


def take_pictures(crisis: Crisis, on: dt.date) -> None:
    """What is photographed on a day after the deferral; a visitor finds it on the pages of each thing."""
    grid, coordinator = crisis.acting(Role.GRID_WORKER, on), crisis.acting(Role.COORDINATOR, on)
    for number in range(1, SHOPS + 1):
        code = shop_code(number)
        rows = _receipts(crisis.point, tenancy__unit__code=code)
        sheet = drawings.receipts(code, [(f"{p.transaction.effective_on}", p.amount_fen) for p in rows])
        _show(rows, sheet, grid)
        if number <= VISITED:
            _visit(crisis, code, [drawings.front(code), sheet], on, number)
    _read_the_dial(crisis, on)
    _sign_again(crisis, on)
    delivered = drawings.signed_page(Purpose.DELIVERY, crisis.point.code, f"{crisis.day(-9)}")
    add_files([delivered], about=crisis.notice, **coordinator)
    agreed = drawings.signed_page(Purpose.PAPER, crisis.case.number, "40 / 47")
    add_files([agreed], about=crisis.decisions[1], **coordinator)


def show_the_register(stage: Stage, code: str, on: dt.date) -> None:
    """The pages of a collecting agent's register, one a month, beside every receipt that stands on them."""
    months = grouped((p.transaction.effective_on, p) for p in _receipts(the_point(stage.street, code)))
    for day, paid in list(months.items())[-PAGES:]:
        page = drawings.receipts(
            f"{code}  {day:%Y-%m}", [(p.tenancy.unit.code, p.amount_fen) for p in paid if p.tenancy]
        )
        _show(paid, page, stage.acting(Role.GRID_WORKER, on))


def _receipts(point: SupplyPoint, **of: object) -> list[Payment]:
    rows = Payment.objects.filter(point=point, transaction__kind=TransactionKind.RECEIPT, **of)
    return list(rows.select_related("transaction__street", "tenancy__unit").order_by("transaction__effective_on", "pk"))


def _show(payments: Iterable[Payment], sheet: Prepared, acting: Acting) -> None:
    for payment in payments:
        state_evidence(
            payment.transaction, side=Side.PAYEE, kind=EvidenceKind.SIGNED_RECEIPT, supports=True,
            stated_on=payment.transaction.effective_on, document=payment.voucher, papers=[sheet], **acting,
        )  # fmt: skip


def _visit(crisis: Crisis, code: str, photos: list[Prepared], on: dt.date, number: int) -> None:
    grid = crisis.acting(Role.GRID_WORKER, on)
    grid["at"] += number * dt.timedelta(minutes=10)
    record_visit(
        Unit.objects.get(street=crisis.stage.street, code=code), visited_on=on, pays_how=PaysHow.TO_AGENT,
        receipts_held=ReceiptsHeld.ALL, case=crisis.case, note="补拍门面和收据", photos=photos, **grid,
    )  # fmt: skip


def _read_the_dial(crisis: Crisis, on: dt.date) -> None:
    meter, last = Meter.objects.get(point=crisis.point), crisis.files.months[crisis.billed - 1]
    litres = (last.first_index_m3 + last.volume_m3) * 1000 + (on - last.until_on).days * LITRES_A_DAY
    acting = crisis.acting(Role.GRID_WORKER, on)
    draft = ReadingDraft(meter, on, litres, reader=acting["by"].full_name)
    (reading,) = record_readings(crisis.stage.street, [draft], **acting)
    add_files([drawings.dial(meter.number, litres)], about=reading, **acting)


def _sign_again(crisis: Crisis, on: dt.date) -> None:
    """A shop says once more what it has not paid, and this time the signed page is kept."""
    said = Acknowledgement.objects.filter(point=crisis.point, tenancy__unit__code=ADMITS).latest("on")
    voucher = f"QR-{ADMITS}-{on:%m%d}"
    page = drawings.signed_page(Purpose.SIGNED_PAGE, voucher, f"{on}", yuan(said.amount_fen))
    draft = AcknowledgementDraft(said.point, said.tenancy, on, said.amount_fen, voucher, papers=[page])
    acknowledge_debts(crisis.stage.street, [draft], **crisis.acting(Role.GRID_WORKER, on))
