"""An agreement on paper: what was printed, what is signed on it, and whose particulars may be shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hege.mediation.models import Agreement, AgreementPrint, Dossier, MediationParty, Signature
from hege.mediation.queries import (
    authorisations_of,
    current_content,
    draft_of,
    instalments,
    intact,
    parties_of,
    signatures_of,
)
from hege.mediation.rules import AgreementForm, PartySide, PayManner, SignerKind, agreement_digest
from hege.web.access import Desk


@dataclass(frozen=True, slots=True)
class Sheet:
    """One party on the paper: what the print says of it, and its particulars where they may be seen."""

    said: dict[str, Any]
    row: MediationParty | None
    signed: Signature | None

    @property
    def side(self) -> str:
        return str(PartySide(self.said["side"]).label)


@dataclass(frozen=True)
class Paper:
    """A print or an agreement as its paper needs it; ``old``: it was signed before printing was recorded."""

    content: dict[str, Any]
    sheets: list[Sheet]
    signatures: list[Signature]
    sha256: str
    file: Dossier
    number: int
    printed_at: dt.datetime | None
    personal: bool
    current: bool
    whole: bool
    agreement: Agreement | None = None

    @classmethod
    def of_print(cls, printed: AgreementPrint, file: Dossier, desk: Desk) -> Paper:
        """What was printed last, with empty lines: every copy is the same, whoever has signed one already."""
        draft = draft_of(file)
        current = draft is not None and agreement_digest(current_content(draft, file)) == printed.sha256
        return cls._made(printed.content, file, desk, [], printed, current=current, whole=_fits(printed))

    @classmethod
    def of_agreement(cls, agreement: Agreement, desk: Desk) -> Paper:
        """What is in force: the print that was signed, or the words that were kept before prints were."""
        signatures, printed = list(signatures_of(agreement)), agreement.printed
        content = printed.content if printed else _old_content(agreement, desk)
        return cls._made(
            content,
            agreement.file,
            desk,
            signatures,
            printed,
            current=True,
            whole=intact(agreement),
            agreement=agreement,
        )

    @classmethod
    def _made(
        cls, content: dict[str, Any], file: Dossier, desk: Desk, signatures: list[Signature],
        printed: AgreementPrint | None, *, current: bool, whole: bool, agreement: Agreement | None = None,
    ) -> Paper:  # fmt: skip
        personal = desk.may("mediation.mediate")
        rows = {row.party_id: row for row in parties_of(file)} if personal else {}
        signed = {row.party_id: row for row in signatures if row.party_id}
        return cls(
            content=content,
            sheets=[Sheet(p, rows.get(p["party"]), signed.get(p["party"])) for p in content["parties"]],
            signatures=signatures,
            sha256=printed.sha256 if printed else agreement.text.sha256 if agreement else "",
            file=file,
            number=printed.number if printed else 0,
            printed_at=printed.at if printed else None,
            personal=personal,
            current=current,
            whole=whole,
            agreement=agreement,
        )  # fmt: skip

    @property
    def old(self) -> bool:
        return self.printed_at is None

    @property
    def oral(self) -> bool:
        return bool(self.content["form"] == AgreementForm.ORAL)

    @property
    def year_and_number(self) -> tuple[str, str]:
        """The two parts of the file's number: ``2026-0001``."""
        year, _dash, number = str(self.content["file"]).partition("-")
        return year, number

    @property
    def bank_label(self) -> str:
        """What the place of payment is called: cash is paid at a place, all else by a bank or platform."""
        return _("收款地点") if self.content["manner"] == PayManner.CASH else _("开户银行或支付平台")

    @property
    def manner(self) -> str:
        return str(PayManner(self.content["manner"]).label) if self.content["manner"] else ""

    @property
    def gap_fen(self) -> int:
        """By how much the debt differs from the ledger's."""
        return int(self.content["debt_fen"]) - int(self.content["ledger_fen"])

    @property
    def schedule(self) -> list[tuple[dt.date, int]]:
        return [(dt.date.fromisoformat(day), fen) for day, fen in self.content["instalments"]]

    @property
    def authorised(self) -> list[dict[str, Any]]:
        return list(self.content["authorised"])

    @property
    def counted_on(self) -> dt.date:
        return dt.date.fromisoformat(self.content["counted_on"])

    def office_day(self, kind: str) -> dt.date | None:
        """The day the mediator signed or the committee sealed it."""
        return next((row.signed_on for row in self.signatures if row.kind == SignerKind(kind)), None)


def _fits(printed: AgreementPrint) -> bool:
    return bool(printed.sha256 == agreement_digest(printed.content))


def _old_content(agreement: Agreement, desk: Desk) -> dict[str, Any]:
    """An agreement of an earlier release in the words of a print; what was not recorded then stays empty."""
    file, text, parties = agreement.file, agreement.text, list(parties_of(agreement.file))
    return {
        "file": file.number, "street": desk.street.name, "committee": "", "form": agreement.form,
        "mediator": file.mediator.full_name if file.mediator else "",
        "parties": [{"party": row.party_id, "side": row.side, "name": row.party.name} for row in parties],
        "authorised": [
            {"name": a.party.name, "agent_name": a.agent.name, "scope": a.scope, "paper": a.paper,
             "given_on": a.given_on.isoformat()}
            for a in authorisations_of(file)
        ],
        "point": agreement.point.code, "point_name": agreement.point.name, "debtor_name": agreement.debtor.name,
        "debt_fen": agreement.debt_fen, "counted_on": agreement.effective_on.isoformat(),
        "ledger_fen": agreement.debt_fen, "difference": "", "facts": text.facts, "terms": text.terms,
        "statement": text.statement, "manner": "", "payee": "", "bank": "", "account": "",
        "instalments": [[row.due_on.isoformat(), row.amount_fen] for row in instalments(agreement, on=desk.today)],
        "copies": len(parties) + 1,
    }  # fmt: skip
