"""The lawful way to an agreement in one call: particulars, draft, print, signatures, record. For tests about what follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from hege.kernel.clock import at_noon
from hege.mediation.agreements import actions as mediation
from hege.mediation.models import Agreement, Dossier, MediationParty
from hege.mediation.queries import parties_of
from hege.mediation.rules import AgreementForm, IdentityKind, Particulars, PayManner, PayTo
from hege.metering.models import SupplyPoint
from hege.people.models import Party, PartyKind, User

ACCOUNT = PayTo(PayManner.BANK, "水务公司", "示例银行九里亭支行", "6200 0000 0000 0047")


def particulars_of(row: MediationParty) -> Particulars:
    """Made-up particulars that are in order."""
    if row.party.kind == PartyKind.ORGANISATION:
        return Particulars(IdentityKind.OTHER, "登记证 47 号", "九杜路 1 号", "02100000000", "王负责", "经理")
    return Particulars(
        IdentityKind.ID_CARD, "11010519491231002X", "九杜路 47 号", "13000000047", about="男，汉族，40 岁"
    )


def write_particulars(file: Dossier, *, by: User | None, at: dt.datetime) -> None:
    """Particulars of all parties that have none."""
    for row in parties_of(file):
        if row.particulars is None:
            mediation.write_particulars(row, particulars_of(row), by=by, at=at)


def agree(
    file: Dossier,
    *,
    debtor: Party,
    debt_fen: int,
    instalments: Sequence[tuple[dt.date, int]],
    form: AgreementForm = AgreementForm.WRITTEN,
    point: SupplyPoint | None = None,
    facts: str = "代收水费未交。",
    terms: str = "按期付清。",
    statement: str = "",
    agreed_on: dt.date | None = None,
    signed: Mapping[Party, dt.date] | None = None,
    mediator_signed_on: dt.date | None = None,
    sealed_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
) -> Agreement:
    """Bring a mediation to an agreement in force; drafted and printed on the first day that anybody signs."""
    days = [day for day in (agreed_on, mediator_signed_on, sealed_on, *(signed or {}).values()) if day]
    begun = min([at, *(at_noon(day) for day in days)])
    write_particulars(file, by=by, at=begun)
    mediation.draft_agreement(
        file, form=form, point=point, debtor=debtor, debt_fen=debt_fen, instalments=instalments, pay_to=ACCOUNT,
        facts=facts, terms=terms, statement=statement, difference="双方核对后认可这个数。", by=by, at=begun,
    )  # fmt: skip
    if form is AgreementForm.ORAL:
        return mediation.record_agreement(file, agreed_on=agreed_on, by=by, at=at)
    mediation.print_agreement(file, by=by, at=begun)
    mediation.sign_agreement(file, signed=signed or {}, mediator_signed_on=mediator_signed_on, by=by, at=at)
    return mediation.record_agreement(file, sealed_on=sealed_on, by=by, at=at)
