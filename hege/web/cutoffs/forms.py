"""Forms of 停水程序: each step with its proof, a deferral with its conditions in rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.arrears.cutoff.models import CutoffNotice
from hege.arrears.cutoff.queries import running_notice
from hege.arrears.cutoff.rules import MONEY_CONDITIONS, ConditionDraft, ConditionKind, Consent, Delivery
from hege.attachments.rules import Purpose
from hege.cases.models import Case
from hege.cases.queries import cases_of
from hege.kernel.calendar import DAY
from hege.metering.models import SupplyPoint
from hege.web.access import Desk
from hege.web.files import FilesField, seen
from hege.web.forms import DayField, Form, InstantField, VersionForm, YuanField, long_text, one_of

CONDITION_ROWS = 4


def proof() -> forms.CharField:
    """What shows that it did."""
    return forms.CharField(label=_("送达凭证"), help_text=_("签收单的编号或邮单号。"), max_length=200)


def delivery() -> FilesField:
    """What it looked like when it was handed over or put up."""
    return seen(Purpose.DELIVERY, _("签收单、张贴现场的照片"))


class DemandForm(VersionForm):
    """A demand for what is overdue: its page showed a procedure that runs, or none (version 0)."""

    delivered_on = DayField(label=_("送达日期"))
    how = one_of(_("送达方式"), Delivery)
    proof = proof()
    papers = delivery()
    case = forms.ModelChoiceField(
        label=_("记在哪件案上"), queryset=Case.objects.none(), required=False, empty_label=_("还没有立案")
    )

    def __init__(self, *args: Any, point: SupplyPoint, desk: Desk, **kwargs: Any) -> None:
        running = running_notice(point)
        super().__init__(*args, version=running.version if running else 0, **kwargs)
        self.offer(case=cases_of(point.street, paths=desk.paths("cases.see")).unfinished().filter(point=point))


class WrittenForm(VersionForm):
    """The written notice."""

    served_at = InstantField(label=_("送达时间"), help_text=_("例如 2026-11-23 14:30。"))
    how = one_of(_("送达方式"), Delivery)
    proof = proof()
    papers = delivery()
    filing = forms.CharField(
        label=_("主管部门备案文号"),
        help_text=_("受影响的有餐饮、医院、学校或居民时必须写。"),
        max_length=200,
        required=False,
    )


class WordsForm(VersionForm):
    """A reason that is wished for, not needed."""

    reason = long_text(_("说明"), required=False)


class WhyForm(VersionForm):
    """A reason."""

    reason = long_text(_("理由"), _("留痕，也写进案件的办理经过。"))


class CutForm(VersionForm):
    """When the water was cut."""

    cut_at = InstantField(label=_("停水时间"), help_text=_("例如 2026-11-23 14:30。"))


class RestoreForm(VersionForm):
    """When it ran again."""

    restored_at = InstantField(label=_("恢复供水时间"), help_text=_("例如 2026-11-23 14:30。"))


class ConsentForm(VersionForm):
    """The utility's own word: who gave it, when, on which paper."""

    said_by = forms.CharField(
        label=_("水务公司由谁同意"), help_text=_("姓名或部门，例如：营业所负责人。"), max_length=100
    )
    said_on = DayField(label=_("哪天同意"))
    document = forms.CharField(label=_("同意的凭证"), help_text=_("复函的名称或文号、签字的协议条款。"), max_length=200)

    @property
    def said(self) -> dict[str, Any]:
        said = self.cleaned_data
        consent = Consent(said["said_by"], said["said_on"], said["document"])
        return {"consent": consent, "version": said["version"]}


class DeferralForm(ConsentForm):
    """Until when, who decided it, and on which conditions, in rows.

    The last day is what people say; the book keeps the day after it.
    """

    last_day = DayField(label=_("暂缓到哪天（含当天）"))
    decision = forms.CharField(label=_("依据"), help_text=_("例如：第 11 次联席会议。"), max_length=300, required=False)

    row_forms: Sequence[ConditionForm]

    def __init__(self, data: Any, *, thing: CutoffNotice, conditions: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(data, thing=thing)
        given = [*conditions, *[{}] * CONDITION_ROWS][:CONDITION_ROWS]
        self.row_forms = [ConditionForm(data, prefix=f"c{n}", initial=values) for n, values in enumerate(given, 1)]

    @property
    def said(self) -> dict[str, Any]:
        conditions = [row.draft for row in self.row_forms if row.draft is not None]
        until, decision = self.cleaned_data["last_day"] + DAY, self.cleaned_data["decision"]
        return {**super().said, "until": until, "conditions": conditions, "decision": decision}


class ConditionForm(Form):
    """One condition; a row left empty is none."""

    kind = forms.ChoiceField(label=_("条件"), required=False, choices=[("", _("没有")), *ConditionKind.choices])
    due_on = DayField(label=_("到期日"), required=False)
    fen = YuanField(label=_("金额"), required=False, min_fen=0)
    text = forms.CharField(label=_("内容"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("kind"):
            if said.get("due_on") or said.get("fen") is not None or said.get("text"):
                self.add_error("kind", _("请选一种条件，或者把这一行清空。"))
            return said
        if not said.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("请写到期日。"))
        if said["kind"] in MONEY_CONDITIONS and said.get("fen") is None and "fen" not in self.errors:
            self.add_error("fen", _("金额条件要写明金额。"))
        if said["kind"] == ConditionKind.OTHER and not said.get("text"):
            self.add_error("text", _("其他条件要写明内容。"))
        return said

    @property
    def draft(self) -> ConditionDraft | None:
        """What was agreed, as the action takes it."""
        said = self.cleaned_data
        if not said["kind"]:
            return None
        kind = ConditionKind(said["kind"])
        fen = said["fen"] if kind in MONEY_CONDITIONS else None
        return ConditionDraft(kind, said["due_on"], fen, said["text"])


class FulfilForm(VersionForm):
    """How a condition that is not about money was met."""

    on = DayField(label=_("哪天达成"))
    evidence = long_text(_("证据"), _("文号、签字单的编号，或者照片上看到什么。"))
    papers = seen(Purpose.PAPER, _("照片或文书"))
