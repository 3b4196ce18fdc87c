"""What 活动与签到 shows: the list, an activity while people come in, the code on its wall, strikes."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hege.kernel.clock import EPOCH, SHANGHAI, day_of
from hege.kernel.refused import allows
from hege.kernel.several import several
from hege.programme.activities import queries
from hege.programme.activities.models import HandEntry, Signup, Strike
from hege.programme.activities.queries import Figures, Seen, terms_of
from hege.programme.activities.rules import (
    AROUND,
    DELAYS,
    GRACE,
    STEP,
    STRIKE_DAYS,
    EntryState,
    Pass,
    Presence,
    ScanResult,
    SignupState,
    Terms,
    Way,
    check_agrees,
    check_excuse,
    check_lift,
    closes_at,
    is_in,
    offers_end,
    presence_of,
    scan_result,
    step_of,
)
from hege.programme.seasons.models import Activity
from hege.programme.seasons.rules import Board
from hege.web.access import Desk
from hege.web.jinja import dots, instant
from hege.web.links import in_full, where
from hege.web.marks import Button, Chip, Tab, state, tabs
from hege.web.shared.boards import BOARDS, BoardMark
from hege.web.shared.printed_code import drawn_code

#: More places than this are not drawn one by one.
MOST_DRAWN = 200
#: Tabs of the list.
LISTS: Mapping[str, str | Promise] = {"": gettext_lazy("要办的"), "past": gettext_lazy("办过的")}
#: Tabs of an activity.
ROSTERS: Mapping[str, str | Promise] = {
    "": gettext_lazy("没到的在前"), "came": gettext_lazy("已到"), "off": gettext_lazy("取消和请假"),
}  # fmt: skip


def clock_time(at: dt.datetime) -> str:
    """The time of day, in Shanghai."""
    return f"{at.astimezone(SHANGHAI):%H:%M}"


def times_of(activity: Activity) -> str:
    """From when until when, with the day."""
    ends = activity.ends_at
    until = clock_time(ends) if day_of(ends) == day_of(activity.starts_at) else instant(ends)
    return _("%(from)s 到 %(until)s") % {"from": instant(activity.starts_at), "until": until}


def people(n: int) -> str:
    return ngettext("%(n)s 人", "%(n)s 人", n) % {"n": n}


# -- the list ------------------------------------------------------------------------------------------------------------


class EveningRow(NamedTuple):
    """One activity in the list."""

    activity: Activity
    board: BoardMark
    places: str
    note: str
    chip: Chip
    button: Button


class EveningList:
    """The activities of a street that were published."""

    def __init__(self, desk: Desk, tab: str, *, at: dt.datetime) -> None:
        self.desk, self.tab, self.at = desk, tab if tab in LISTS else "", at

    @property
    def ordered(self) -> QuerySet[Activity]:
        return queries.evenings(self.desk.street, past=self.tab == "past", at=self.at)

    @cached_property
    def counts(self) -> dict[str, int]:
        return {tab: queries.evenings(self.desk.street, past=tab == "past", at=self.at).count() for tab in LISTS}

    @property
    def tabs(self) -> list[Tab]:
        return tabs(self.desk.to("activities:index"), LISTS, self.tab, self.counts)

    def rows(self, activities: Sequence[Activity]) -> list[EveningRow]:
        """The lines of a part of the list, counted for all of them at once."""
        keys = [one.pk for one in activities]
        figures = queries.figures_of(self.desk.street, keys)
        came = queries.came_to(self.desk.street, keys)
        return [self._row(one, figures[one.pk], came.get(one.pk, 0)) for one in activities]

    def _row(self, activity: Activity, f: Figures, came: int) -> EveningRow:
        if activity.capacity is None:
            places, note = _("不用报名"), ""
        else:
            places = _("%(taken)s / %(all)s 个位子") % {"taken": activity.taken, "all": activity.capacity}
            note = several("候补 %(n)s 位") % {"n": f.waiting} if f.waiting else ""
        href = self.desk.to("activities:detail", activity.public_id)
        board = BOARDS[Board(activity.board)]
        return EveningRow(activity, board, places, note, self._chip(activity, f, came), Button(_("看"), href))

    def _chip(self, activity: Activity, f: Figures, came: int) -> Chip:
        if self.at < activity.starts_at - AROUND:
            return Chip(_("还没开始"))
        if self.at < closes_at(activity.ends_at):
            return Chip(_("正在签到，到了 %(n)s 位") % {"n": came}, "water")
        absent = _("缺席 %(n)s") % {"n": f.absent} if f.absent else ""
        return Chip(dots([several("到了 %(n)s 位") % {"n": came}, absent]), "green")

    def entries(self, entries: Iterable[HandEntry]) -> list[EntryRow]:
        return [EntryRow(one, self.desk) for one in entries]


class EntryRow:
    """An entry by hand: what it says, and whether this person may answer it."""

    def __init__(self, entry: HandEntry, desk: Desk) -> None:
        self.entry, self.desk = entry, desk

    @property
    def text(self) -> str:
        said = {"number": self.entry.member.shown_number, "n": self.entry.minutes}
        return _("成员 %(number)s，%(n)s 分钟") % said

    @property
    def note(self) -> str:
        entry = self.entry
        by = _("%(who)s录：%(why)s") % {"who": entry.by.full_name, "why": entry.reason}
        if entry.agreed_by is None:
            return by
        answered = _("%(who)s%(said)s") % {"who": entry.agreed_by.full_name, "said": entry.get_state_display()}
        return dots([by, answered, entry.answer])

    @property
    def titled(self) -> str:
        """The same with the activity, where that stands nowhere else."""
        return dots([self.entry.activity.title, self.text])

    @property
    def chip(self) -> Chip:
        return Chip(self.entry.get_state_display(), _ENTRY_TONES[EntryState(self.entry.state)])

    @property
    def buttons(self) -> list[Button]:
        entry, desk = self.entry, self.desk
        facts = {"state": EntryState(entry.state), "entered_by": entry.by_id, "by": desk.user.pk}
        if not desk.may("activities.run") or not allows(check_agrees, **facts):
            return []
        return [
            Button(_("同意"), desk.to("activities:agree", entry.public_id)),
            Button(_("不同意"), desk.to("activities:refuse", entry.public_id)),
        ]


_ENTRY_TONES = {EntryState.WAITING: "amber", EntryState.AGREED: "green", EntryState.REFUSED: ""}


# -- one activity --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guest:
    """One member on the list of an activity."""

    signup: Signup
    seen: Sequence[Seen]
    strike: Strike | None
    page: EveningPage

    @cached_property
    def passes(self) -> list[Pass]:
        return [Pass(one.way, one.at) for one in self.seen if one.result is ScanResult.COUNTED]

    @property
    def state(self) -> SignupState:
        return SignupState(self.signup.state)

    @property
    def has_place(self) -> bool:
        return self.state is SignupState.CONFIRMED

    @cached_property
    def presence(self) -> Presence | None:
        """Whether they came: as it was added up, or as the scans say so far; None for who may still come."""
        if self.signup.settled_at is not None or self.signup.presence:
            return Presence(self.signup.presence) if self.signup.presence else None
        if not self.passes:
            return None
        return presence_of(self.passes, self.page.activity.starts_at, placed_at=self.signup.placed_at)

    @property
    def came(self) -> bool:
        return self.has_place and bool(self.passes or self.presence in (Presence.ATTENDED, Presence.LATE))

    @property
    def is_off(self) -> bool:
        """Gave a place back, or was excused."""
        return self.presence is Presence.EXCUSED or (
            self.signup.placed_at is not None and self.state is SignupState.CANCELLED
        )

    @property
    def is_expected(self) -> bool:
        return self.has_place and not self.came and not self.is_off

    @property
    def rank(self) -> tuple[int, dt.datetime]:
        """Who is still expected first, then who came, in the order of coming."""
        first = self.passes[0].at if self.passes else self.signup.asked_at
        return (0 if self.is_expected else 1 if self.came else 2), first

    @property
    def name(self) -> str:
        return self.signup.member.called or _("已退出")

    @property
    def number(self) -> str:
        return self.signup.member.shown_number

    @property
    def people(self) -> str:
        return people(self.signup.party)

    @property
    def chip(self) -> Chip:
        if self.state is SignupState.CANCELLED and self.presence is None:
            return Chip(self.signup.get_state_display())
        if self.presence is None:
            return Chip(_("还没到"))
        said = {Presence.ATTENDED: Chip(_("已到"), "green", "circle-check"), Presence.LATE: Chip(_("迟到"), "amber")}
        absent = Chip(self.presence.label, "red" if self.presence is Presence.ABSENT else "")
        return said.get(self.presence, absent)

    @property
    def time(self) -> str:
        """When they came, and went."""
        return " – ".join(
            clock_time(one.at) for one in (self.passes[:1] + self.passes[-1:] if self._left else self.passes[:1])
        )

    @property
    def _left(self) -> bool:
        return bool(self.passes) and not is_in(self.passes)

    @property
    def how(self) -> str:
        """By what it is known, the minutes, and what was tried in vain."""
        counted = [one for one in self.seen if one.result is ScanResult.COUNTED]
        vain = len(self.seen) - len(counted)
        return dots([
            str(counted[0].how.label) if counted else "",
            ngettext("%(n)s 分钟", "%(n)s 分钟", self.signup.minutes) % {"n": self.signup.minutes}
            if self.signup.minutes else "",
            ngettext("扫了没成 %(n)s 次", "扫了没成 %(n)s 次", vain) % {"n": vain} if vain else "",
            self.signup.words,
            _("推迟报名") if self.strike and self.strike.lifted_at is None else "",
        ])  # fmt: skip

    @property
    def buttons(self) -> list[Button]:
        """What may be done now, by the rules of the acts."""
        desk, page = self.page.desk, self.page
        if not desk.may("activities.run") or not self.has_place:
            return []
        found, number = [], {"number": self.number}
        for way, label, name in (
            (Way.IN, _("签到"), "activities:check_in"), (Way.OUT, _("签退"), "activities:check_out"),
        ):  # fmt: skip
            result = scan_result(page.terms, way=way, has_place=True, inside=is_in(self.passes), at=page.at)
            if result is ScanResult.COUNTED and (way is Way.OUT or not self._left):
                found.append(Button(label, desk.to(name, page.activity.public_id), hidden=number))
        may_excuse = allows(check_excuse, terms=page.terms, state=self.state, presence=self.presence)
        if may_excuse and (self.is_expected or page.is_over):
            found.append(Button(_("记请假"), desk.to("activities:excuse", self.signup.public_id)))
        return found


class WaitingRow(NamedTuple):
    """One on the waiting list, in the order of asking."""

    text: str
    note: str
    chip: Chip


class EveningPage:
    """One activity for the office, at an instant."""

    def __init__(self, activity: Activity, desk: Desk, tab: str, *, at: dt.datetime) -> None:
        self.activity, self.desk, self.at, self.tab = activity, desk, at, tab if tab in ROSTERS else ""
        self.terms: Terms = terms_of(activity)
        seen, strikes = queries.scans_of(activity), queries.strike_by_signup(activity)
        self.all = [Guest(s, seen[s.member_id], strikes.get(s.pk), self) for s in queries.roster_of(activity)]

    @property
    def board(self) -> BoardMark:
        return BOARDS[Board(self.activity.board)]

    # -- the answer ----------------------------------------------------------------------------------------------------

    @staticmethod
    def _persons(guests: Iterable[Guest]) -> int:
        return sum(guest.signup.party for guest in guests)

    @cached_property
    def came(self) -> int:
        """Persons who came."""
        return self._persons(guest for guest in self.all if guest.came)

    @cached_property
    def expected(self) -> int:
        """Persons with a place who did not come yet."""
        return self._persons(guest for guest in self.all if guest.is_expected)

    @property
    def is_before(self) -> bool:
        return self.at < self.activity.starts_at - AROUND

    @property
    def is_over(self) -> bool:
        return self.at >= closes_at(self.activity.ends_at)

    @property
    def title(self) -> str:
        if not self.terms.runs:
            return _("这场取消了")
        if self.is_before:
            return (
                _("报上 %(n)s 人") % {"n": self.expected}
                if self.terms.capacity is not None
                else _("不用报名，来了就签")
            )
        if self.terms.capacity is None:
            return _("到了 %(n)s 人") % {"n": self.came}
        if self.is_over:
            return _("到了 %(n)s 人，缺席 %(m)s 人") % {"n": self.came, "m": self.expected}
        return _("到了 %(n)s 人，还差 %(m)s 人") % {"n": self.came, "m": self.expected}

    @property
    def lead(self) -> str:
        return dots([self.activity.title, times_of(self.activity), self.activity.where])

    @property
    def chips(self) -> list[Chip]:
        unit = self.activity.unit
        said = [state(self.activity)]
        if unit is not None:
            said.append(Chip(_("牵头 %(unit)s") % {"unit": unit.party.name}))
        return said

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        here = self.desk.to("activities:index")
        return [(_("活动与签到"), here), (self.activity.season.name, ""), (self.activity.topic.name, "")]

    @property
    def buttons(self) -> list[Button]:
        """What may be done to the whole of it now."""
        if not self.desk.may("activities.run") or not self.terms.runs:
            return []
        key, found = self.activity.public_id, []
        if self.is_over:
            return [Button(_("手工补录"), self.desk.to("activities:enter", key), "pencil")]
        if self.terms.capacity is not None and self.at < self.terms.closes_at:
            found.append(Button(_("代报名"), self.desk.to("activities:sign_up", key), "plus"))
        if not self.is_before:
            found.append(Button(_("按编号签到"), self.desk.to("activities:check_in", key), "user-check"))
        return [*found, Button(_("投屏签到码"), self.desk.to("activities:wall", key), "qrcode", main=True)]

    # -- the numbers ---------------------------------------------------------------------------------------------------

    @property
    def tiles(self) -> list[dict[str, object]]:
        """Five numbers, each with the worst of it."""
        late = self._persons(g for g in self.all if g.came and g.presence is Presence.LATE)
        off = sum(guest.is_off for guest in self.all)
        waiting = [guest for guest in self.all if guest.state in (SignupState.WAITING, SignupState.OFFERED)]
        ends, entries = instant(offers_end(self.activity.starts_at)), len(self.counted_entries)
        here = self.here
        return [
            _tile(
                self.terms.capacity if self.terms.capacity is not None else "—", _("个位子"),
                ngettext("取消和请假 %(n)s 位", "取消和请假 %(n)s 位", off) % {"n": off}, f"{here}?show=off",
            ),
            _tile(self.came, _("已到"), _("迟到 %(n)s 人") % {"n": late}, f"{here}?show=came"),
            _tile(self.expected, _("该到没到"), self._absent_note, here, late=self.is_over and self.expected > 0),
            _tile(len(waiting), _("候补"), _("%(when)s 起不再问") % {"when": ends}, f"{here}#waiting"),
            _tile(entries, _("手工补录"), _("补一条要第二个人点头"), f"{here}#entries"),
        ]  # fmt: skip

    @property
    def _absent_note(self) -> str:
        if self.is_over:
            return _("记缺席")
        return _("%(time)s 后到算迟到") % {"time": clock_time(self.activity.starts_at + GRACE)}

    @property
    def here(self) -> str:
        return self.desk.to("activities:detail", self.activity.public_id)

    # -- the list ------------------------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> dict[str, list[Guest]]:
        ordered = sorted(self.all, key=lambda guest: guest.rank)
        return {
            "": [guest for guest in ordered if guest.has_place],
            "came": [guest for guest in ordered if guest.came],
            "off": [guest for guest in ordered if guest.is_off],
        }

    @property
    def guests(self) -> list[Guest]:
        return self.groups[self.tab]

    @property
    def tabs(self) -> list[Tab]:
        return tabs(self.here, ROSTERS, self.tab, {tab: len(rows) for tab, rows in self.groups.items()})

    # -- places, one square each ---------------------------------------------------------------------------------------

    @property
    def places(self) -> list[tuple[str, str, int]]:
        """How the places stand: the name of the square, the word, how many; none where they are too many to draw."""
        capacity = self.terms.capacity
        if capacity is None or capacity > MOST_DRAWN:
            return []
        late = self._persons(g for g in self.all if g.came and g.presence is Presence.LATE)
        said = [
            ("in", _("准时到"), self.came - late),
            ("late", _("迟到"), late),
            ("", _("还没到") if not self.is_over else _("缺席"), self.expected),
        ]
        free = max(0, capacity - sum(n for _name, _word, n in said))
        return [*said, ("off", _("空着"), free)]

    @property
    def places_said(self) -> str:
        return _("，").join(f"{word} {n}" for _name, word, n in self.places)

    # -- the waiting list ----------------------------------------------------------------------------------------------

    @cached_property
    def waiting(self) -> list[WaitingRow]:
        """Everybody who waits or was asked, in the order of asking."""
        waiting = [g for g in self.all if g.state is not SignupState.CANCELLED and (g.signup.round or not g.has_place)]
        return [self._waiting(n, guest) for n, guest in enumerate(waiting, 1)]

    def _waiting(self, n: int, guest: Guest) -> WaitingRow:
        signup = guest.signup
        text = _("第 %(n)s 位，%(name)s %(number)s，%(people)s") % {
            "n": n, "name": guest.name, "number": guest.number, "people": people(signup.party),
        }  # fmt: skip
        match guest.state:
            case SignupState.OFFERED:
                note, tone = _("问了，等到 %(when)s") % {"when": instant(signup.offered_until)}, "amber"
            case SignupState.CONFIRMED:
                note, tone = _("递补上了"), "green"
            case SignupState.LAPSED:
                note, tone = _("问过，没有答，过了"), ""
            case SignupState.DECLINED:
                note, tone = _("问过，没有要"), ""
            case _waiting:
                fits = signup.party <= self.terms.free
                note = "" if fits else _("空位子不够 %(people)s，先问后面的") % {"people": people(signup.party)}
                note, tone = (note if self.terms.free else ""), ""
        return WaitingRow(text, note, Chip(signup.get_state_display(), tone))

    # -- entries by hand -----------------------------------------------------------------------------------------------

    @cached_property
    def entries(self) -> list[EntryRow]:
        return [EntryRow(one, self.desk) for one in queries.entries_of(self.activity)]

    @property
    def counted_entries(self) -> list[EntryRow]:
        return [row for row in self.entries if row.entry.state != EntryState.REFUSED]


def _tile(n: object, label: str, note: str, href: str, *, late: bool = False) -> dict[str, Any]:
    return {"n": n, "label": label, "note": note, "href": href, "late": late}


# -- the code on the wall ------------------------------------------------------------------------------------------------


class Wall:
    """The code on the wall of an activity, at an instant."""

    def __init__(self, activity: Activity, desk: Desk, *, at: dt.datetime) -> None:
        self.activity, self.desk, self.at = activity, desk, at
        self.code = queries.code_now(activity, at=at)
        self.came = queries.came_to(desk.street, [activity.pk]).get(activity.pk, 0)

    @property
    def address(self) -> str:
        """Where the telephone that scans it goes."""
        return in_full(where("member:check_in", self.desk.street.code, self.activity.public_id, self.code))

    @property
    def picture(self) -> str:
        """The code itself; the page says what it is for."""
        drawn = drawn_code(self.address, error="m", quiet=4)
        return f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}"

    @property
    def until(self) -> str:
        """When the next one comes, to the second: whoever sees a time that is over knows that the page stands still."""
        ends = (EPOCH + (step_of(self.at) + 1) * dt.timedelta(seconds=STEP)).astimezone(SHANGHAI)
        return f"{ends:%H:%M:%S}"

    @property
    def note(self) -> str:
        """From when until when it lets anybody in."""
        opens, ends = self.activity.starts_at - AROUND, closes_at(self.activity.ends_at)
        if self.at < opens:
            return _("%(when)s 开始签到") % {"when": instant(opens)}
        if self.at >= ends:
            return _("签到已经结束")
        return ngettext("到了 %(n)s 位", "到了 %(n)s 位", self.came) % {"n": self.came}

    @property
    def times(self) -> str:
        return dots([times_of(self.activity), self.activity.where])

    @property
    def back(self) -> str:
        return self.desk.to("activities:detail", self.activity.public_id)


# -- strikes -------------------------------------------------------------------------------------------------------------


def strike_terms() -> dict[str, int]:
    """By how many hours strikes put a sign-up off, and for how many days they count."""
    _none, one, two, most = (delay // dt.timedelta(hours=1) for delay in DELAYS)
    return {"one": one, "two": two, "most": most, "days": STRIKE_DAYS}


class StrikeRow:
    """One strike that counts."""

    def __init__(self, strike: Strike, desk: Desk) -> None:
        self.strike, self.desk = strike, desk
        self.signup = strike.signup

    @property
    def who(self) -> str:
        """How they are called, for who may lift it; everybody else reads the number alone."""
        member = self.strike.member
        return (member.called or _("已退出")) if self.desk.may("activities.lift") else ""

    @property
    def last_on(self) -> dt.date:
        """The last day on which it counts."""
        return self.strike.expires_on - dt.timedelta(days=1)

    @property
    def button(self) -> Button | None:
        facts = {"lifted": False, "expired": self.strike.expires_on <= self.desk.today}
        if not self.desk.may("activities.lift") or not allows(check_lift, **facts):
            return None
        return Button(_("撤销"), self.desk.to("activities:lift", self.strike.public_id))
