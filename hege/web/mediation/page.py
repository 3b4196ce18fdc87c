"""What the pages of 调解与协议 show: files as the case files they are, agreements as the ledger sees them."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from hege.arrears.cutoff.models import Deferral
from hege.arrears.cutoff.queries import awaits_consent
from hege.arrears.cutoff.rules import check_keeps
from hege.arrears.early_warning.queries import overdue_fen
from hege.kernel.refused import allows
from hege.kernel.several import several
from hege.mediation import queries, rules
from hege.mediation.models import (
    Agreement,
    Dossier,
    MediationDocument,
    Signature,
)
from hege.mediation.queries import AgreementDue, ConfirmationDue, InstalmentState
from hege.mediation.rules import (
    FILE_FINISHED,
    AgreementForm,
    AgreementState,
    Confirmation,
    DocumentKind,
    DocumentState,
    FileState,
    SessionKind,
    SignerKind,
    Wanting,
    why_moved,
)
from hege.trail import queries as trail
from hege.web.access import Desk
from hege.web.jinja import day, daylong, dots, instant
from hege.web.marks import Button, Chip, Line, StateList, Step, Text
from hege.web.marks import state as state_of

RUNNING = frozenset(FileState) - FILE_FINISHED
#: An instalment due within this many days is shown in amber.
SOON = 7


class FileList(StateList):
    """The files of one's part of the street, the oldest open one first."""

    here = "mediation:index"
    TABS = {
        "": (_("在调解"), RUNNING),
        "agreed": (_("达成协议"), frozenset({FileState.AGREED})),
        "ended": (_("没有成"), FILE_FINISHED - {FileState.AGREED}),
        "all": (_("全部"), frozenset(FileState)),
    }

    def __init__(self, desk: Desk, tab: str) -> None:
        super().__init__(desk, tab, queries.files_of(desk.street, paths=desk.paths("mediation.see")))

    @property
    def ordered(self) -> QuerySet[Dossier]:
        wanted = rules.REQUIRED - rules.GENERATED
        lacking = Q(documents__kind__in=wanted, documents__state=DocumentState.MISSING)
        oldest = Case(When(state__in=RUNNING, then=F("opened_on")), default=None)
        rows: QuerySet[Any] = self.shown.annotate(lacking=Count("documents", filter=lacking))
        return rows.order_by(oldest.asc(nulls_last=True), "-opened_on", "-pk")


class DocumentRow(NamedTuple):
    """One document of the file: whether it must be there, whether it is, and what may be done about it."""

    chip: Chip
    note: str
    required: bool
    bad: bool
    may_file: bool
    may_add: bool


class FilePage:
    """One file as its page needs it."""

    def __init__(self, file: Dossier, desk: Desk) -> None:
        self.file, self.desk = file, desk
        self.state = FileState(file.state)
        self.mediates = desk.may("mediation.mediate")
        self.may_add = self.mediates and allows(rules.check_not_archived, archived_on=file.archived_on)
        #: Whether particulars and authority may still be written down.
        self.may_describe = self.may_add and allows(rules.check_may_agree, state=self.state)
        #: Whether papers on what happened afterwards may be added beside the archived file.
        supplements = file.archived_on is not None and allows(rules.check_takes_supplements, state=self.state)
        self.may_supplement = self.mediates and supplements
        self.parties, self.documents = list(queries.parties_of(file)), list(queries.documents_of(file))
        self.records, self.authorised = list(queries.records_of(file)), list(queries.authorisations_of(file))
        self.supplements = list(queries.supplements_of(file)) if file.archived_on else []
        #: The draft, its last print and who has signed that, while there is no agreement yet.
        self.draft = queries.draft_of(file) if allows(rules.check_may_agree, state=self.state) else None
        self.printed = queries.latest_print(file) if self.draft else None
        self.signatures = list(queries.print_signatures(self.printed)) if self.printed else []
        self.oral = self.draft is not None and self.draft.form == AgreementForm.ORAL
        made = queries.agreement_of(file)
        if made is not None:
            made.file = file
        self.agreement = AgreementPage(made, desk) if made else None

    @cached_property
    def wanting(self) -> dict[str, Wanting]:
        """What stands in the way of the archive, by kind: the same question the action asks."""
        agreement = self.agreement.agreement if self.agreement else None
        authorised = not self.file.archived_on and bool(self.authorised)
        rows = queries.wanted_of(self.documents, self.records, agreement, authorised=authorised)
        return {row.kind.value: row for row in rows}

    @cached_property
    def print_is_current(self) -> bool:
        """Whether the last print still says what the draft says: only then is it signed."""
        if self.draft is None or self.printed is None:
            return False
        content = queries.draft_content(self.draft, self.file, self.parties, self.authorised)
        return rules.agreement_digest(content) == self.printed.sha256

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
    def steps(self) -> list[Step]:
        """The way of the law: accepted, rights told, session, agreement, performance, archive."""
        f, agreement = self.file, self.agreement.agreement if self.agreement else None
        held = [r for r in self.records if r.kind != SessionKind.RETURN_VISIT]
        performed_on = agreement.performed_on if agreement else None
        performed = agreement is not None and agreement.state == AgreementState.PERFORMED
        ended = self.state in FILE_FINISHED and self.state is not FileState.AGREED
        done = [
            (_("受理"), True, f.opened_on),
            (_("告知权利"), f.rights_told_on is not None, f.rights_told_on),
            (_("调查调解"), bool(held), held[-1].held_on if held else None),
            (self.state.label if ended else _("签协议"), agreement is not None or ended, f.ended_on),
            *([] if ended else [(_("履行"), performed, performed_on)]),
            (_("归档"), f.archived_on is not None, f.archived_on),
        ]
        now = next((n for n, (_label, is_done, _on) in enumerate(done) if not is_done), len(done))
        return [Step.of(label, day(on), done=is_done, now=n == now) for n, (label, is_done, on) in enumerate(done)]

    @property
    def chips(self) -> list[Chip]:
        """How far it is, who mediates, and whether its documents are together."""
        f, there = self.file, sum(d.state == DocumentState.PRESENT for d in self.documents)
        mediator = _("调解员 %(name)s") % {"name": f.mediator.full_name} if f.mediator else _("没有指定调解员")
        documents = Chip(_("文书 %(n)s / 13") % {"n": there}, "", "file-text", "#documents")
        chips = [state_of(f), Chip(mediator, "", "user"), documents]
        if f.archived_on:
            chips.append(Chip(_("%(day)s 归档") % {"day": day(f.archived_on)}, "green", "lock", "#documents"))
        elif self.wanting:
            lacking = _("归档还缺 %(n)s 份") % {"n": len(self.wanting)}
            chips.append(Chip(lacking, "amber", "alert-triangle", "#documents"))
        return [*chips, Chip(_("内部"), "", "lock")]

    @property
    def buttons(self) -> list[Button]:
        """What this person may do now; filled is the next step of the way."""
        if not self.mediates:
            return []
        steps, told = rules.NEXT_FILE[self.state], self.file.rights_told_on is not None
        sits = allows(rules.session_leads_to, state=self.state, kind=SessionKind.MEDIATION, rights_told=told)
        drafts, next_on_paper = self._ready_to_agree, ""
        if drafts and self.draft is not None:
            form, current = AgreementForm(self.draft.form), self.print_is_current
            next_on_paper = rules.next_on_paper(form, current=current, signed=self.all_signed)
        lacking = list(self.wanting.values())
        archives = self.may_add and allows(rules.check_archivable, state=self.state, lacking=lacking)
        draft = _("改草案") if self.draft else _("拟协议草案")
        rows = [
            (FileState.WITHDRAWN in steps, Button(_("撤回申请"), self._to("withdraw"))),
            (FileState.TERMINATED in steps, Button(_("终止"), self._to("terminate"))),
            (FileState.FAILED in steps, Button(_("调解不成"), self._to("fail"))),
            (
                FileState.RIGHTS_TOLD in steps,
                Button(_("告知权利义务"), self._to("rights"), "message-report", main=True),
            ),
            (sits, Button(_("写调解记录"), self._to("session"), "edit", main=not drafts)),
            (drafts, Button(draft, self._to("draft"), "edit", main=not self.draft)),
            (next_on_paper == "print", Button(_("打印协议"), self._to("print"), "printer", main=True)),
            (next_on_paper == "sign", Button(_("登记签名"), self._to("sign"), "check", main=True)),
            (next_on_paper == "record", Button(_("登记协议"), self._to("record"), "check", main=True)),
            (archives, Button(_("归档"), self._to("archive"), "check", main=True)),
        ]
        return [button for may, button in rows if may]

    @property
    def _ready_to_agree(self) -> bool:
        """Whether a draft may be written today."""
        sessions = [r.held_on for r in self.records if r.kind == SessionKind.MEDIATION]
        return allows(
            rules.check_ready_to_agree,
            state=self.state,
            rights_told=self.file.rights_told_on is not None,
            first_session_on=min(sessions, default=None),
            on=self.desk.today,
            mediator=self.file.mediator_id is not None,
        )

    def _to(self, name: str) -> str:
        return self.desk.to(f"mediation:{name}", self.file.public_id)

    @property
    def signing(self) -> Text:
        """Who has still to sign the print."""
        if self.unsigned:
            who = {"n": len(self.unsigned), "who": "、".join(self.unsigned[:5])}
            return _("还有 %(n)s 方没有签名：%(who)s。") % who
        return _("各方和调解员都签了名，等盖章登记。") if self.all_signed else _("各方都签了名，等调解员签名。")

    def row(self, document: MediationDocument) -> DocumentRow:
        """How the list of documents shows one of them."""
        want = None if self.file.archived_on else self.wanting.get(document.kind)
        kind, state = DocumentKind(document.kind), DocumentState(document.state)
        may = self.may_add and allows(rules.check_by_hand, kind=kind, state=state)
        present = state is DocumentState.PRESENT
        there = present and not (want and want.empty)
        return DocumentRow(
            _there(document, want),
            note=dots([daylong(document.happened_on), str(document.by or "")]) if there else "",
            required=document.required or bool(want and not want.empty),
            bad=want is not None and self.file.ended_on is not None,
            may_file=may and not present,
            may_add=may and present,
        )


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


class InstalmentRow:
    """One instalment in words and colour as the ledger sees it; ``followed``: a later agreement took over."""

    def __init__(self, row: InstalmentState, *, followed: bool) -> None:
        self.row, self.followed = row, followed
        self.due_on, self.fen, self.paid_fen = row.due_on, row.amount_fen, row.met_fen
        self.state, self.state_name, *mark = self._drawn()
        self.chip = Chip(self.state_name, *mark)

    def _drawn(self) -> tuple[str, Text, str, str]:
        """How the bar draws it, its name, and the tone and icon of its mark."""
        row = self.row
        if row.met and row.late:
            return "late", _("晚到账"), "amber", "clock"
        if row.met:
            return "met", _("按期到账"), "green", "circle-check"
        if self.followed:
            return "ahead", _("归新协议"), "", ""
        if row.overdue:
            return "broken", _("逾期"), "red", "alert-triangle"
        if row.days_left < 0:
            return "due", _("等放假通知"), "amber", ""
        if row.days_left <= SOON:
            return "due", _("快到期"), "amber", ""
        return "ahead", _("还没到期"), "", ""

    @property
    def note(self) -> Text:
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
        return several("还有 %(n)s 天") % {"n": row.days_left}


class AgreementPage:
    """One agreement as the ledger sees it on the desk's day."""

    def __init__(self, agreement: Agreement, desk: Desk) -> None:
        self.agreement, self.desk, self.today = agreement, desk, desk.today
        self.state = AgreementState(agreement.state)
        #: The later agreement over the same supply point that took over, if there is one.
        self.next = queries.follower(agreement)
        rows = queries.instalments(agreement, on=self.today)
        self.instalments = [InstalmentRow(row, followed=self.next is not None) for row in rows]
        self.met_fen = sum(row.met_fen for row in rows)
        self.left_fen = agreement.debt_fen - self.met_fen
        self._met, self._late = all(row.met for row in rows), sum(row.late for row in rows)

    @cached_property
    def stands(self) -> AgreementState:
        """How it stands by the ledger today: the daily run writes it down where it differs."""
        return rules.standing(self.state, met=self._met, late=self._late > 0, followed=self.next is not None)

    @property
    def why(self) -> Text:
        return rules.why_moved(self.state, self.stands)

    @cached_property
    def moves(self) -> list[Line]:
        """When the ledger moved its state, from what to what and why, the latest first."""
        lines = trail.of(self.agreement, street=self.agreement.street).filter(verb="restate_agreement")
        moves = [(line.at, AgreementState(line.data["before"]), AgreementState(line.data["state"])) for line in lines]
        return [
            Line(f"{before.label} → {to.label}", f"{instant(at)} · {why_moved(before, to)}") for at, before, to in moves
        ]

    @property
    def following(self) -> InstalmentRow | None:
        return None if self.next else next((row for row in self.instalments if not row.row.met), None)

    @cached_property
    def intact(self) -> bool:
        return queries.intact(self.agreement)

    @cached_property
    def signatures(self) -> list[Signature]:
        return list(queries.signatures_of(self.agreement))

    @cached_property
    def awaits_consent(self) -> Deferral | None:
        """The deferral that would go on with this agreement, if the utility's consent to that were recorded."""
        return awaits_consent(self.agreement, on=self.today)

    @property
    def may_consent(self) -> bool:
        """Whether that consent may be recorded by this person."""
        if not self.desk.may("cutoffs.consent") or self.awaits_consent is None:
            return False
        covered = queries.covered_by((row.row for row in self.instalments), followed=self.next is not None)
        overdue = overdue_fen(self.agreement.point, on=self.today)
        return allows(check_keeps, kept=False, covered_fen=covered, overdue_fen=overdue)

    @cached_property
    def confirmation(self) -> ConfirmationDue | None:
        """The clock of the joint application, while it still runs."""
        return queries.confirmation_due(self.agreement, on=self.today)

    @property
    def too_late(self) -> bool:
        return self.agreement.confirmation == Confirmation.NOT_SOUGHT and self.confirmation is None

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
        if self.state is AgreementState.PERFORMED:
            return Chip(_("%(day)s 履行完毕") % {"day": day(a.performed_on)}, "green", "circle-check")
        if self.state is AgreementState.BREACHED:
            return Chip(_("%(day)s 登记违约") % {"day": day(a.breached_on)}, "red", "alert-triangle")
        if self._late and self.state is not AgreementState.SUPERSEDED:
            return Chip(several("账上有 %(n)s 期没按时") % {"n": self._late}, "red", "alert-triangle")
        return state_of(a)

    @property
    def _court(self) -> list[Chip]:
        due, a = self.confirmation, self.agreement
        if due:
            left = several("司法确认还剩 %(n)s 天") % {"n": due.days_left}
            return [Chip(left, "amber" if due.days_left <= SOON else "", "scale", "#confirmation")]
        if a.confirmation == Confirmation.NOT_SOUGHT:
            return []
        tone = "green" if a.confirmation == Confirmation.CONFIRMED else "water"
        text = _("司法确认：%(state)s") % {"state": a.get_confirmation_display()}
        return [Chip(text, tone, "scale", "#confirmation")]

    @property
    def buttons(self) -> list[Button]:
        """What this person may do now, and the paper."""
        may, steps = self.desk.may("mediation.mediate"), rules.NEXT_AGREEMENT[self.state]
        performs = may and AgreementState.PERFORMED in steps and allows(rules.check_performed, met=self._met)
        breaks = may and allows(rules.check_breached, state=self.state, late=self._late > 0)
        court = rules.NEXT_CONFIRMATION[Confirmation(self.agreement.confirmation)]
        applies, decides = may and Confirmation.APPLIED in court, may and Confirmation.CONFIRMED in court
        waits = performs or decides or (applies and not self.too_late)
        # what was asked for in time may be told after the time is over
        apply = _("补记按时提出的司法确认申请") if self.too_late else _("申请司法确认")
        rows = [
            (breaks, Button(_("登记违约"), self._to("breached"), "alert-triangle")),
            (may, Button(_("回访"), self._to("visit"), "phone")),
            (True, Button(_("协议原文"), self._to("paper"), "printer", main=not waits)),
            (applies, Button(apply, self._to("apply"), "scale", main=not performs and not self.too_late)),
            (decides, Button(_("登记确认结果"), self._to("ruling"), "scale", main=not performs)),
            (performs, Button(_("登记履行完毕"), self._to("performed"), "circle-check", main=True)),
        ]
        return [button for may, button in rows if may]

    def _to(self, name: str) -> str:
        return self.desk.to(f"mediation:{name}", self.agreement.public_id)


class DueRow:
    """One agreement in a list, as the ledger sees it."""

    def __init__(self, due: AgreementDue) -> None:
        state = AgreementState(due.agreement.state)
        #: Why no instalment follows.
        self.nothing_left = _("归新协议") if state is AgreementState.SUPERSEDED else _("都到账了")
        broken = due.breached and state not in rules.AGREEMENT_OVER
        self.chip = Chip(_("有一期没按时"), "red", "alert-triangle") if broken else state_of(due.agreement)
