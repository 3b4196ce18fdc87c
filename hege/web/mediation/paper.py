"""An agreement on paper: what was printed, what is signed on it, and whose particulars may be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hege.mediation import queries
from hege.mediation.models import Agreement, AgreementPrint, Dossier, MediationParty, Signature
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


class Paper:
    """A print or an agreement as its paper needs it.

    ``current``: it still is the draft, or in force; ``whole``: its words are those of its hash. ``old``: it was signed
    before printing was recorded.
    """

    def __init__(
        self,
        content: dict[str, Any],
        file: Dossier,
        desk: Desk,
        printed: AgreementPrint | None,
        *,
        current: bool,
        whole: bool,
        signatures: Sequence[Signature] = (),
        agreement: Agreement | None = None,
    ) -> None:
        self.content, self.signatures, self.agreement = content, signatures, agreement
        self.current, self.whole, self.old = current, whole, printed is None
        self.number, self.printed_at = printed.number if printed else 0, printed.at if printed else None
        self.sha256 = printed.sha256 if printed else agreement.text.sha256 if agreement else ""
        self.personal = desk.may("mediation.mediate")
        rows = {row.party_id: row for row in queries.parties_of(file)} if self.personal else {}
        signed = {row.party_id: row for row in signatures if row.party_id}
        self.sheets = [Sheet(p, rows.get(p["party"]), signed.get(p["party"])) for p in content["parties"]]
        self.oral = content["form"] == AgreementForm.ORAL
        self.manner = str(PayManner(content["manner"]).label) if content["manner"] else ""
        #: By how much the debt differs from the ledger's.
        self.gap_fen = int(content["debt_fen"]) - int(content["ledger_fen"])
        self.counted_on = dt.date.fromisoformat(content["counted_on"])
        self.schedule = [(dt.date.fromisoformat(day), fen) for day, fen in content["instalments"]]

    @classmethod
    def of_print(cls, printed: AgreementPrint, file: Dossier, desk: Desk) -> Paper:
        """What was printed last, with empty lines: every copy is the same, whoever has signed one already."""
        draft, whole = queries.draft_of(file), printed.sha256 == agreement_digest(printed.content)
        current = draft is not None and agreement_digest(queries.current_content(draft, file)) == printed.sha256
        return cls(printed.content, file, desk, printed, current=current, whole=whole)

    @classmethod
    def of_agreement(cls, agreement: Agreement, desk: Desk) -> Paper:
        """What is in force: the print that was signed, or the words that were kept before prints were."""
        signatures, printed = list(queries.signatures_of(agreement)), agreement.printed
        content, whole = printed.content if printed else _old_content(agreement, desk), queries.intact(agreement)
        return cls(
            content, agreement.file, desk, printed, current=True, whole=whole, signatures=signatures, agreement=agreement
        )  # fmt: skip

    @property
    def year_and_number(self) -> tuple[str, str]:
        """The two parts of the file's number: ``2026-0001``."""
        year, _dash, number = str(self.content["file"]).partition("-")
        return year, number

    @property
    def bank_label(self) -> str:
        """What the place of payment is called: cash is paid at a place, all else by a bank or platform."""
        return _("收款地点") if self.content["manner"] == PayManner.CASH else _("开户银行或支付平台")

    def office_day(self, kind: str) -> dt.date | None:
        """The day the mediator signed or the committee sealed it."""
        return next((row.signed_on for row in self.signatures if row.kind == SignerKind(kind)), None)


def _old_content(agreement: Agreement, desk: Desk) -> dict[str, Any]:
    """An agreement of an earlier release in the words of a print; what was not recorded then stays empty."""
    file, text, parties = agreement.file, agreement.text, list(queries.parties_of(agreement.file))
    instalments = queries.instalments(agreement, on=desk.today)
    return {
        "file": file.number, "street": desk.street.name, "committee": "", "form": agreement.form,
        "mediator": file.mediator.full_name if file.mediator else "",
        "parties": [{"party": row.party_id, "side": row.side, "name": row.party.name} for row in parties],
        "authorised": [
            {"name": a.party.name, "agent_name": a.agent.name, "scope": a.scope, "paper": a.paper,
             "given_on": a.given_on.isoformat()}
            for a in queries.authorisations_of(file)
        ],
        "point": agreement.point.code, "point_name": agreement.point.name, "debtor_name": agreement.debtor.name,
        "debt_fen": agreement.debt_fen, "counted_on": agreement.effective_on.isoformat(),
        "ledger_fen": agreement.debt_fen, "difference": "", "facts": text.facts, "terms": text.terms,
        "statement": text.statement, "manner": "", "payee": "", "bank": "", "account": "",
        "instalments": [[row.due_on.isoformat(), row.amount_fen] for row in instalments],
        "copies": len(parties) + 1,
    }  # fmt: skip
