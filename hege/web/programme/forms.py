"""Forms of 全年计划: a season with its months, an activity, and each step it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.people.models import Street
from hege.programme.alliance.models import AllianceUnit, Station
from hege.programme.seasons.actions import Rescheduled
from hege.programme.seasons.almanac import FESTIVALS, TERMS, Festival, months_of
from hege.programme.seasons.models import Activity, Season, Topic
from hege.programme.seasons.queries import YearCopy
from hege.programme.seasons.rules import (
    LONGEST_NAME,
    LONGEST_REASON,
    LONGEST_TITLE,
    LONGEST_WHERE,
    LONGEST_WORDS,
    MOST_FEN,
    MOST_PARTY,
    MOST_PLACES,
    TOPICS,
    ActivityDraft,
    Board,
    SeasonDraft,
    TopicDraft,
)
from hege.web.forms import DayField, Form, InstantField, VersionForm, YuanField, long_text, one_of
from hege.web.programme.page import month_of_year

#: A season is told by so many months at most, each with one topic.
MONTHS = 6


def _line(label: Any, most: int, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, help_text=help_text, required=required)


def _money(label: Any, help_text: Any = "") -> YuanField:
    return YuanField(label=label, help_text=help_text, min_fen=0, max_fen=MOST_FEN, required=False)


class TopicForm(Form):
    """The topic of one month; a row left empty is none."""

    number = forms.IntegerField(label=_("序号"), min_value=1, max_value=TOPICS, required=False)
    month = forms.ChoiceField(label=_("月份"), required=False)
    name = _line(_("专题"), LONGEST_NAME)

    def __init__(self, *args: Any, months: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(month=months)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("name") and not self.errors and not (said.get("number") and said.get("month")):
            self.add_error("number" if not said.get("number") else "month", _("专题要写明序号和月份。"))
        return said

    @property
    def draft(self) -> TopicDraft | None:
        said = self.cleaned_data
        if not said["name"]:
            return None
        return TopicDraft(said["number"], dt.date.fromisoformat(said["month"]), said["name"])


class SeasonForm(VersionForm):
    """A season: what it is called, from when until when, what it may cost, and its topics."""

    name = _line(_("季的名称"), LONGEST_NAME, _("例如：暖冬·感恩季。"), required=True)
    slogan = _line(_("一句话"), LONGEST_WHERE, _("印在海报标题下面。"))
    from_on = DayField(label=_("从哪天起"), help_text=_("一般从立春、立夏、立秋、立冬起。"))
    last_on = DayField(label=_("到哪天（含当天）"), help_text=_("一般到下一个立春、立夏、立秋、立冬的前一天。"))
    budget_fen = _money(_("预算"))
    topics = forms.CharField(widget=forms.HiddenInput, required=False, label=_("专题"))
    field_order = ("name", "slogan", "from_on", "last_on", "budget_fen", "topics", "version")
    row_forms: Sequence[TopicForm]

    def __init__(
        self, data: Any = None, *, near: dt.date, topics: Sequence[Mapping[str, Any]] = (), **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        first = (near - dt.timedelta(days=70)).replace(day=1)
        months = [("", str(_("不排"))), *((str(on), month_of_year(on)) for on in _months_from(first, 20))]
        rows = [*topics, *[{}] * MONTHS][: max(MONTHS, len(topics))]
        self.row_forms = [TopicForm(data, prefix=f"t{n}", initial=row, months=months) for n, row in enumerate(rows, 1)]

    @property
    def said(self) -> dict[str, Any]:
        said = self.cleaned_data
        draft = SeasonDraft(
            said["name"], said["from_on"], said["last_on"] + dt.timedelta(days=1), said["slogan"],
            said["budget_fen"] or 0, tuple(row.draft for row in self.row_forms if row.draft is not None),
        )  # fmt: skip
        return {"draft": draft, **({"version": said["version"]} if "version" in said else {})}


def _months_from(first: dt.date, count: int) -> list[dt.date]:
    found = [first]
    while len(found) < count:
        found.append((found[-1] + dt.timedelta(days=31)).replace(day=1))
    return found


def topics_suggested(from_on: dt.date, until_on: dt.date, after: int) -> list[dict[str, Any]]:
    """A row for each month a season is told by, numbered on from the last topic of the year."""
    return [
        {"number": (after + n) % TOPICS + 1, "month": str(month)}
        for n, month in enumerate(months_of(from_on, until_on))
    ]


def topics_said(season: Season) -> list[dict[str, Any]]:
    """The topics a season has."""
    return [{"number": row.number, "month": str(row.month_on), "name": row.name} for row in season.topics.all()]


class ActivityForm(VersionForm):
    """What an activity is to be."""

    topic = forms.ModelChoiceField(label=_("专题"), queryset=Topic.objects.none(), empty_label=_("请选专题"))
    title = _line(_("活动名称"), LONGEST_TITLE, required=True)
    board = one_of(_("板块"), Board, widget=forms.RadioSelect)
    starts_at = InstantField(label=_("什么时候开始"), help_text=_("例如 2025-12-18 19:00 或 12月18日 19:00。"))
    ends_at = InstantField(label=_("什么时候结束"))
    festival = forms.ChoiceField(
        label=_("跟着哪个节日或节气"), required=False, help_text=_("明年照排时跟着它挪；不选就排在同一个星期几。")
    )
    ally = forms.ModelChoiceField(
        label=_("牵头单位"), queryset=AllianceUnit.objects.none(), required=False, empty_label=_("还没有定"),
        help_text=_("没有牵头单位的不能发布。"),
    )  # fmt: skip
    station = forms.ModelChoiceField(
        label=_("在哪个驿站"), queryset=Station.objects.none(), required=False, empty_label=_("不在驿站")
    )
    where = _line(_("在哪里"), LONGEST_WHERE, _("大家看得懂的地方，例如：党群服务中心 2 楼。"), required=True)
    words = long_text(_("说明"), _("来了做什么、要带什么。会公开，不写个人信息。"), required=False, most=LONGEST_WORDS)
    capacity = forms.IntegerField(
        label=_("名额"), min_value=1, max_value=MOST_PLACES, required=False, help_text=_("空着就是不用报名，来了就行。")
    )
    party_max = forms.IntegerField(
        label=_("一人报名算几个人，最多"), min_value=1, max_value=MOST_PARTY, required=False, initial=1,
        help_text=_("本人也算；只能本人来就写 1。"),
    )  # fmt: skip
    signup_opens_at = InstantField(label=_("从什么时候起报名"), required=False, help_text=_("空着就是一发布就能报。"))
    signup_closes_at = InstantField(label=_("报名到什么时候截止"), required=False, help_text=_("空着就是活动开始。"))
    waiting_list = forms.BooleanField(label=_("满了可以排候补"), required=False, initial=True)
    budget_fen = _money(_("预算"))
    field_order = (
        "topic", "title", "board", "starts_at", "ends_at", "festival", "ally", "station", "where", "words", "capacity",
        "party_max", "signup_opens_at", "signup_closes_at", "waiting_list", "budget_fen", "version",
    )  # fmt: skip

    def __init__(self, *args: Any, street: Street, on: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = Topic.objects.filter(street=street, season__until_on__gt=on).select_related("season")
        units = AllianceUnit.objects.filter(street=street).not_over(on).select_related("party")
        stations = Station.objects.filter(street=street).standing()
        self.offer(
            topic=topics.order_by("month_on"), ally=units.order_by("party__name"), station=stations.order_by("name"),
            festival=_festivals(),
        )  # fmt: skip
        self.fields["topic"].label_from_instance = _topic_said  # type: ignore[attr-defined]  # of a ModelChoiceField

    @property
    def said(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        beside: dict[str, Any] = {name: said.pop(name) for name in ("topic", "station", "version") if name in said}
        beside["unit"] = said.pop("ally")
        said["festival"] = Festival(said["festival"]) if said["festival"] else None
        said |= {"party_max": said["party_max"] or 1, "budget_fen": said["budget_fen"] or 0}
        return {"draft": ActivityDraft(**said), **beside}


def _topic_said(topic: Topic) -> str:
    return f"{month_of_year(topic.month_on)} {topic.name}（{topic.season.name}）"


def _festivals() -> list[Any]:
    """Festivals first, then the other terms."""
    festivals = [(one.value, one.label) for one in FESTIVALS]
    terms = [(one.value, one.label) for one in TERMS if one not in FESTIVALS]
    return [("", _("不跟节日")), (_("节日"), festivals), (_("节气"), terms)]


def as_said(activity: Activity) -> dict[str, Any]:
    """An activity as its form begins with it."""
    names = (
        "topic", "title", "board", "starts_at", "ends_at", "festival", "station", "where", "words", "capacity",
        "party_max", "signup_opens_at", "signup_closes_at", "waiting_list", "budget_fen",
    )  # fmt: skip
    return {name: getattr(activity, name) for name in names} | {"ally": activity.unit}


class PressForm(VersionForm):
    """No more than the press of the button."""


class CancelForm(VersionForm):
    """Why it is called off."""

    reason = long_text(_("为什么取消"), _("报名的人和看菜单的人都会看到，不写个人信息。"), most=LONGEST_REASON, rows=2)


class RescheduleForm(VersionForm):
    """When, where and for how many it is from now on, and why."""

    starts_at = InstantField(label=_("什么时候开始"))
    ends_at = InstantField(label=_("什么时候结束"))
    station = forms.ModelChoiceField(
        label=_("在哪个驿站"), queryset=Station.objects.none(), required=False, empty_label=_("不在驿站")
    )
    where = _line(_("在哪里"), LONGEST_WHERE, required=True)
    capacity = forms.IntegerField(
        label=_("名额"), min_value=1, max_value=MOST_PLACES, required=False, help_text=_("空着就是不用报名，来了就行。")
    )
    signup_closes_at = InstantField(label=_("报名到什么时候截止"), required=False, help_text=_("空着就是活动开始。"))
    reason = long_text(_("为什么改"), _("报名的人会看到。"), most=LONGEST_REASON, rows=2)
    field_order = ("starts_at", "ends_at", "station", "where", "capacity", "signup_closes_at", "reason", "version")

    def __init__(self, *args: Any, thing: Activity, **kwargs: Any) -> None:
        names = ("starts_at", "ends_at", "station", "where", "capacity", "signup_closes_at")
        kwargs["initial"] = {name: getattr(thing, name) for name in names}
        super().__init__(*args, thing=thing, **kwargs)
        self.offer(station=Station.objects.filter(street=thing.street_id).standing().order_by("name"))

    @property
    def said(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        reason, version = said.pop("reason"), said.pop("version")
        return {"to": Rescheduled(**said), "reason": reason, "version": version}


class SpendingForm(VersionForm):
    """What an activity has cost so far."""

    spent_fen = YuanField(
        label=_("到现在一共花了"), min_fen=0, max_fen=MOST_FEN, help_text=_("写总数，会代替上次写的。")
    )

    def __init__(self, *args: Any, thing: Activity, **kwargs: Any) -> None:
        kwargs["initial"] = {"spent_fen": thing.spent_fen}
        super().__init__(*args, thing=thing, **kwargs)


class CopyForm(Form):
    """Which of last year's activities are planned again; the digest is that of the preview."""

    chosen = forms.MultipleChoiceField(label=_("照排哪些"), required=False, widget=forms.CheckboxSelectMultiple)
    digest = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, plan: YearCopy, **kwargs: Any) -> None:
        can = [one.source.public_id for one in plan.activities if one.can]
        kwargs["initial"] = {"chosen": can, "digest": plan.digest}
        super().__init__(*args, **kwargs)
        self.offer(chosen=[(one.source.public_id, one.source.title) for one in plan.activities if one.can])
