"""Forms of 致谢: for which season, in which words; each step; a certificate of hours."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.attachments.rules import Purpose
from hege.programme.seasons.models import Activity, Season
from hege.programme.thanks.ceremonies.queries import parts_of, sheet_of
from hege.programme.thanks.ceremonies.rules import LONGEST_REPORT, MOST_CAME, SheetDraft
from hege.programme.thanks.rules import (
    LONGEST_NUMBER,
    LONGEST_REASON,
    LONGEST_TITLE,
    LONGEST_WORDS,
    PUBLICITY_DAYS,
    Decision,
    ThanksKind,
)
from hege.web.files import FilesField
from hege.web.forms import DayField, Form, VersionForm, long_text, one_of
from hege.web.shared.run_parts import PartsField


class ProposeForm(Form):
    """What is said in thanks."""

    kind = one_of(_("用什么形式"), ThanksKind)
    season = forms.ModelChoiceField(
        Season.objects.none(), label=_("哪一季"), empty_label=None, to_field_name="public_id"
    )
    title = forms.CharField(
        label=_("标题"), max_length=LONGEST_TITLE,
        help_text=_("写感谢的话。写了“表彰”“评选”“称号”“奖”的，要有批准文号。"),
    )  # fmt: skip
    words = long_text(_("正文"), most=LONGEST_WORDS, help_text=_("写谢什么，不写哪一件、哪一天，也不写地点。"))
    approval_no = forms.CharField(label=_("批准文号"), max_length=LONGEST_NUMBER, required=False)


class ReviewForm(Form):
    """What the second person looked at."""

    words = forms.CharField(
        label=_("看了什么"), max_length=LONGEST_REASON, required=False, help_text=_("例如：件数和时长与记录一致。")
    )


class ShowForm(Form):
    """For how many days it is shown."""

    days = forms.IntegerField(label=_("公示几天"), min_value=PUBLICITY_DAYS, max_value=60, initial=PUBLICITY_DAYS)


class PressForm(Form):
    """No more than the press of the button."""


class ReasonForm(Form):
    """Why it ends."""

    reason = forms.CharField(label=_("理由"), max_length=LONGEST_REASON)


class DecisionForm(Form):
    """What becomes of an objection."""

    decision = one_of(_("处理结果"), Decision)
    words = forms.CharField(label=_("理由"), max_length=LONGEST_REASON)


class CertifyForm(Form):
    """Between which days hours are certified."""

    from_on = DayField(label=_("从哪天起"))
    last_on = DayField(label=_("到哪天止（含当天）"))


class RunSheetForm(VersionForm):
    """The parts of an activity, and afterwards what happened: one form before and after."""

    parts = PartsField(
        label=_("环节"), help_text=_("一行一个：时间、环节，竖线后面写谁。例如：9:30 致敬奋斗：纪实短片 | 主持人")
    )
    approval_no = forms.CharField(
        label=_("批准文号"), max_length=LONGEST_NUMBER, required=False,
        help_text=_("环节里写了“表彰”“评选”“称号”“奖”才要填。"),
    )  # fmt: skip
    words = long_text(
        _("小结"), _("办完再写：做了什么，来了谁家的人。不写成员的名字。"), required=False, most=LONGEST_REPORT, rows=5
    )
    came = forms.IntegerField(label=_("到了多少人"), min_value=0, max_value=MOST_CAME, required=False)
    papers = FilesField(
        label=_("照片"), purpose=Purpose.PHOTO, help_text=_("一次最多 5 张。不同意公开的人，存好以后先打码。")
    )
    pictures_agreed = forms.BooleanField(
        label=_("照片里认得出的人都同意公开，没同意的已经打码"), required=False,
        help_text=_("没有勾选，公开的小结里就没有照片。"),
    )  # fmt: skip

    def __init__(self, *args: Any, thing: Activity, **kwargs: Any) -> None:
        sheet = sheet_of(thing)
        if sheet is not None:
            known = {name: getattr(sheet, name) for name in ("approval_no", "words", "came", "pictures_agreed")}
            kwargs["initial"] = {"parts": parts_of(sheet), **known}
        super().__init__(*args, version=sheet.version if sheet else 0, **kwargs)
        if thing.capacity is None:
            self.fields["came"].help_text = _("不用报名的活动，按现场点的人数填。")
        else:
            del self.fields["came"]  # scans say how many

    @property
    def said(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        aside = {name: said.pop(name) for name in ("version", "papers")}
        return {"draft": SheetDraft(**said), **aside}
