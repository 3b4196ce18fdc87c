"""Forms of 调解与协议: the file's papers, and an agreement with its schedule in rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.attachments.rules import Purpose
from hege.cases.models import Case
from hege.cases.queries import parties_of as parts_of
from hege.kernel import clock
from hege.kernel.refused import allows
from hege.kernel.several import several as counted
from hege.mediation.models import Agreement, AgreementPrint, Dossier, MediationParty
from hege.mediation.queries import authorisations_of, documents_of, parties_of, print_signatures, stands_for
from hege.mediation.rules import (
    AgreementForm,
    DocumentKind,
    DocumentState,
    FileSource,
    FileState,
    IdentityKind,
    Particulars,
    PayManner,
    PayTo,
    SessionKind,
    SignerKind,
    check_by_hand,
    check_supplement,
)
from hege.metering.models import SupplyPoint
from hege.people.models import Membership, Party, PartyKind, Role, User
from hege.places.rules import covers
from hege.web.access import Desk
from hege.web.cases.forms import PartiesForm
from hege.web.conferences.forms import several
from hege.web.files import seen
from hege.web.forms import DayField, Form, YuanField, long_text, one_of, yes_or_no
from hege.web.shared.scope import points_of

INSTALMENT_ROWS = 12


def among(parties: Sequence[Party]) -> Any:
    """These parties, to choose from."""
    return Party.objects.filter(pk__in=[party.pk for party in parties]).order_by("pk")


class OpenForm(PartiesForm):
    """Who disagrees with whom about what."""

    party_fields = ("applicants", "respondents", "thirds", "refusing")
    source = one_of(_("案件来源"), FileSource)
    subject = forms.CharField(label=_("纠纷"), help_text=_("一句话，例如：水费代收未缴。"), max_length=120)
    summary = long_text(_("简要情况"), _("写进受理登记表。"))
    applicants = several(_("申请人"))
    respondents = several(_("被申请人"))
    thirds = several(_("其他当事人"), required=False)
    refusing = several(_("有谁明确拒绝调解"), required=False)
    accepted_elsewhere = forms.CharField(
        label=_("法院、公安或行政机关已经受理的，写哪一家"), max_length=120, required=False
    )
    mediator = forms.ModelChoiceField(label=_("调解员"), queryset=User.objects.none())

    def __init__(self, *args: Any, thing: Case, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, thing=thing, desk=desk, **kwargs)
        rows = Membership.objects.filter(street=desk.street, role=Role.MEDIATOR)
        place = thing.point.place if thing.point else thing.place  # where the file will lie
        there = [m.user_id for m in rows.on(desk.today) if covers(m.path, place.path if place else "")]
        self.offer(mediator=User.objects.filter(pk__in=there, is_active=True).order_by("full_name"))


class RightsForm(Form):
    """The parties were told their rights."""

    told_on = DayField(label=_("哪天告知"), initial=clock.today)
    text = long_text(_("怎么告知的"), _("例如：当面宣读并由各方签收告知书。"))


class SessionForm(Form):
    """An inquiry or a session."""

    kind = one_of(_("哪一种记录"), (SessionKind.MEDIATION, SessionKind.INVESTIGATION))
    held_on = DayField(label=_("日期"), initial=clock.today)
    present = forms.CharField(label=_("在场的人"), max_length=300, required=False)
    text = long_text(_("记录"), _("各方说了什么、怎么谈的。只给调解卷宗看，不进案件的公开经过。"))


class DocumentForm(Form):
    """A paper for the file."""

    kind = one_of(_("哪一份文书"), DocumentKind)
    happened_on = DayField(label=_("文书日期"), initial=clock.today)
    text = long_text(_("内容或编号"), _("例如：三方身份证明复印件各一份。"))
    papers = seen(Purpose.SIGNED_PAGE, _("文书的扫描件或照片"), _("只给看得到卷宗的人看。"))

    def __init__(self, *args: Any, thing: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, thing=thing, **kwargs)
        if thing.archived_on is None:
            there = {DocumentKind(d.kind): DocumentState(d.state) for d in documents_of(thing)}
            kinds = [kind for kind, state in there.items() if allows(check_by_hand, kind=kind, state=state)]
        else:
            kinds = [k for k in DocumentKind if allows(check_supplement, kind=k, state=FileState(thing.state))]
        self.offer(kind=[(kind.value, kind.label) for kind in kinds])


class WhyForm(Form):
    """A reason."""

    reason = long_text(_("理由"), _("写进卷宗，以后改不了。"))


class ParticularsForm(Form):
    """Who a party is, as an agreement names it."""

    identity_kind = one_of(_("证件"), IdentityKind)
    identity_number = forms.CharField(
        label=_("号码"), help_text=_("身份证号只留前三位和后四位，完整的号码看卷内复印件。"), max_length=60
    )
    address = forms.CharField(label=_("住址或所在地"), max_length=200)
    phone = forms.CharField(label=_("联系电话"), max_length=40)

    def __init__(self, *args: Any, thing: MediationParty, **kwargs: Any) -> None:
        known = thing.particulars
        kwargs["initial"] = asdict(known) if known else {"phone": thing.party.phone}
        super().__init__(*args, thing=thing, **kwargs)
        if thing.party.kind == PartyKind.ORGANISATION:
            self.fields["representative"] = forms.CharField(label=_("法定代表人或负责人"), max_length=60)
            self.fields["post"] = forms.CharField(label=_("职务"), max_length=60, required=False)
        else:
            self.fields["about"] = forms.CharField(label=_("性别、民族、年龄、职业"), max_length=120, required=False)

    @property
    def said(self) -> dict[str, Any]:
        return {"given": Particulars(**self.cleaned_data)}


class AuthoriseForm(Form):
    """One written authority, of one or of many; the shops a delegate speaks for are offered and ticked.

    Whom a party may send to sign: the other parties, and those who have a part in the case.
    """

    agent = forms.ModelChoiceField(label=_("受托人"), help_text=_("谁来代签。"), queryset=Party.objects.none())
    paper = forms.CharField(label=_("授权委托书的名称或编号"), max_length=120)
    given_on = DayField(label=_("委托日期"), initial=clock.today)
    scope = forms.CharField(
        label=_("委托事项和权限"), max_length=200, initial=_("代为参加调解、签订调解协议、签收文书")
    )
    parties = several(_("委托人（一份可以列多户）"))

    def __init__(self, *args: Any, thing: Dossier, desk: Desk, **kwargs: Any) -> None:
        parties, known = list(parties_of(thing)), {a.party_id for a in authorisations_of(thing)}
        stands = stands_for(thing, parties, on=desk.today)
        shops = [s.party for rows in stands.values() for s in rows if s.party and s.party.pk not in known]
        initial = {"agent": next(iter(stands), None), "parties": [party.pk for party in shops]}
        super().__init__(*args, initial=initial, **kwargs)
        parts = parts_of(thing.case, on=desk.today) if thing.case else ()
        agents = [row.party for row in (*parties, *parts)]
        principals = [*shops, *(row.party for row in parties if row.party_id not in known)]
        self.offer(agent=among(agents), parties=among(principals))


class InstalmentForm(Form):
    """One instalment; a row left empty is none."""

    due_on = DayField(label=_("到期日"), required=False)
    amount_fen = YuanField(label=_("金额"), required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        day, fen = said.get("due_on"), said.get("amount_fen")
        if day and fen is None and "amount_fen" not in self.errors:
            self.add_error("amount_fen", _("请写这一期的金额。"))
        if fen is not None and not day and "due_on" not in self.errors:
            self.add_error("due_on", _("请写这一期的到期日。"))
        return said

    @property
    def instalment(self) -> tuple[dt.date, int] | None:
        """Day and fen; None for an empty row, or one that cannot be read."""
        said = self.cleaned_data if self.is_bound and self.is_valid() else {}
        day, fen = said.get("due_on"), said.get("amount_fen")
        return None if day is None or fen is None else (day, fen)


class DraftForm(Form):
    """What is agreed over which debt, into which account, and the schedule in rows."""

    form = one_of(_("形式"), AgreementForm)
    debtor = forms.ModelChoiceField(label=_("欠款方"), queryset=Party.objects.none())
    debt_fen = YuanField(label=_("协议欠款"), help_text=_("先填好的是账上欠水司的数。"))
    counted_on = DayField(label=_("欠款算到哪天"), help_text=_("按这一天账上的数核对。"))
    difference = forms.CharField(
        label=_("与账上不一致的理由"), help_text=_("写进协议。一致的不用写。"), max_length=300, required=False
    )
    facts = long_text(_("纠纷事实、争议事项和责任"), _("欠了什么、欠多少、为什么，各方各有什么责任。"))
    terms = long_text(_("协议内容"), _("怎么付、逾期怎么办。写不清楚的，法院不能确认。"))
    manner = one_of(_("付款方式"), PayManner)
    payee = forms.CharField(label=_("收款人（户名）"), max_length=120)
    bank = forms.CharField(label=_("开户银行或支付平台"), help_text=_("付现金的，写收款地点。"), max_length=120)
    account = forms.CharField(label=_("收款账号"), help_text=_("付现金的不用写。"), max_length=60, required=False)
    statement = long_text(_("其他约定"), required=False)
    committee = forms.CharField(label=_("调解委员会"), max_length=120)

    row_forms: Sequence[InstalmentForm]

    def __init__(
        self,
        data: Any,
        *,
        parties: Sequence[MediationParty],
        point: SupplyPoint | None,
        desk: Desk,
        planned: Sequence[tuple[dt.date, int]] = (),
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.planned = planned
        given = [{"due_on": day, "amount_fen": fen} for day, fen in planned]
        rows = [*given, *[{}] * INSTALMENT_ROWS][:INSTALMENT_ROWS]
        self.row_forms = [InstalmentForm(data, prefix=f"i{n}", initial=values) for n, values in enumerate(rows, 1)]
        self.offer(debtor=Party.objects.filter(street=desk.street, pk__in=[row.party_id for row in parties]))
        if point is None:
            self.fields["point"] = forms.ModelChoiceField(label=_("哪块总表的欠款"), queryset=points_of(desk))

    @property
    def instalments(self) -> list[tuple[dt.date, int]]:
        """The schedule as it was typed."""
        return [row.instalment for row in self.row_forms if row.instalment is not None]

    @property
    def total(self) -> int:
        """What the schedule adds up to, in fen."""
        return sum(fen for _day, fen in self.instalments or self.planned)

    @property
    def shown(self) -> int:
        """How many of the rows are shown: those in use, and one more."""
        used = [n for n, row in enumerate(self.row_forms, 1) if row.instalment or (row.is_bound and row.errors)]
        return max(4, len(self.planned), max(used, default=0) + 1)

    @property
    def said(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        to = [said.pop(name) for name in ("manner", "payee", "bank", "account")]
        return {**said, "pay_to": PayTo(*to), "instalments": self.instalments}


class PlanForm(Form):
    """Equal parts, a month apart: a start, to be changed by hand."""

    parts = forms.IntegerField(label=_("分几期"), min_value=1, max_value=INSTALMENT_ROWS)
    first = DayField(label=_("首期到期日"))


class SignForm(Form):
    """Who signed the print when: each party, those who sign for several, the mediator. Empty: has not signed yet."""

    papers = seen(Purpose.SIGNED_PAGE, _("签字页的扫描件或照片"), _("只给看得到卷宗的人看。"))

    def __init__(self, *args: Any, thing: Dossier, printed: AgreementPrint | None) -> None:
        super().__init__(*args, thing=thing)
        signed = list(print_signatures(printed)) if printed else []
        had = {row.party_id for row in signed if row.party_id}
        self.open = [row.party for row in parties_of(thing) if row.party_id not in had]
        open_keys = {party.pk for party in self.open}
        self.agents: dict[int, tuple[Party, list[Party]]] = {}
        for a in authorisations_of(thing):
            if a.party_id in open_keys:
                self.agents.setdefault(a.agent_id, (a.agent, []))[1].append(a.party)
        for pk, (agent, principals) in self.agents.items():
            label = counted("%(agent)s代 %(n)d 方签名的日期") % {"agent": agent.name, "n": len(principals)}
            self.fields[f"agent_{pk}"] = DayField(label=label, required=False)
        for party in self.open:
            label = _("%(party)s签名日期") % {"party": party.name}
            self.fields[f"signed_{party.pk}"] = DayField(label=label, required=False)
        if not any(row.kind == SignerKind.MEDIATOR for row in signed):
            self.fields["mediator_signed_on"] = DayField(label=_("调解员签名日期"), required=False)
        self.fields["papers"] = self.fields.pop("papers")  # last

    @property
    def said(self) -> dict[str, Any]:
        """A party that signed itself needs nobody for it."""
        said = self.cleaned_data
        signed = {party: said[f"signed_{party.pk}"] for party in self.open if said.get(f"signed_{party.pk}")}
        agents: dict[Party, Party] = {}
        for pk, (agent, principals) in self.agents.items():
            day = said.get(f"agent_{pk}")
            for party in principals if day else []:
                if party not in signed:
                    signed[party], agents[party] = day, agent
        day = said.get("mediator_signed_on")
        return {"signed": signed, "agents": agents, "mediator_signed_on": day, "papers": said["papers"]}


class SealForm(Form):
    """The committee's seal: from then on the written agreement stands."""

    sealed_on = DayField(label=_("调委会盖章日期"), initial=clock.today)


class OralForm(Form):
    """The day the parties agreed by word of mouth."""

    agreed_on = DayField(label=_("达成口头协议的日期"), initial=clock.today)


class ApplyForm(Form):
    """The parties ask the court together."""

    court = forms.CharField(label=_("法院"), max_length=80)
    applied_on = DayField(label=_("申请日期"), initial=clock.today)
    applicants = several(_("共同申请的当事人"))

    def __init__(self, *args: Any, thing: Agreement, **kwargs: Any) -> None:
        keys = [row.party_id for row in parties_of(thing.file)]
        super().__init__(*args, initial={"applicants": keys}, **kwargs)
        self.offer(applicants=Party.objects.filter(street=thing.street_id, pk__in=keys))


class RulingForm(Form):
    """What the court decided."""

    confirmed = yes_or_no(_("结果"), _("确认有效"), _("驳回申请"))
    decided_on = DayField(label=_("裁定日期"), initial=clock.today)
    ruling = forms.CharField(label=_("裁定书文号"), max_length=120)


class VisitForm(Form):
    """What the parties say afterwards."""

    visited_on = DayField(label=_("回访日期"), initial=clock.today)
    satisfied = yes_or_no(_("当事人是否满意"), _("满意"), _("不满意"))
    text = long_text(_("履行情况"))
