"""What the pages of 调解与协议 show: files as the case files they are, agreements as the ledger sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.arrears.cutoff.models import Deferral
from hege.arrears.cutoff.queries import awaits_consent
from hege.mediation.models import (
    Agreement,
    AgreementDraft,
    AgreementPrint,
    Authorisation,
    Dossier,
    MediationDocument,
    MediationParty,
    MediationRecord,
    Signature,
    SupplementaryPaper,
)
from hege.mediation.queries import (
    AgreementDue,
    ConfirmationDue,
    InstalmentState,
    authorisations_of,
    confirmation_due,
    documents_of,
    draft_content,
    draft_of,
    files_of,
    follower,
    instalments,
    instalments_of,
    intact,
    latest_print,
    parties_of,
    print_signatures,
    records_of,
    signatures_of,
    supplements_of,
    wanted_of,
)
from hege.mediation.rules import (
    AGREEMENT_OVER,
    FILE_FINISHED,
    GENERATED,
    NEXT_FILE,
    REQUIRED,
    AgreementForm,
    AgreementState,
    Confirmation,
    DocumentKind,
    DocumentState,
    FileState,
    SessionKind,
    SignerKind,
    Wanting,
    agreement_digest,
    standing,
    why_moved,
)
from hege.trail import queries as trail
from hege.web.access import Desk
from hege.web.jinja import day, daylong, instant
from hege.web.marks import Button, Chip, Step, Tab, tabs
from hege.web.marks import state as state_of

RUNNING = frozenset(FileState) - FILE_FINISHED
TABS: dict[str, tuple[str | Promise, frozenset[FileState]]] = {
    "": (gettext_lazy("在调解"), RUNNING),
    "agreed": (gettext_lazy("达成协议"), frozenset({FileState.AGREED})),
    "ended": (gettext_lazy("没有成"), FILE_FINISHED - {FileState.AGREED}),
    "all": (gettext_lazy("全部"), frozenset(FileState)),
}
#: An instalment due within this many days is shown in amber.
SOON = 7


class FileList:
    """The files of one's part of the street, the oldest open one first."""

    def __init__(self, desk: Desk, tab: str) -> None:
        self.desk, self.tab = desk, tab if tab in TABS else ""

    @property
    def _rows(self) -> QuerySet[Dossier]:
        return files_of(self.desk.street, paths=self.desk.paths("mediation.see"))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many files stand in each tab; one query."""
        found = dict(self._rows.order_by("state").values_list("state").annotate(n=Count("pk")))
        return {tab: sum(found.get(state, 0) for state in states) for tab, (_label, states) in TABS.items()}

    @property
    def tabs(self) -> list[Tab]:
        here = reverse("mediation:index", args=(self.desk.street.code,))
        return tabs(here, {tab: label for tab, (label, _states) in TABS.items()}, self.tab, self.counts)

    @property
    def ordered(self) -> QuerySet[Dossier]:
        lacking = Q(documents__kind__in=REQUIRED - GENERATED, documents__state=DocumentState.MISSING)
        oldest = Case(When(state__in=RUNNING, then=F("opened_on")), default=None)
        return (
            self._rows.filter(state__in=TABS[self.tab][1])
            .annotate(lacking=Count("documents", filter=lacking))
            .order_by(oldest.asc(nulls_last=True), "-opened_on", "-pk")
        )


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document of the file: whether it must be there, whether it is, and what may be done about it."""

    chip: Chip
    note: str = ""
    required: bool = False
    bad: bool = False
    may_file: bool = False
    may_add: bool = False


class FilePage:
    """One file as its page needs it."""

    def __init__(self, file: Dossier, desk: Desk) -> None:
        self.file, self.desk = file, desk
        self.state = FileState(file.state)

    @cached_property
    def parties(self) -> list[MediationParty]:
        return list(parties_of(self.file))

    @cached_property
    def documents(self) -> list[MediationDocument]:
        return list(documents_of(self.file))

    @property
    def there(self) -> int:
        return sum(d.state == DocumentState.PRESENT for d in self.documents)

    @cached_property
    def wanting(self) -> dict[str, Wanting]:
        """What stands in the way of the archive, by kind: the same question the action asks."""
        agreement = self.agreement.agreement if self.agreement else None
        authorised = not self.file.archived_on and bool(self.authorised)
        rows = wanted_of(self.documents, self.records, agreement, authorised=authorised)
        return {row.kind.value: row for row in rows}

    @cached_property
    def authorised(self) -> list[Authorisation]:
        return list(authorisations_of(self.file))

    @cached_property
    def draft(self) -> AgreementDraft | None:
        """The draft, while there is no agreement yet."""
        return draft_of(self.file) if self.state not in FILE_FINISHED else None

    @cached_property
    def printed(self) -> AgreementPrint | None:
        return latest_print(self.file) if self.draft else None

    @cached_property
    def print_is_current(self) -> bool:
        """Whether the last print still says what the draft says: only then is it signed."""
        if self.draft is None or self.printed is None:
            return False
        return (
            agreement_digest(draft_content(self.draft, self.file, self.parties, self.authorised)) == self.printed.sha256
        )

    @cached_property
    def signatures(self) -> list[Signature]:
        return list(print_signatures(self.printed)) if self.printed else []

    @property
    def unsigned(self) -> list[str]:
        """The parties that have not signed the print."""
        had = {row.party_id for row in self.signatures}
        return [row.party.name for row in self.parties if row.party_id not in had]

    @property
    def all_signed(self) -> bool:
        mediator = any(row.kind == SignerKind.MEDIATOR for row in self.signatures)
        return self.print_is_current and mediator and not self.unsigned

    @property
    def oral(self) -> bool:
        return self.draft is not None and self.draft.form == AgreementForm.ORAL

    @cached_property
    def supplements(self) -> list[SupplementaryPaper]:
        return list(supplements_of(self.file)) if self.file.archived_on else []

    @cached_property
    def records(self) -> list[MediationRecord]:
        return list(records_of(self.file))

    @cached_property
    def agreement(self) -> AgreementPage | None:
        row = Agreement.objects.filter(street=self.file.street_id, file=self.file)
        found = row.select_related("street", "point", "debtor", "text").first()
        if found is None:
            return None
        found.file = self.file
        return AgreementPage(found, self.desk)

    @property
    def steps(self) -> list[Step]:
        """The way of the law: accepted, rights told, session, agreement, performance, archive."""
        f, agreement = self.file, self.agreement
        held = [r for r in self.records if r.kind != SessionKind.RETURN_VISIT]
        performed = agreement is not None and agreement.agreement.state == AgreementState.PERFORMED
        ended = self.state in FILE_FINISHED and self.state is not FileState.AGREED
        done = [
            (_("受理"), True, f.opened_on),
            (_("告知权利"), f.rights_told_on is not None, f.rights_told_on),
            (_("调查调解"), bool(held), held[-1].held_on if held else None),
            (str(self.state.label) if ended else _("签协议"), agreement is not None or ended, f.ended_on),
            *([] if ended else [(_("履行"), performed, agreement.agreement.performed_on if agreement else None)]),
            (_("归档"), f.archived_on is not None, f.archived_on),
        ]
        now = next((n for n, (_label, is_done, _on) in enumerate(done) if not is_done), len(done))
        return [Step.of(label, day(on), done=is_done, now=n == now) for n, (label, is_done, on) in enumerate(done)]

    # -- how it is shown -----------------------------------------------------------------------------------------------

    @property
    def chips(self) -> list[Chip]:
        """How far it is, who mediates, and whether its documents are together."""
        f = self.file
        mediator = _("调解员 %(name)s") % {"name": f.mediator.full_name} if f.mediator else _("没有指定调解员")
        chips = [
            state_of(f),
            Chip(mediator, "", "user"),
            Chip(_("文书 %(n)s / 13") % {"n": self.there}, "", "file-text", "#documents"),
        ]
        if f.archived_on:
            chips.append(Chip(_("%(day)s 归档") % {"day": day(f.archived_on)}, "green", "lock", "#documents"))
        elif self.wanting:
            lacking = _("归档还缺 %(n)s 份") % {"n": len(self.wanting)}
            chips.append(Chip(lacking, "amber", "alert-triangle", "#documents"))
        return [*chips, Chip(_("内部"), "", "lock")]

    @property
    def buttons(self) -> list[Button]:
        """What this person may do now; filled is the next step of the way."""
        draft = _("改草案") if self.draft else _("拟协议草案")
        rows = [
            (self.may_withdraw, Button(_("撤回申请"), self._to("withdraw"))),
            (self.may_terminate, Button(_("终止"), self._to("terminate"))),
            (self.may_fail, Button(_("调解不成"), self._to("fail"))),
            (self.may_tell, Button(_("告知权利义务"), self._to("rights"), "message-report", main=True)),
            (self.may_record, Button(_("写调解记录"), self._to("session"), "edit", main=not self.may_draft)),
            (self.may_draft, Button(draft, self._to("draft"), "edit", main=not self.draft)),
            (self.may_print, Button(_("打印协议"), self._to("print"), "printer", main=True)),
            (self.may_sign, Button(_("登记签名"), self._to("sign"), "check", main=True)),
            (self.may_register, Button(_("登记协议"), self._to("record"), "check", main=True)),
            (self.may_archive, Button(_("归档"), self._to("archive"), "check", main=True)),
        ]
        return [button for may, button in rows if may]

    def _to(self, name: str) -> str:
        return reverse(f"mediation:{name}", args=(self.desk.street.code, self.file.public_id))

    @property
    def signing(self) -> str:
        """Who has still to sign the print."""
        if self.unsigned:
            return _("还有 %(n)s 方没有签名：%(who)s。") % {
                "n": len(self.unsigned),
                "who": "、".join(self.unsigned[:5]),
            }
        return _("各方和调解员都签了名，等盖章登记。") if self.all_signed else _("各方都签了名，等调解员签名。")

    def row(self, document: MediationDocument) -> DocumentRow:
        """How the list of documents shows one of them."""
        want = None if self.file.archived_on else self.wanting.get(document.kind)
        own = document.kind in (DocumentKind.BACK_COVER, DocumentKind.AGREEMENT)  # written by their own acts
        state, may = DocumentState(document.state), self.may_add and not own
        there = state is DocumentState.PRESENT and not (want and want.empty)
        return DocumentRow(
            _there(document, want),
            note=" · ".join(filter(None, [daylong(document.happened_on), str(document.by or "")])) if there else "",
            required=document.required or bool(want and not want.empty),
            bad=want is not None and self.file.ended_on is not None,
            may_file=may and state is DocumentState.MISSING,
            may_add=may and state is DocumentState.PRESENT,
        )

    # -- what may be done now ------------------------------------------------------------------------------------------

    @property
    def mediates(self) -> bool:
        return self.desk.may("mediation.mediate")

    def _leads_to(self, *states: FileState) -> bool:
        return self.mediates and bool(NEXT_FILE[self.state] & set(states))

    @property
    def may_tell(self) -> bool:
        return self._leads_to(FileState.RIGHTS_TOLD)

    @property
    def may_record(self) -> bool:
        running = self.state in (FileState.RIGHTS_TOLD, FileState.INVESTIGATING, FileState.MEDIATING)
        return running and self.mediates

    @property
    def may_draft(self) -> bool:
        held = any(r.kind == SessionKind.MEDIATION for r in self.records)
        return held and self._leads_to(FileState.AGREED)

    @property
    def may_describe(self) -> bool:
        """Whether particulars and authority may still be written down."""
        return self.mediates and self.state not in FILE_FINISHED

    @property
    def may_print(self) -> bool:
        return self.may_draft and self.draft is not None and not self.print_is_current and not self.oral

    @property
    def may_sign(self) -> bool:
        return self.may_draft and self.print_is_current and not self.all_signed and not self.oral

    @property
    def may_register(self) -> bool:
        return self.may_draft and (self.all_signed or self.oral)

    @property
    def may_fail(self) -> bool:
        return self._leads_to(FileState.FAILED)

    @property
    def may_terminate(self) -> bool:
        return self._leads_to(FileState.TERMINATED)

    @property
    def may_withdraw(self) -> bool:
        return self._leads_to(FileState.WITHDRAWN)

    @property
    def may_add(self) -> bool:
        return self.mediates and self.file.archived_on is None

    @property
    def may_supplement(self) -> bool:
        """Whether papers on what happened afterwards may be added beside the archived file."""
        return self.mediates and self.file.archived_on is not None and self.state is FileState.AGREED

    @property
    def may_archive(self) -> bool:
        return self.may_add and self.state in FILE_FINISHED and not self.wanting


def _there(document: MediationDocument, want: Wanting | None) -> Chip:
    """Whether a document is there; ``want``: what of it stands in the way of the archive."""
    state = DocumentState(document.state)
    if want and want.empty:
        return Chip(_("没有内容"), "amber", "alert-triangle")
    if document.kind == DocumentKind.BACK_COVER and state is DocumentState.MISSING:
        return Chip(_("归档时自动写成"), "", "circle-dashed")
    if state is DocumentState.PRESENT:
        return Chip(_("已有"), "green", "circle-check")
    if state is DocumentState.NOT_NEEDED:
        return Chip(_("不需要"))
    return Chip(_("还缺"), "amber", "alert-triangle") if want else Chip(_("还没有"), "", "circle-dashed")


#: How an instalment is marked, by how it is drawn.
DRAWN = {
    "met": ("green", "circle-check"),
    "late": ("amber", "clock"),
    "broken": ("red", "alert-triangle"),
    "due": ("amber", ""),
}


@dataclass(frozen=True, slots=True)
class InstalmentRow:
    """One instalment with how it is drawn and named."""

    row: InstalmentState
    state: str
    state_name: str
    followed: bool = False

    @property
    def chip(self) -> Chip:
        return Chip(self.state_name, *DRAWN.get(self.state, ()))

    @property
    def note(self) -> str:
        """When it was paid, or how many days are left; nothing where a later agreement took over."""
        row = self.row
        if row.met:
            return _("%(day)s 到齐") % {"day": day(row.met_on)}
        if self.followed:
            return ""
        if row.overdue:
            return _("逾期 %(n)s 天") % {"n": -row.days_left}
        if row.days_left < 0:
            return _("%(year)s 年放假通知没有录入，不算逾期") % {"year": row.in_time_until.year}
        return _("还有 %(n)s 天") % {"n": row.days_left}

    @property
    def due_on(self) -> dt.date:
        return self.row.due_on

    @property
    def fen(self) -> int:
        return self.row.amount_fen

    @property
    def paid_fen(self) -> int:
        return self.row.met_fen


def drawn(row: InstalmentState, *, followed: bool = False) -> InstalmentRow:
    """How the ledger sees an instalment, in words and colour; ``followed``: a later agreement took over."""
    if row.met:
        return InstalmentRow(row, "late", _("晚到账")) if row.late else InstalmentRow(row, "met", _("按期到账"))
    if followed:
        return InstalmentRow(row, "ahead", _("归新协议"), followed=True)
    if row.overdue:
        return InstalmentRow(row, "broken", _("逾期"))
    if row.days_left < 0:
        return InstalmentRow(row, "due", _("等放假通知"))
    if row.days_left <= SOON:
        return InstalmentRow(row, "due", _("快到期"))
    return InstalmentRow(row, "ahead", _("还没到期"))


class AgreementPage:
    """One agreement as the ledger sees it on the desk's day."""

    def __init__(self, agreement: Agreement, desk: Desk) -> None:
        self.agreement, self.desk, self.today = agreement, desk, desk.today

    @cached_property
    def instalments(self) -> list[InstalmentRow]:
        return [drawn(row, followed=self.next is not None) for row in instalments(self.agreement, on=self.today)]

    @cached_property
    def next(self) -> Agreement | None:
        """The later agreement over the same supply point that took over, if there is one."""
        return follower(self.agreement)

    @cached_property
    def stands(self) -> AgreementState:
        """How it stands by the ledger today: the daily run writes it down where it differs."""
        rows = [row.row for row in self.instalments]
        return standing(
            AgreementState(self.agreement.state),
            met=all(row.met for row in rows),
            late=any(row.late for row in rows),
            followed=self.next is not None,
        )

    @property
    def why(self) -> str | Promise:
        return why_moved(AgreementState(self.agreement.state), self.stands)

    @cached_property
    def moves(self) -> list[dict[str, object]]:
        """When the ledger moved its state, from what to what and why, the latest first."""
        lines = trail.of(self.agreement, street=self.agreement.street).filter(verb="restate_agreement")
        return [
            {
                "text": f"{AgreementState(line.data['before']).label} → {AgreementState(line.data['state']).label}",
                "note": f"{instant(line.at)} · {line.data['why']}",
            }
            for line in lines
        ]

    @property
    def met_fen(self) -> int:
        return sum(row.paid_fen for row in self.instalments)

    @property
    def left_fen(self) -> int:
        return self.agreement.debt_fen - self.met_fen

    @property
    def following(self) -> InstalmentRow | None:
        return None if self.next else next((row for row in self.instalments if not row.row.met), None)

    @property
    def late(self) -> list[InstalmentRow]:
        return [row for row in self.instalments if row.row.late]

    @cached_property
    def intact(self) -> bool:
        return intact(self.agreement)

    @cached_property
    def signatures(self) -> list[Any]:
        return list(signatures_of(self.agreement))

    @cached_property
    def parties(self) -> list[MediationParty]:
        return list(parties_of(self.agreement.file))

    @cached_property
    def awaits_consent(self) -> Deferral | None:
        """The deferral that would go on with this agreement, if the utility's consent to that were recorded."""
        return awaits_consent(self.agreement, on=self.today)

    @property
    def confirmation(self) -> ConfirmationDue | None:
        """The clock of the joint application, while it still runs."""
        return confirmation_due(self.agreement, on=self.today)

    # -- how it is shown -----------------------------------------------------------------------------------------------

    @property
    def chips(self) -> list[Chip]:
        """How it stands, the court's confirmation, since when and how it was made."""
        a = self.agreement
        chips = [self._standing, *self._court]
        chips += [Chip(_("%(day)s 起生效") % {"day": day(a.effective_on)}), Chip(a.get_form_display())]
        if not self.intact:
            chips.append(Chip(_("内容对不上校验码"), "red", "alert-triangle", "#signed"))
        return chips

    @property
    def _standing(self) -> Chip:
        a = self.agreement
        if a.state == AgreementState.PERFORMED:
            return Chip(_("%(day)s 履行完毕") % {"day": day(a.performed_on)}, "green", "circle-check")
        if a.state == AgreementState.BREACHED:
            return Chip(_("%(day)s 登记违约") % {"day": day(a.breached_on)}, "red", "alert-triangle")
        if self.late and a.state != AgreementState.SUPERSEDED:
            return Chip(_("账上有 %(n)s 期没按时") % {"n": len(self.late)}, "red", "alert-triangle")
        return state_of(a)

    @property
    def _court(self) -> list[Chip]:
        due, a = self.confirmation, self.agreement
        if due:
            left = _("司法确认还剩 %(n)s 天") % {"n": due.days_left}
            return [Chip(left, "amber" if due.days_left <= SOON else "", "scale", "#confirmation")]
        if a.confirmation == Confirmation.NOT_SOUGHT:
            return []
        tone = "green" if a.confirmation == Confirmation.CONFIRMED else "water"
        text = _("司法确认：%(state)s") % {"state": a.get_confirmation_display()}
        return [Chip(text, tone, "scale", "#confirmation")]

    @property
    def buttons(self) -> list[Button]:
        """What this person may do now, and the paper."""
        waits = self.may_perform or self.may_rule or self.may_apply
        rule = Button(_("登记确认结果"), self._to("ruling"), "scale", main=not self.may_perform)
        rows = [
            (self.may_breach, Button(_("登记违约"), self._to("breached"), "alert-triangle")),
            (self.may_visit, Button(_("回访"), self._to("visit"), "phone")),
            (True, Button(_("协议原文"), self._to("paper"), "printer", main=not waits)),
            (self.may_apply, Button(_("申请司法确认"), self._to("apply"), "scale", main=not self.may_perform)),
            (self.may_rule, rule),
            (self.may_perform, Button(_("登记履行完毕"), self._to("performed"), "circle-check", main=True)),
        ]
        return [button for may, button in rows if may]

    def _to(self, name: str) -> str:
        return reverse(f"mediation:{name}", args=(self.desk.street.code, self.agreement.public_id))

    @property
    def too_late(self) -> bool:
        return self.agreement.confirmation == Confirmation.NOT_SOUGHT and self.confirmation is None

    # -- what may be done now ------------------------------------------------------------------------------------------

    @property
    def mediates(self) -> bool:
        return self.desk.may("mediation.mediate")

    @property
    def may_visit(self) -> bool:
        """Once it ran its course, or the first money came."""
        begun = self.agreement.state != AgreementState.PERFORMING or self.met_fen > 0
        return self.mediates and begun

    @property
    def may_apply(self) -> bool:
        return self.mediates and self.confirmation is not None

    @property
    def may_rule(self) -> bool:
        return self.mediates and self.agreement.confirmation == Confirmation.APPLIED

    @property
    def may_perform(self) -> bool:
        return self.mediates and self.left_fen == 0 and self.agreement.state != AgreementState.PERFORMED

    @property
    def may_breach(self) -> bool:
        return self.mediates and bool(self.late) and self.agreement.state == AgreementState.PERFORMING


class DueRow:
    """One agreement in a list, as the ledger sees it."""

    def __init__(self, due: AgreementDue) -> None:
        self.due, self.agreement = due, due.agreement

    @property
    def nothing_left(self) -> str:
        """Why no instalment follows."""
        return _("归新协议") if self.agreement.state == AgreementState.SUPERSEDED else _("都到账了")

    @property
    def chip(self) -> Chip:
        if self.due.breached and self.agreement.state not in AGREEMENT_OVER:
            return Chip(_("有一期没按时"), "red", "alert-triangle")
        return state_of(self.agreement)


def dues(agreements: Iterable[Agreement], on: dt.date) -> list[AgreementDue]:
    """Agreements with what the ledger says of each, in the order given; two queries however many."""
    rows = list(agreements)
    states = instalments_of(rows, on=on)
    return [
        AgreementDue(
            a,
            None if a.state == AgreementState.SUPERSEDED else next((row for row in states[a.pk] if not row.met), None),
            sum(row.met_fen for row in states[a.pk]),
            any(row.late for row in states[a.pk]),
        )
        for a in rows
    ]
