"""A mediation at every stage, over a debt that the ledger knows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hege.billing.chart import TransactionKind
from hege.kernel.clock import at_noon
from hege.mediation.dossier import actions as mediation
from hege.mediation.models import Agreement, Dossier
from hege.mediation.rules import AgreementForm, DocumentKind, FileSource, FileState, SessionKind
from hege.people.models import User
from tests.agreements import agree
from tests.cast import Cast, Row
from tests.standing import standing

ON = dt.date(2026, 3, 2)
AT = at_noon(ON)
SCHEDULE = [(dt.date(2026, 3, 10), 300_00), (dt.date(2026, 3, 31), 300_00), (dt.date(2026, 4, 30), 400_00)]


@dataclass(frozen=True)
class Room:
    """The mediator, the two sides and the debt between them."""

    cast: Cast
    row: Row

    def open(self, **wishes: object) -> Dossier:
        """Open a file: the utility against the agent."""
        facts: dict[str, object] = {
            "source": FileSource.APPLICATION,
            "subject": "总表水费",
            "summary": "代收水费未交水司。",
            "applicants": [self.cast.utility],
            "respondents": [self.row.agent],
            "point": self.row.point,
            "mediator": self.cast.mediator,
            "by": self.cast.mediator,
            "at": AT,
        }
        return mediation.open_file(self.cast.street, **{**facts, **wishes})  # type: ignore[arg-type]

    def file(self, state: FileState = FileState.MEDIATING) -> Dossier:
        """A file brought to a state."""
        file, by = self.open(), self.cast.mediator
        if state is FileState.REGISTERED:
            return file
        if state is FileState.WITHDRAWN:
            return mediation.withdraw_application(file, reason="自行和解。", by=by, at=AT)
        if state is FileState.TERMINATED:
            return mediation.terminate_mediation(file, reason="一方不愿继续。", by=by, at=AT)
        file = mediation.tell_rights(file, text="已送达。", by=by, at=AT)
        if state is FileState.RIGHTS_TOLD:
            return file
        if state is FileState.INVESTIGATING:
            self.session(file, SessionKind.INVESTIGATION)
        else:
            self.session(file)
        if state is FileState.FAILED:
            mediation.fail_mediation(file, reason="金额谈不拢。", by=by, at=AT)
        if state is FileState.AGREED:
            self.agree(file=file)
        file.refresh_from_db()
        return file

    def session(self, file: Dossier, kind: SessionKind = SessionKind.MEDIATION) -> None:
        """Put a session on record."""
        mediation.record_session(
            file, kind=kind, text="双方到场。", present="水司、二房东", by=self.cast.mediator, at=AT
        )

    def agree(self, file: Dossier | None = None, **wishes: object) -> Agreement:
        """Sign an agreement over 1,000 yuan in three instalments, effective on the first day."""
        facts: dict[str, object] = {
            "form": AgreementForm.WRITTEN,
            "debtor": self.row.agent,
            "debt_fen": 1_000_00,
            "instalments": SCHEDULE,
            "facts": "代收水费 1000 元未交。",
            "terms": "分三期汇入水司账户。",
            "agreed_on": ON,
            "signed": {self.cast.utility: ON, self.row.agent: ON},
            "mediator_signed_on": ON,
            "sealed_on": ON,
            "by": self.cast.mediator,
            "at": AT,
        }
        return agree(file or self.file(), **{**facts, **wishes})  # type: ignore[arg-type]

    def pay(self, fen: int, on: dt.date, *, confirmed: bool = True, direct: bool = False, named: str = "") -> None:
        """Money reaches the utility, from the agent or from the first shop, ``named`` for a debt where it is."""
        kind = TransactionKind.DIRECT_PAYMENT if direct else TransactionKind.REMITTANCE
        self.row.pay(kind, fen, on=on, unit=0 if direct else None, confirmed=confirmed, named=[named] if named else [])


@standing
def room(cast: Cast, row: Row) -> Room:
    """Three shops' agent and the utility, before the mediator; 1,000 yuan are owed."""
    row.bill(fen=1_000_00)
    return Room(cast, row)


@standing
def file(room: Room) -> Dossier:
    """A file with a session on record."""
    return room.file()


@standing
def agreement(room: Room) -> Agreement:
    """An agreement over all of the debt, in force; ``agreed`` is its file."""
    return room.agree()


@standing
def agreed(agreement: Agreement) -> Dossier:
    """A file that ended in an agreement."""
    agreement.file.refresh_from_db()
    return agreement.file


@standing
def archived(room: Room, agreed: Dossier) -> Dossier:
    """A file that ended in an agreement and lies in the archive."""
    return put_away(agreed, by=room.cast.mediator)


def put_away(file: Dossier, *, by: User) -> Dossier:
    """Put the one paper that is wanting into a file, and the file into the archive."""
    text = "身份证明复印件各一份。"
    mediation.file_document(file, kind=DocumentKind.IDENTITY, text=text, happened_on=ON, by=by, at=AT)
    return mediation.archive_dossier(file, by=by, at=AT)
