"""Forms of 荣誉榜: a text that is pasted, what an honour says, and each step it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.attachments.rules import Purpose
from hege.honours.models import AwardingBody, Firm
from hege.honours.numbers.rules import Kind
from hege.honours.queries import Entry, settings_of
from hege.honours.rules import (
    LONGEST_NAME,
    LONGEST_NUMBER,
    LONGEST_TITLE,
    LONGEST_WORDS,
    BodyKind,
    Consent,
    Decision,
    FirmDraft,
    HonourDraft,
    HonourKind,
    ItemDraft,
    ItemKind,
    Level,
    Seen,
    SettingKind,
)
from hege.people.models import Street
from hege.web.files import seen as papers_seen
from hege.web.forms import DayField, Form, VersionForm, long_text, one_of

if TYPE_CHECKING:
    from hege.web.honours.page import ClippingPage

ITEM_ROWS = 6


def line(label: Any, most: int, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    """One line of words."""
    return forms.CharField(label=label, max_length=most, help_text=help_text, required=required)


class SourceForm(Form):
    """Where something stood in print."""

    source = line(_("出处"), LONGEST_TITLE, _("哪份报纸、哪份文件，例如：青浦报“荣誉榜”版。"), required=True)
    source_page = line(_("第几版"), LONGEST_NUMBER)
    source_on = DayField(label=_("哪天的"), required=False)


class ClippingForm(SourceForm):
    """The text of a table, and where it stood."""

    text = forms.CharField(
        label=_("荣誉榜的文字"),
        help_text=_("在报纸网页或文件里选中整张表，复制后贴在这里。一个字不用改。"),
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )
    field_order = ("text", "source", "source_page", "source_on")


class ItemForm(Form):
    """One line of an honour; a row left empty is none."""

    kind = forms.ChoiceField(label=_("是什么"), choices=ItemKind.choices, required=False)
    name = line(_("名称"), LONGEST_NAME)
    number = line(_("号码，照原样抄"), LONGEST_NUMBER)
    number_kind = forms.ChoiceField(
        label=_("按哪一种看"), choices=[("", _("看它像哪一种")), *Kind.choices], required=False
    )

    @property
    def draft(self) -> ItemDraft | None:
        said = self.cleaned_data
        if not said["name"] and not said["number"]:
            return None
        return ItemDraft(ItemKind(said["kind"] or ItemKind.PRODUCT), said["name"], said["number"], said["number_kind"])


class SaysForm(SourceForm):
    """What an honour says, without whose it is."""

    title = line(_("荣誉名称"), LONGEST_TITLE, _("照原文写全。"), required=True)
    kind = one_of(_("荣誉种类"), HonourKind)
    level = one_of(_("级别"), Level)
    body = line(_("颁发单位"), LONGEST_NAME, _("没有写明就空着，公开页会写“未写明”。"))
    approval_no = line(
        _("批准文号"), LONGEST_NUMBER, _("题目里有“全国”“中国”“国家”的要写；没有看到就空着，公开页会写“未向我们出示”。")
    )
    trade_mark = line(_("商标"), LONGEST_NUMBER)
    issued_on = DayField(label=_("颁发日期"), required=False)
    expires_on = DayField(label=_("有效期到（含当天）"), required=False)
    field_order: Sequence[str] = (
        "title", "kind", "level", "body", "approval_no", "trade_mark", "issued_on", "expires_on",
        "source", "source_page", "source_on",
    )  # fmt: skip
    row_forms: Sequence[ItemForm]

    def __init__(self, data: Any = None, *, items: Sequence[dict[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        given = [*items, *[{}] * ITEM_ROWS][: max(ITEM_ROWS, len(items) + 1)]
        self.row_forms = [ItemForm(data, prefix=f"i{n}", initial=values) for n, values in enumerate(given, 1)]

    def draft(self, firm: FirmDraft, again: str = "") -> HonourDraft:
        """What was said, as the actions take it."""
        said = self.cleaned_data
        words = (
            "title",
            "body",
            "approval_no",
            "trade_mark",
            "issued_on",
            "expires_on",
            "source",
            "source_page",
            "source_on",
        )
        items = [row.draft for row in self.row_forms if row.draft is not None]
        return HonourDraft(
            firm, kind=said["kind"], level=said["level"], items=items, again=again,
            **{name: said[name] for name in words},
        )  # fmt: skip


class DraftForm(SaysForm):
    """An honour taken in by hand: whose, and what it says."""

    firm = line(_("企业名称"), LONGEST_NAME, _("照营业执照写全。"), required=True)
    code = line(_("统一社会信用代码或组织机构代码"), 30, _("18 位或 9 位；有代码才不会认错同名的企业。"))
    another = forms.BooleanField(label=_("已登记的同名企业不是它，这是另一家"), required=False)
    again = line(_("再录入一次的理由"), 300, _("同一项荣誉登记过或撤下过，才要写。"))
    field_order = ("firm", "code", "another", *SaysForm.field_order, "again")

    @property
    def said(self) -> dict[str, Any]:
        said = self.cleaned_data
        firm = FirmDraft(said["firm"], said["code"], another=said["another"])
        return {"drafts": [self.draft(firm, said["again"])]}


class CorrectForm(SaysForm, VersionForm):
    """What an honour says, said otherwise, and why."""

    reason = long_text(_("更正的理由"), _("和更正前的内容一起公开。"), most=300)
    field_order = (*SaysForm.field_order, "reason", "version")

    @property
    def said(self) -> dict[str, Any]:
        said = self.cleaned_data
        draft = self.draft(FirmDraft(""))
        return {"draft": draft, "reason": said["reason"], "version": said["version"]}


def as_said(entry: Entry) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a version says, as ``CorrectForm`` begins with it: the fields, and the lines."""
    version = entry.version
    named = (
        "title",
        "kind",
        "level",
        "approval_no",
        "trade_mark",
        "issued_on",
        "expires_on",
        "source",
        "source_page",
        "source_on",
    )
    fields = {name: getattr(version, name) for name in named} | {"body": version.body.name if version.body else ""}
    lines = [
        {"kind": i.kind, "name": i.name, "number": i.number_as_printed, "number_kind": i.number_kind}
        for i in entry.items
    ]
    return fields, lines


class CheckForm(VersionForm):
    """What the second person has looked at."""

    seen = one_of(_("看了什么"), Seen)
    words = line(_("具体是哪份证书、哪个网站或哪一版报纸"), LONGEST_WORDS, required=True)
    papers = papers_seen(Purpose.PAPER, _("证书或文件的照片、扫描件"), _("只给工作人员看，不放到公开页上。"))


class PublicityForm(VersionForm):
    """By what an honour may be shown."""

    consent = one_of(_("公开依据"), Consent)
    words = line(_("企业同意的文书，或者在哪里公开"), LONGEST_WORDS, required=True)
    papers = papers_seen(Purpose.PAPER, _("同意书的照片、扫描件"), _("只给工作人员看，不放到公开页上。"))


class PressForm(VersionForm):
    """No more than the press of the button."""


class WithdrawForm(Form):
    """Why it is taken off."""

    reason = long_text(_("撤下的理由"), _("会一直公开，不写个人信息。"), most=LONGEST_WORDS)


class DropForm(Form):
    """Why it is not taken up."""

    reason = long_text(_("不予采用的理由"), most=LONGEST_WORDS)


class DecisionForm(Form):
    """What becomes of an objection."""

    decision = one_of(_("处理结果"), Decision)
    words = long_text(_("理由"), most=LONGEST_WORDS)


class LookForm(Form):
    """Why somebody has to know who objected."""

    reason = long_text(_("为什么要知道"), _("谁看过、为什么看，会留痕。"), most=300)


class PatternForm(Form):
    """How a sort of number is written."""

    name = line(_("名称"), LONGEST_NUMBER, required=True)
    template = line(_("写法"), LONGEST_NAME, required=True)
    source = line(_("哪份文件规定的"), LONGEST_TITLE, required=True)
    since_on = DayField(label=_("从哪天起"), required=False)


class EndForm(Form):
    """Why a pattern is ended."""

    reason = long_text(_("停用的理由"), most=300)


class FirmForm(Form):
    """A firm's name and code."""

    name = line(_("企业名称"), LONGEST_NAME, _("照营业执照写全。"), required=True)
    code = line(_("统一社会信用代码或组织机构代码"), 30)

    def __init__(self, *args: Any, thing: Firm, **kwargs: Any) -> None:
        super().__init__(*args, initial={"name": thing.name, "code": thing.code}, **kwargs)


class BodyForm(Form):
    """Where an awarding body publishes."""

    kind = one_of(_("性质"), BodyKind)
    publishes_at = line(_("在哪里公布"), LONGEST_TITLE, _("网址或公报的名称；核验页会告诉人去那里查证。"))

    def __init__(self, *args: Any, thing: AwardingBody, **kwargs: Any) -> None:
        initial = {"kind": thing.kind, "publishes_at": thing.publishes_at}
        super().__init__(*args, initial=initial, **kwargs)


class SettingForm(Form):
    """One of the roll's own terms."""

    kind = one_of(_("改哪一项"), SettingKind)
    value = forms.IntegerField(label=_("几天"), min_value=1, max_value=365)
    reason = long_text(_("理由"), most=300)

    def __init__(self, *args: Any, thing: Street, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = settings_of(thing)
        self.offer(
            kind=[
                (kind.value, _("%(what)s（现在 %(n)s）") % {"what": kind.label, "n": now[kind]}) for kind in SettingKind
            ]
        )


class CellsForm(Form):
    """Which cells of a clipping become drafts; of which firm, where several share its name; why again, where one is there.

    The fields stand beside their cells, outside of the form's own element: ``form`` of each names it.
    """

    ELEMENT = "take"

    def __init__(self, data: Any = None, *, page: ClippingPage) -> None:
        self.page = page
        super().__init__(data)
        for row in page.takeable:
            n = row.number
            self.fields[f"take_{n}"] = forms.BooleanField(
                label=_("第 %(n)s 格存成草稿") % {"n": n}, required=False, initial=not row.again
            )
            if row.same_name:
                self.fields[f"firm_{n}"] = forms.ChoiceField(
                    label=_("“%(name)s”已经登记过，是它吗？") % {"name": row.firm.name},
                    choices=[*((str(firm.pk), _named(firm)) for firm in row.same_name), (OTHER, _("另一家同名的企业"))],
                    widget=forms.RadioSelect, required=False,
                )  # fmt: skip
            if row.again:
                self.fields[f"again_{n}"] = line(_("再录入一次的理由"), 300, row.again)
        for field in self.fields.values():
            field.widget.attrs["form"] = self.ELEMENT

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        taken = [row for row in self.page.takeable if said.get(f"take_{row.number}")]
        if not taken:
            raise forms.ValidationError(_("一格也没有勾选。请勾选要存的，或者先定疑点。"))
        for row in taken:
            if row.same_name and not said.get(f"firm_{row.number}"):
                self.add_error(f"firm_{row.number}", _("第 %(n)s 格请选定是哪一家。") % {"n": row.number})
            if row.again and not said.get(f"again_{row.number}"):
                self.add_error(f"again_{row.number}", _("第 %(n)s 格请写明理由，或者不勾选它。") % {"n": row.number})
        return said

    @property
    def said(self) -> dict[str, Any]:
        drafts = []
        for row in self.page.takeable:
            if self.cleaned_data[f"take_{row.number}"]:
                firm, again = (
                    self.cleaned_data.get(f"firm_{row.number}"),
                    self.cleaned_data.get(f"again_{row.number}", ""),
                )
                chosen = {"another": True} if firm == OTHER else {"known": int(firm)} if firm else {}
                drafts += [replace(d, firm=replace(d.firm, **chosen), again=again) for d in row.drafts]
        return {"drafts": drafts}


OTHER = "another"


def _named(firm: Firm) -> str:
    return _("就是它（%(code)s）") % {"code": firm.code or _("没有登记代码")}
