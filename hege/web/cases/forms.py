"""Forms of 案件: each names what its action needs, in the words of the street."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hege.attachments.rules import Purpose
from hege.cases.models import Case, Report, Task
from hege.cases.queries import readers_of, reports_of, waiting_request
from hege.cases.rules import (
    HANDLING_DAYS,
    LINK_DAYS,
    REWORK_DAYS,
    URGING_LONGEST,
    CaseState,
    PartyRole,
    ReportState,
    keeps_its_clock,
)
from hege.metering.models import PointRole, SupplyPoint
from hege.people.models import Party, PartyKind, Role, User
from hege.people.queries import acting_for, posts_in
from hege.web.access import Desk
from hege.web.cases.urging import LateThings
from hege.web.files import seen
from hege.web.forms import DayField, Form, SeveralField, VersionForm, long_text, one_of, yes_or_no
from hege.web.jinja import day, dots
from hege.web.shared.scope import points_of
from hege.web.shared.urging import Thing

PROOF_HELP = _("文号或回单号。")
#: How much of a report is read where one of several is chosen, in characters.
LONGEST_BEGINNING = 40


def proof_field(help_text: Any = PROOF_HELP) -> forms.CharField:
    """The paper or picture that shows what somebody says."""
    return forms.CharField(label=_("凭证"), help_text=help_text, max_length=200, required=False)


def days_field(label: Any, most: int, **more: Any) -> forms.IntegerField:
    """A term in days, one or more."""
    return forms.IntegerField(label=label, min_value=1, max_value=most, **more)


class TextForm(VersionForm):
    """Words, kept on the timeline."""

    text = long_text(_("说明"), _("写进办理经过，以后改不了。"))


class ReasonForm(VersionForm):
    """A reason."""

    reason = long_text(_("理由"), _("写进办理经过，以后改不了。"))


class EvidenceForm(TextForm):
    """What was done, and the paper that shows it."""

    document = proof_field()


class FindingForm(VersionForm):
    """What somebody who did not handle it saw."""

    finding = long_text(_("核查结果"), _("到现场看到了什么；核查人不能是办理人。"))
    document = proof_field("")


class ReworkForm(ReasonForm):
    """Why it goes back, and the term it gets."""

    days = days_field(_("返工期限（工作日）"), 60, initial=REWORK_DAYS)


class RevisitForm(TextForm):
    """What the people concerned say afterwards."""

    satisfied = yes_or_no(_("当事人是否满意"), _("满意"), _("不满意"))


def parties_for(desk: Desk) -> QuerySet[Party]:
    """Whom a form may name: the offices, and the people of the master meters that this person sees; ours first."""
    people = PointRole.objects.filter(street=desk.street, point__in=points_of(desk)).values("party_id")
    rows = Party.objects.filter(Q(kind=PartyKind.ORGANISATION) | Q(pk__in=people), street=desk.street)
    return rows.order_by("-inside", "kind", "name")


class PartiesForm(Form):
    """A form that offers the offices of its street, and the people who collect or pay for a master meter in one's part."""

    party_fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, desk=desk, **kwargs)
        self.offer(**{name: parties_for(desk) for name in self.party_fields})


class DispatchForm(PartiesForm, VersionForm):
    """Who leads, who helps, how long it may take."""

    party_fields = ("lead", "assisting")
    lead = forms.ModelChoiceField(label=_("牵头单位"), queryset=Party.objects.none())
    assisting = SeveralField(label=_("配合单位"), queryset=Party.objects.none(), required=False)
    days = days_field(
        _("办理期限（工作日）"), 250, initial=HANDLING_DAYS, help_text=_("从派遣当天算起，签收晚也不延长。")
    )
    text = long_text(_("交办要求"), required=False)

    def __init__(self, *args: Any, thing: Case, **kwargs: Any) -> None:
        super().__init__(*args, thing=thing, **kwargs)
        if keeps_its_clock(CaseState(thing.state), due_on=thing.due_on):
            del self.fields["days"]


class PartyForm(PartiesForm, VersionForm):
    """Who comes in, as what."""

    party_fields = ("party",)
    party = forms.ModelChoiceField(label=_("单位或个人"), queryset=Party.objects.none())
    role = one_of(_("在本案中的角色"), [role for role in PartyRole if role is not PartyRole.LEAD])


class TaskForm(PartiesForm):
    """What one party is asked for, by when."""

    party_fields = ("party",)
    party = forms.ModelChoiceField(
        label=_("交给谁办"), help_text=_("须是本案的参与方。"), queryset=Party.objects.none()
    )
    title = forms.CharField(label=_("要办的事"), max_length=120)
    text = long_text(_("具体要求"), required=False)
    days = days_field(_("期限（工作日）"), 250, initial=HANDLING_DAYS)


class RedirectForm(PartiesForm):
    """Who gets a returned task next."""

    party_fields = ("party",)
    party = forms.ModelChoiceField(label=_("改派给"), queryset=Party.objects.none())


class AnswerForm(Form):
    """What a party did about its task."""

    answer = long_text(_("办理结果"))
    document = proof_field()
    papers = seen(Purpose.PAPER, _("照片或文书"))


class DueForm(Form):
    """Another due day, and why."""

    due_on = DayField(label=_("新的期限"), help_text=_("改早马上生效；改晚要申请人以外的召集人同意，同意前期限不变。"))
    reason = long_text(_("理由"), _("写进办理经过，以后改不了。"), most=300, rows=3)


class PassForm(Form):
    """To which colleague, and a word to them."""

    whom = forms.ModelChoiceField(
        label=_("转给谁"), help_text=_("只列本单位今天在任的同事；任务和期限不变。"), queryset=User.objects.none()
    )
    words = forms.CharField(
        label=_("捎一句话"), help_text=_("写进办理经过，以后改不了。"), max_length=URGING_LONGEST, required=False
    )

    def __init__(self, *args: Any, thing: Task, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, thing=thing, desk=desk, **kwargs)
        colleagues = acting_for(thing.party_id, desk.street, on=desk.today, but=[Role.AGENT])
        others = [pk for pk in colleagues if pk != thing.handler_id]
        self.offer(whom=User.objects.filter(pk__in=others).order_by("full_name", "pk"))


class WhyForm(Form):
    """Why something is asked for."""

    reason = long_text(_("理由"), _("写进办理经过，以后改不了。"), most=300, rows=3)


class RequestForm(Form):
    """Which request is decided on: the one the page showed."""

    shown = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, thing: Any = None, **kwargs: Any) -> None:
        waits = waiting_request(thing)
        kwargs["initial"] = {"shown": waits.pk if waits else None, **(kwargs.get("initial") or {})}
        super().__init__(*args, thing=thing, **kwargs)


class RefuseRequestForm(RequestForm, WhyForm):
    """Which request is refused, and why."""


class HoldForm(WhyForm):
    """Until when something hangs, and why."""

    until_on = DayField(
        label=_("到哪天恢复办理"), help_text=_("那天起时限自己接着走，期限按停走的工作日顺延，顺延到哪天写进办理经过。")
    )
    field_order = ("until_on", "reason")


class LinkForm(Form):
    """How long an outsider's link lives."""

    days = days_field(_("链接有效天数"), 60, initial=LINK_DAYS, help_text=_("过期、用过一次或作废后就打不开。"))


class NoteForm(Form):
    """A note, and who may read it."""

    text = long_text(_("备注"))
    whom = forms.ModelChoiceField(
        label=_("请谁看"),
        help_text=_("这个人会收到站内提醒，点开就到这个案件。"),
        queryset=User.objects.none(),
        required=False,
    )
    internal = yes_or_no(_("谁能看到"), _("只有办案单位"), _("商户和参与方也能看到"), initial="yes")

    def __init__(self, *args: Any, thing: Case, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, thing=thing, desk=desk, **kwargs)
        readers = User.objects.filter(pk__in=readers_of(thing, on=desk.today)).exclude(pk=desk.user.pk)
        self.offer(whom=readers.order_by("full_name", "pk"))
        posts = {user: Role(role).label for role, user, *_part in posts_in(desk.street, *Role, on=desk.today)}
        told = self.fields["whom"]
        told.label_from_instance = lambda user: dots([user.full_name, posts.get(user.pk)])  # type: ignore[attr-defined]


class ReportsField(SeveralField):
    """Reports, each by its day and how it begins."""

    def label_from_instance(self, report: Report) -> str:
        return f"{day(report.submitted_at)} · {report.text.splitlines()[0][:LONGEST_BEGINNING]}"


class FileForm(Form):
    """A new case, on the office's own initiative or from accepted reports."""

    title = forms.CharField(label=_("案由"), help_text=_("一句话说清是什么事、在哪里。"), max_length=120)
    summary = long_text(_("简要情况"), required=False)
    point = forms.ModelChoiceField(label=_("涉及的总表"), queryset=SupplyPoint.objects.none(), required=False)
    reports = ReportsField(label=_("由哪些来件立案"), queryset=Report.objects.none(), required=False)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, desk=desk, **kwargs)
        accepted = reports_of(desk.street, paths=desk.paths("reports.see"))
        self.offer(reports=accepted.filter(state=ReportState.ACCEPTED, case__isnull=True), point=points_of(desk))


class EndPartyForm(ReasonForm):
    """Since when a party has no part any more."""

    until_on = DayField(label=_("从哪天起退出"), help_text=_("不写就是今天。"), required=False)


class UrgeForm(Form):
    """A word to whoever is urged, which they need not be told; and where one came from."""

    words = forms.CharField(
        label=_("捎一句话"), help_text=_("只写进办理经过，以后改不了；提醒里只有案号和期限。"),
        max_length=URGING_LONGEST, required=False,
    )  # fmt: skip
    back = forms.CharField(widget=forms.HiddenInput, required=False)

    def ask_how(self) -> None:
        """Nobody would be told: it is asked how they were urged."""
        words = self.fields["words"]
        words.label, words.required = _("怎么催的"), True
        words.help_text = _("例如“打电话给李工，答应明天回话”。写进办理经过，以后改不了。")

    @property
    def said(self) -> dict[str, Any]:
        return {"words": self.cleaned_data["words"]}


class UrgeAllForm(Form):
    """Which of those that are late, and a word to all of them."""

    things = forms.MultipleChoiceField(label=_("催办哪些"), widget=forms.CheckboxSelectMultiple)
    words = forms.CharField(
        label=_("捎一句话"), help_text=_("写进每一件的办理经过；没有人用本系统的单位，写明是怎么催的才能勾。"),
        max_length=URGING_LONGEST, required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, late: LateThings, **kwargs: Any) -> None:
        super().__init__(*args, initial={"things": late.ticked}, **kwargs)
        self.late = late
        self.fields["things"].choices = late.choices  # type: ignore[attr-defined]  # of this field alone
        self.fields["things"].valid_value = lambda _value: True  # type: ignore[attr-defined]  # looked for in clean_things

    def clean_things(self) -> list[Thing]:
        """The things ticked, as they stand now: what was settled meanwhile is told by the action, each with why."""
        found = self.late.among(self.cleaned_data["things"])
        if len(found) < len(set(self.cleaned_data["things"])):
            raise forms.ValidationError(_("勾选的有几件已经不在您这里，请刷新后再勾。"))
        return found
