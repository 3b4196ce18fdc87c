"""Form fields the way people here write money and days. Forms of an area subclass ``Form``."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Choices, QuerySet
from django.utils.translation import gettext_lazy as _

from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.kernel.clock import SHANGHAI
from hege.kernel.money import to_fen, yuan
from hege.web.jinja import capitals, daylong, m3, weekday
from hege.web.links import ROW_NUMBER

_DAY = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?\Z", re.ASCII)
#: Days outside are slips of the keyboard; far outside, arithmetic with them has no answer.
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2999, 12, 31)
_CLOCK = re.compile(r"(.+?)[\sT]*(\d{1,2})[:：点时](\d{2})?(?:[:：分](\d{2}))?[分秒]?\Z", re.ASCII)
#: What stands where nothing is chosen, in the place of Django's own sign.
DASHES, CHOOSE, NONE_CHOSEN = "---------", _("请选择"), _("不选")
_DAY_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})\Z", re.ASCII)


class Form(forms.Form):
    """A form of ours: labels carry no colon, errors and hints are rendered by ``ui.field``."""

    use_required_attribute = False
    #: Rows of the same page: sent, read and refused together with it.
    row_forms: Sequence[Form] = ()

    def __init__(self, *args: Any, thing: Any = None, desk: Any = None, **kwargs: Any) -> None:
        """``thing`` and ``desk``: what the form is about and where, for those that offer something of it or begin with it."""
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = _what_is_missing(field)
            if getattr(field, "empty_label", None) == DASHES:
                field.empty_label = CHOOSE if field.required else NONE_CHOSEN  # type: ignore[attr-defined]

    def offer(self, **among: Any) -> None:
        """Let each named field choose among these rows, or these pairs of value and label."""
        for name, these in among.items():
            setattr(self.fields[name], "queryset" if isinstance(these, QuerySet) else "choices", these)

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(row.is_valid() for row in self.row_forms)])

    @property
    def said(self) -> dict[str, Any]:
        """What was said, by the names its action takes it; a form whose fields are called otherwise says so here."""
        return self.cleaned_data


class VersionForm(Form):
    """A form about something that others change too: it carries the version its page showed, and the action checks it.

    Sent without one it is refused like one that is behind (409), so that no write goes round the check. ``version``
    None means that the thing has none: the form then has no such field.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, version: int | None = None, thing: Any = None, **kwargs: Any) -> None:
        version = getattr(thing, "version", version)
        kwargs["initial"] = {"version": version, **(kwargs.get("initial") or {})}
        super().__init__(*args, thing=thing, **kwargs)
        self.stale = False
        if version is None:
            del self.fields["version"]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own last step of cleaning: no subclass can leave it out
        if "version" in self.fields and self.cleaned_data.get("version") is None:
            self.stale = True
            self.add_error(None, _("这一页没有说明看到的是哪一版，请刷新后再办。"))


def _what_is_missing(field: forms.Field) -> Any:
    match field:
        case forms.BooleanField():
            return _("请先勾选这一项。")
        case forms.ChoiceField() | forms.ModelChoiceField():
            return _("请选择一项。")
        case forms.FileField():
            return _("请选择文件。")
        case _other:
            return _("请填写这一项。")


def long_text(
    label: Any, help_text: Any = "", *, required: bool = True, most: int = 2000, rows: int = 4
) -> forms.CharField:
    """Words somebody has to write, ``most`` characters of them."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=most, widget=widget)


def yes_or_no(label: Any, yes: Any, no: Any, **more: Any) -> forms.TypedChoiceField:
    """A question with two answers, cleaned to a bool."""
    return forms.TypedChoiceField(
        label=label,
        choices=[("yes", yes), ("no", no)],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
        **more,
    )


def one_of(label: Any, kinds: Iterable[Choices], **more: Any) -> forms.TypedChoiceField:
    """One of some kinds, or of all there are, cleaned to it."""
    some = {kind.value: kind for kind in kinds}
    pairs = [(value, kind.label) for value, kind in some.items()]
    return forms.TypedChoiceField(label=label, choices=pairs, coerce=lambda value: some[value], **more)


class SeveralField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # Django's own takes none at run time
    """Several rows, ticked. A number longer than any row's is no choice: Django itself would ask the database for it."""

    widget = forms.CheckboxSelectMultiple

    def _check_values(self, value: Any) -> Any:
        for pk in value if isinstance(value, list | tuple) else ():
            if re.fullmatch(ROW_NUMBER, str(pk), re.ASCII) is None:
                raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": pk})
        return super()._check_values(value)  # type: ignore[misc]  # the stubs do not know of it


class TypedField(ABC, forms.Field):
    """Something typed the way people write it, in wide or narrow signs: a subclass can ``read`` and ``write`` it."""

    inputmode = "decimal"
    #: What has been read already.
    clean_type: type = int

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": self.inputmode, "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, self.clean_type):
            return value
        text = unicodedata.normalize("NFKC", str(value or "")).strip()
        return self.read(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        return self.write(value) if isinstance(value, self.clean_type) else value

    def said_back(self, value: Any, words: Callable[[Any], str]) -> str:
        """What was typed in other words, or nothing while it cannot be read."""
        try:
            read = self.to_python(value)
        except ValidationError:
            return ""
        return "" if read is None else words(read)

    @abstractmethod
    def read(self, text: str) -> Any:
        """The value of a text that is not empty; raises ``ValidationError``."""

    @staticmethod
    @abstractmethod
    def write(value: Any, /) -> str:
        """The text that reads as this value."""


class YuanField(TypedField):
    """An amount typed in yuan, cleaned to integer fen: ``30,000``, ``¥30000.00``, ``３００００元`` all do.

    ``min_fen`` is the least amount taken, one fen unless said otherwise.
    """

    is_money = True
    write = staticmethod(yuan)

    def __init__(self, *, min_fen: int = 1, max_fen: int = 10**13, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.min_fen, self.max_fen = min_fen, max_fen

    def read(self, text: str) -> int:
        text = re.sub(r"[¥￥,，\s]|元$", "", text)
        if not re.fullmatch(r"-?\d{1,13}(\.\d+)?", text, re.ASCII):
            raise ValidationError(_("请写一个金额，例如 30,000.00。"))
        amount = Decimal(text)
        if amount != amount.quantize(Decimal("0.01")):
            raise ValidationError(_("金额最多写到分，也就是两位小数。"))
        return to_fen(amount)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.min_fen:
            raise ValidationError(_("金额不能少于 %(least)s 元。") % {"least": yuan(self.min_fen)})
        if value > self.max_fen:
            raise ValidationError(_("金额不能多于 %(most)s 元。") % {"most": yuan(self.max_fen)})

    def capitals_of(self, value: Any) -> str:
        """The sum in Chinese capitals."""
        return self.said_back(value, capitals)


class CubicMetreField(TypedField):
    """An index typed in cubic metres as the register shows it, cleaned to whole litres: ``16393``, ``16,393.5`` do."""

    write = staticmethod(m3)

    def read(self, text: str) -> int:
        text = re.sub(r"[,，\s]", "", text)
        if not re.fullmatch(r"\d{1,9}(\.\d{1,3})?", text, re.ASCII):
            raise ValidationError(_("请写表上的数，单位立方米，例如 16393；最多三位小数。"))
        return int(Decimal(text) * 1000)


class DayField(TypedField):
    """A day, typed or picked: 2026-11-23, 20261123, 2026/11/23, 2026年11月23日, or 11月23日 of the present year.

    Years 1900 to 2999 alone: whoever counts on from a day of a form, or asks when it begins, need not ask whether that goes.
    """

    is_day = True
    inputmode, clean_type = "text", dt.date
    write = staticmethod(dt.date.isoformat)

    def read(self, text: str) -> Any:
        text = text.replace(" ", "")
        match = _DAY_DIGITS.match(text) or _DAY.match(text)
        if match is None:
            raise ValidationError(_("请写一个日期，例如 2026-11-23 或 11月23日。"))
        year, month, day = match.groups()
        try:
            read = dt.date(int(year) if year else clock.today().year, int(month), int(day))
        except ValueError:
            raise ValidationError(_("没有这一天，请再看一下日期。")) from None
        if not FIRST_DAY <= read <= LAST_DAY:
            raise ValidationError(_("年份要在 1900 到 2999 之间，请再看一下日期。"))
        return read

    def said(self, value: Any) -> str:
        """The day said back with its weekday."""
        return self.said_back(value, lambda day: f"{daylong(day)} {weekday(day)}")


class InstantField(DayField):
    """A day and a time of it, as people write it: 2026-11-23 14:30, 11月23日 14:30, 10:00:30. Cleans to an aware instant."""

    is_day = False
    clean_type = dt.datetime

    def read(self, text: str) -> Any:
        match = _CLOCK.match(text)
        if match is None:
            raise ValidationError(_("请写日期和时间，例如 2026-11-23 14:30。"))
        day = super().read(match[1])
        hour, minute, second = (int(part or 0) for part in match.groups()[1:])
        try:
            time = dt.time(hour, minute, second)
        except ValueError:
            raise ValidationError(_("没有这个时间，请再看一下。")) from None
        return dt.datetime.combine(day, time, SHANGHAI)

    @staticmethod
    def write(value: Any, /) -> str:
        local = value.astimezone(SHANGHAI)
        return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"


class LastDayField(DayField):
    """The last day something holds, as people say it, cleaned to the first day without it, as it is kept."""

    @staticmethod
    def write(value: Any, /) -> str:
        return str((value - DAY).isoformat())

    def read(self, text: str) -> Any:
        return super().read(text) + DAY

    def said(self, value: Any) -> str:
        return self.said_back(value, lambda until: f"{daylong(until - DAY)} {weekday(until - DAY)}")


def last_day(*, required: bool = True) -> LastDayField:
    """Until when something holds."""
    return LastDayField(label=_("最后一天"), required=required)
