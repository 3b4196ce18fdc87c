"""What the page of one honour says: how it stands, each check with its answer and its meaning, who looked when, and at what."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hege.honours.models import AwardingBody, HonourStep, HonourVersion
from hege.honours.numbers import sentences
from hege.honours.numbers.rules import Answer, Verdict
from hege.honours.publishing import address_of
from hege.honours.queries import History, checks_of
from hege.honours.rules import OPEN_TO_OBJECTION, THINGS, HonourState, Seen, word_for_approval
from hege.kernel.clock import day_of
from hege.web.jinja import daylong, dots
from hege.web.links import where
from hege.web.marks import Line
from hege.web.pages import or_404
from hege.web.roll.page import patterns_of
from hege.web.shared.numbers import look_on_a_phone, parts_in_words

#: More numbers than this are folded, all but the first that does not fit.
SHOWN_WHOLE = 3


class Standing(NamedTuple):
    """How an honour stands, as anybody is told: the sentence, its colour and icon, and what it means."""

    text: str
    tone: str
    icon: str
    note: str


@dataclass
class Check:
    """One thing that was looked at: its name, as printed, the answer, what it rests on, how much it says."""

    name: str
    answer: Answer
    text: str = ""
    note: str = ""
    parts: Sequence[tuple[str, str, str]] = ()
    proves: str = ""
    proves_word: str = ""
    folded: bool = False
    look: tuple[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.look = look_on_a_phone(self.answer)


class HonourPage:
    """An honour as anybody may see it: the last version that was shown, or the one the address asks for."""

    def __init__(self, history: History, *, on: dt.date, number: str = "") -> None:
        self.history, self.on = history, on
        shown = {step.version_id for step in history.steps if step.to in _SHOWN}
        self.versions = [entry for entry in history.versions if entry.version.pk in shown]
        self.current = self.versions[-1]
        asked = [entry for entry in self.versions if str(entry.version.number) == number]
        self.entry = or_404(asked[0] if asked else None) if number else self.current
        self.honour, self.version, self.firm = history.honour, self.entry.version, history.honour.firm
        self.street = self.honour.street
        self.verdicts = checks_of(self.entry, on=on, patterns=patterns_of(self.street, self.entry))

    @property
    def is_current(self) -> bool:
        return self.entry is self.current

    @property
    def address(self) -> str:
        return address_of(self.honour)

    @property
    def short(self) -> str:
        return self.address.split("://")[-1].rstrip("/")

    @property
    def state(self) -> HonourState:
        """How far what anybody may see has come; a later version that nobody has seen yet only says that it is being made."""
        state = HonourState(self.honour.state)
        if state is HonourState.DROPPED or self.current is self.history.now:
            return state
        return HonourState.DRAFTED

    @property
    def may_object(self) -> bool:
        return self.is_current and self.state in OPEN_TO_OBJECTION

    @property
    def is_signed(self) -> bool:
        """Whether something signed of it holds: what was withdrawn or corrected is only said to have been taken back."""
        return self.is_current and self.state in _SIGNED and self.history.badge is not None

    def step(self, to: HonourState) -> HonourStep | None:
        """The step of the version that is shown to a state."""
        steps = (step for step in self.history.steps if step.version_id == self.version.pk and step.to == to)
        return next(steps, None)

    @property
    def sub(self) -> str:
        """Trade mark and products, in a line."""
        mark = _("商标“%(mark)s”") % {"mark": self.version.trade_mark} if self.version.trade_mark else ""
        names = _("、").join(item.name for item in self.entry.items if item.name and item.kind in THINGS)
        return dots([mark, names])

    # -- how it stands ---------------------------------------------------------------------------------------------------

    @cached_property
    def standing(self) -> Standing:
        """The answer to: what is this worth?"""
        if self.state is HonourState.PUBLISHED:
            note = _("%(seen)s%(unchanged)s") % {"seen": self._seen, "unchanged": self._unchanged}
            return Standing(self._published, "", "", note)
        if self.state is HonourState.IN_PUBLICITY:
            last = daylong(self.honour.last_shown_on)
            note = _("公示到 %(day)s（含当天）。觉得哪里不对，谁都可以提出异议，提的人不公开。") % {"day": last}
            return Standing(_("公示中，还没有上榜"), "is-amber", "hourglass", note)
        if self.state is HonourState.EXPIRED:
            note = _("证书上的有效期到 %(day)s。续期以后要重新录入、核对。") % {"day": daylong(self.version.expires_on)}
            return Standing(_("已到期，不要再用"), "is-amber", "alert-triangle", note)
        if self.state is HonourState.WITHDRAWN:
            return Standing(_("已撤下，不要再用"), "is-red", "circle-x", self._withdrawn)
        if self.state is HonourState.DROPPED:
            return Standing(_("没有上榜"), "is-amber", "info-circle", _("公示以后没有采用。下面是公示时的样子。"))
        note = _("下面是更正以前的样子。新的一版核对、公示以后再上榜。")
        return Standing(_("正在更正，先不要用"), "is-amber", "alert-triangle", note)

    @property
    def _published(self) -> str:
        answers = {verdict.answer for _item, verdict in self.verdicts}
        if not answers:
            return _("已上榜，没有号码可对")
        if Answer.DOES_NOT_FIT in answers:
            return _("已上榜，有号码写法对不上")
        return _("已上榜，号码写法对得上") if answers == {Answer.FITS} else _("已上榜，有号码判断不了")

    @property
    def _seen(self) -> str:
        checked = self.step(HonourState.CHECKED)
        if checked and checked.seen == Seen.EVIDENCE:
            return _("核对的人看过证书等材料，没有向颁发单位问过。")
        return _("有没有这张证书，我们没有看过，也没有向颁发单位问过。")

    @property
    def _unchanged(self) -> str:
        return _("截至 %(day)s 状态没有变。") % {"day": daylong(self.on)}

    @property
    def _withdrawn(self) -> str:
        step = self.step(HonourState.WITHDRAWN)
        day, why = (daylong(day_of(step.at)), step.words) if step else ("", "")
        return _("%(day)s撤下。理由：%(why)s") % {"day": day, "why": why}

    @property
    def state_word(self) -> str:
        """The same in a word, for the picture on a firm's own site."""
        return _("正在更正") if self.state is HonourState.DRAFTED else str(self.state.label)

    @property
    def colour(self) -> str:
        """Its colour there."""
        return _COLOURS.get(self.standing.tone, "#084b66")

    @property
    def picture_says(self) -> str:
        said = {
            "firm": self.firm.name,
            "title": self.version.title,
            "state": self.state_word,
            "day": self.on.isoformat(),
        }
        return _("%(firm)s：%(title)s，%(state)s，截至 %(day)s") % said

    @property
    def snippet(self) -> str:
        """What a firm puts on its own page: a picture within a link, and nothing that runs."""
        picture = f'<img src="{self.address}badge.svg" alt="{escape(self.version.title)}" width="260" height="64">'
        return f'<a href="{self.address}">{picture}</a>'

    @property
    def linked_data(self) -> Any:
        """What was signed, for programs that read the page."""
        badge = self.history.badge
        return json.loads(badge.signed) if badge else None

    @property
    def body(self) -> AwardingBody | None:
        """Who gave it, where that is known."""
        return self.version.body

    # -- each check ------------------------------------------------------------------------------------------------------

    @cached_property
    def checks(self) -> list[Check]:
        """Each number, then the approval that some titles need, then how long it holds."""
        numbers = [self._number(item.name or item.get_kind_display(), verdict) for item, verdict in self.verdicts]
        last = {sentences.how_much(v): check for check, (_item, v) in zip(numbers, self.verdicts, strict=True)}
        for words, check in last.items():
            check.proves = words
        misfit = next((check for check in numbers if check.answer is Answer.DOES_NOT_FIT), None)
        for check in numbers[SHOWN_WHOLE:]:
            check.folded = check is not misfit
        if not numbers:
            numbers = [Check(_("号码"), Answer.CANNOT_JUDGE, note=_("出处没有印号码，没有可对的。"))]
        return [*numbers, *self._approval(), self._term()]

    def _number(self, name: str, verdict: Verdict) -> Check:
        return Check(
            name, verdict.answer, text=verdict.number, note=self._decided(verdict), parts=parts_in_words(verdict),
            proves_word=str(verdict.proves.label),
        )  # fmt: skip

    @staticmethod
    def _decided(verdict: Verdict) -> str:
        return "" if verdict.answer is Answer.FITS else sentences.decided_by(verdict)

    def _approval(self) -> Iterator[Check]:
        word = word_for_approval(self.version.title)
        if not word:
            return
        name = _("冠“%(word)s”的批准文号") % {"word": word}
        if self.version.approval_no:
            note = _("登记时写明了文号，没有向批准的机关核实。")
            yield Check(name, Answer.CANNOT_JUDGE, text=self.version.approval_no, note=note)
        else:
            yield Check(name, Answer.CANNOT_JUDGE, note=_("没有人向我们出示过。"))

    def _term(self) -> Check:
        until = self.version.expires_on
        if until is None:
            return Check(_("有效期"), Answer.CANNOT_JUDGE, note=_("出处没有印，到哪天要看证书。"))
        day = daylong(until)
        if until < self.on:
            return Check(_("有效期"), Answer.DOES_NOT_FIT, text=day, note=_("已经过了。"))
        return Check(_("有效期"), Answer.FITS, text=day, note=_("到这一天（含当天），照出处所印。"))

    # -- who looked when, and at what ------------------------------------------------------------------------------------

    @cached_property
    def lines(self) -> list[Line]:
        """What happened, the latest first; who did it by what they do here, never by name."""
        shown = {entry.version.pk for entry in self.versions}
        told = [(step.at, self._step(step)) for step in self.history.steps if step.version_id in shown]
        for entry in self.history.versions:
            told.append((entry.version.at, self._drafted(entry.version, is_shown=entry.version.pk in shown)))
            told += self._objected(entry.version)
        return [line for _at, line in sorted(told, key=lambda one: one[0], reverse=True)]

    def _step(self, step: HonourStep) -> Line:
        to, day = HonourState(step.to), daylong(day_of(step.at))
        if to is HonourState.CHECKED:
            note = dots([_("另一名工作人员"), Seen(step.seen).label, step.words])
            return Line(_("%(day)s 第二个人核对") % {"day": day}, note)
        if to is HonourState.IN_PUBLICITY:
            until = daylong(step.shown_until_on and step.shown_until_on - dt.timedelta(days=1))
            note = dots([_("召集人"), step.get_consent_display(), _("公示到 %(day)s") % {"day": until}])
            return Line(_("%(day)s 开始公示") % {"day": day}, note, href=self._then(step))
        if to is HonourState.PUBLISHED:
            return Line(_("%(day)s 上榜") % {"day": day}, _("召集人"), href=self._then(step))
        if to is HonourState.EXPIRED:
            return Line(_("%(day)s 到期") % {"day": day}, _("照出处所印的日期"))
        words, tone = (_("撤下"), "red") if to is HonourState.WITHDRAWN else (_("不予采用"), "")
        return Line(f"{day} {words}", _("召集人"), tone)

    def _then(self, step: HonourStep) -> str:
        """Where what was shown then still stands, where that is not what the page shows."""
        number = next(e.version.number for e in self.versions if e.version.pk == step.version_id)
        if number == self.version.number:
            return ""
        return where("roll:honour", self.honour.public_id) + f"?version={number}"

    @staticmethod
    def _drafted(version: HonourVersion, *, is_shown: bool) -> Line:
        day = {"day": daylong(day_of(version.at))}
        if version.number == 1:
            how = _("从报刊文字粘贴") if version.clipping_id else _("照材料录入")
            return Line(_("%(day)s 录入") % day, dots([_("工作人员"), how]))
        return Line(_("%(day)s 更正") % day, dots([_("工作人员"), version.reason if is_shown else _("还在核对")]))

    @staticmethod
    def _objected(version: HonourVersion) -> list[tuple[dt.datetime, Line]]:
        n = version.objected  # type: ignore[attr-defined]  # told along by shown_honour
        if not n:
            return []
        at = version.objected_at  # type: ignore[attr-defined]
        said = ngettext("有 %(n)s 个人提出异议", "有 %(n)s 个人提出异议", n) % {"n": n}
        return [(at, Line(f"{daylong(day_of(at))} {said}", _("异议人不公开")))]

    @property
    def source(self) -> str:
        """Where it stood."""
        said = self.version
        return dots([said.source, said.source_page, daylong(said.source_on)])


_SHOWN = (HonourState.IN_PUBLICITY, HonourState.PUBLISHED)
_COLOURS = {"is-red": "#b3261e", "is-amber": "#8a5200"}
_SIGNED = (HonourState.PUBLISHED, HonourState.EXPIRED)
