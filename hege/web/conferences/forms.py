"""Forms of 联席会议: who is asked, who came, what each promised, how it was kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.attachments.rules import Purpose
from hege.conferences.models import Conference
from hege.conferences.queries import attendance_of
from hege.people.models import Party
from hege.web.access import Desk
from hege.web.cases.forms import PartiesForm, parties_for, proof_field
from hege.web.files import seen
from hege.web.forms import DayField, Form, SeveralField, long_text


def several(label: Any, *, required: bool = True) -> SeveralField:
    """Several parties of the street, ticked."""
    return SeveralField(label=label, queryset=Party.objects.none(), required=required)


class CallForm(PartiesForm):
    """When, where, what about, who."""

    party_fields = ("parties",)
    meets_on = DayField(label=_("开会日期"))
    place = forms.CharField(label=_("地点"), max_length=120, required=False)
    agenda = long_text(_("议程"), _("要议哪几件事，一行一件。"))
    parties = several(_("请谁来"))


class InviteForm(Form):
    """Who else is asked."""

    parties = several(_("再请谁来"))

    def __init__(self, *args: Any, thing: Conference, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(parties=parties_for(desk).exclude(pk__in=attendance_of(thing).values("party")))


class HoldForm(Form):
    """Who came and by whom each was represented; those who came without being asked are ticked below."""

    held_on = DayField(label=_("实际开会日期"))
    others = several(_("没有邀请、自己来的"), required=False)

    def __init__(self, *args: Any, thing: Conference, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invited = [row.party for row in attendance_of(thing)]
        for party in self.invited:
            label = _("%(party)s的代表") % {"party": party.name}
            self.fields[f"came_{party.pk}"] = forms.BooleanField(label=party.name, required=False)
            self.fields[f"delegate_{party.pk}"] = forms.CharField(label=label, max_length=60, required=False)
        self.offer(others=parties_for(desk).exclude(pk__in=[party.pk for party in self.invited]))

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Tick and name of each invited party."""
        return [(self[f"came_{p.pk}"], self[f"delegate_{p.pk}"]) for p in self.invited]

    @property
    def said(self) -> dict[str, Any]:
        """When it was held and who came, with the name of the one who spoke for them."""
        said = self.cleaned_data
        came = [(p, said[f"delegate_{p.pk}"]) for p in self.invited if said[f"came_{p.pk}"]]
        return {"held_on": said["held_on"], "attended": came + [(p, "") for p in said["others"]]}


class DecisionForm(PartiesForm):
    """A promise: who does what by when, and what will show it."""

    party_fields = ("lead", "assisting")
    measure = long_text(_("议定事项"), _("做什么、做到什么程度；一件事一项。"))
    lead = forms.ModelChoiceField(label=_("牵头单位"), queryset=Party.objects.none())
    assisting = several(_("配合单位"), required=False)
    due_on = DayField(label=_("办结期限"))
    evidence_required = forms.CharField(
        label=_("拿什么证明"), help_text=_("例如：改造方案文本、公示照片、银行回单。"), max_length=200, required=False
    )


class MinutesForm(Form):
    """The text that is frozen, and the fingerprints of what the page listed to be frozen with it."""

    text = long_text(
        _("纪要正文"), _("各方说了什么、没有谈拢的是什么。议定事项和到会名单会自动附在后面，不用再写。"),
        most=20_000, rows=14,
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput)

    def show(self, fingerprints: Iterable[str]) -> None:
        """Carry what the page lists now: the next press signs that."""
        self.data = {**self.data, "text": self.data["text"], "seen": " ".join(fingerprints)}

    @property
    def said(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"], "seen": self.cleaned_data["seen"].split()}


class KeptForm(Form):
    """How a promise was kept."""

    evidence = long_text(_("怎么办成的"))
    document = proof_field()
    papers = seen(Purpose.PAPER, _("照片或文书"))


class WhyForm(Form):
    """A reason."""

    reason = long_text(_("理由"), _("写进案件的办理经过，以后改不了。"))
