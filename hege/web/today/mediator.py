"""A mediator's morning: the files by step, what is to be signed, what is to be paid, and the clocks that run."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from hege.kernel.calendar import DAY, Calendar
from hege.kernel.money import yuan
from hege.kernel.several import several
from hege.mediation.models import AgreementPrint, Dossier, MediationParty, Signature
from hege.mediation.queries import AgreementDue, ConfirmationDue, agreements_due, confirmation_due, files_of
from hege.mediation.rules import USUAL_DAYS, FileState
from hege.places.queries import workday_calendar
from hege.web.access import Desk
from hege.web.jinja import day, dots
from hege.web.links import where
from hege.web.marks import When

LONGEST = 50
#: Calendar days left of a clock at which it turns amber.
SOON = 7
#: The steps of a file, in a word each; the last is an agreement's.
STEPS: tuple[str | Promise, ...] = (_lazy("受理"), _lazy("告知"), _lazy("调解"), _lazy("签字"), _lazy("履行"))
TELL, TALK, SIGN = 0, 2, 3


class FileRow(NamedTuple):
    """One file: what, how far, who is waited for, until when, and the verb."""

    title: str
    href: str
    about: str
    step: int
    waits_for: str
    when: When
    verb: str
    does: str

    @property
    def word(self) -> str | Promise:
        return STEPS[self.step]

    @property
    def bars(self) -> list[str]:
        """Five small bars: done, now, to come."""
        return ["done" if n < self.step else "now" if n == self.step else "" for n in range(len(STEPS))]


class Clock(NamedTuple):
    """A clock that runs: whose, how many of its days are gone, what is left in words."""

    text: str
    what: str
    gone: int
    of: int
    left: str
    tone: str


class MediatorDesk:
    """What a mediator's first page shows."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.street, self.today, self.code = desk, desk.street, desk.today, desk.street.code
        self.paths = desk.paths("mediation.see")

    @cached_property
    def calendar(self) -> Calendar:
        return workday_calendar(self.street)

    @cached_property
    def files(self) -> list[Dossier]:
        """Those that run, the oldest first, each with the key of its last print (``printed``)."""
        prints = AgreementPrint.objects.filter(street=self.street, file=OuterRef("pk")).order_by("-number")
        rows: Any = files_of(self.street, paths=self.paths).unfinished()
        return list(rows.annotate(printed=Subquery(prints.values("pk")[:1])).order_by("opened_on", "pk")[:LONGEST])

    @cached_property
    def _parties(self) -> dict[int, list[MediationParty]]:
        found: dict[int, list[MediationParty]] = defaultdict(list)
        if self.files:
            rows = MediationParty.objects.filter(street=self.street, file__in=[f.pk for f in self.files])
            for row in rows.select_related("party").order_by("pk"):
                found[row.file_id].append(row)
        return found

    @cached_property
    def _signed(self) -> set[tuple[int, int]]:
        """Which party has signed which print."""
        prints = [pk for pk in (getattr(f, "printed", None) for f in self.files) if pk]
        rows = Signature.objects.filter(street=self.street, printed__in=prints, party__isnull=False)
        return set(rows.values_list("printed_id", "party_id")) if prints else set()

    def unsigned(self, file: Dossier) -> list[str]:
        """Who has not signed the last print of a file; nobody where nothing is printed."""
        printed = getattr(file, "printed", None)
        if not printed:
            return []
        return [p.party.name for p in self._parties[file.pk] if (printed, p.party_id) not in self._signed]

    @cached_property
    def rows(self) -> list[FileRow]:
        """What waits for a signature first, then the one whose time is up first."""
        rows = [self._row(file) for file in self.files]
        return sorted(rows, key=lambda row: row.step != SIGN)

    def _row(self, file: Dossier) -> FileRow:
        state, lacking = FileState(file.state), self.unsigned(file)
        here = where("mediation:file", self.code, file.public_id)
        step, waits_for, verb, does = TALK, _("等一次调解"), _("写调解记录"), "mediation:session"
        if getattr(file, "printed", None):
            who = {"who": _("、").join(lacking)}
            step, waits_for, verb, does = SIGN, _("都签了，等登记"), _("看卷宗"), "mediation:file"
            if lacking:
                waits_for, verb, does = _("还没签：%(who)s") % who, _("登记签名"), "mediation:sign"
        elif state is FileState.REGISTERED:
            step, waits_for, verb, does = TELL, _("您还没告知权利"), _("告知权利义务"), "mediation:rights"
        elif state is FileState.RIGHTS_TOLD:
            step = TELL + 1
        elif state is FileState.MEDIATING:
            waits_for = _("等谈拢，写草案")
        names = " / ".join(p.party.name for p in self._parties[file.pk])
        about = dots([_("调解 %(number)s") % {"number": file.number}, names])
        does = where(does, self.code, file.public_id)
        return FileRow(file.subject, here, about, step, waits_for, self._when(file), verb, does)

    def _when(self, file: Dossier) -> When:
        ends = file.opened_on + USUAL_DAYS * DAY
        left = (ends - self.today).days
        if left < 0:
            return When(_("超过 %(n)s 天") % {"n": -left}, _("%(day)s 满一个月") % {"day": day(ends)}, "red")
        return When(day(ends), several("满一个月，剩 %(n)s 天") % {"n": left}, "amber" if left <= SOON else "")

    # -- agreements ------------------------------------------------------------------------------------------------------

    @cached_property
    def dues(self) -> list[AgreementDue]:
        """The agreements to be performed yet, the next instalment first."""
        return agreements_due(self.street, self.today, paths=self.paths)

    @cached_property
    def confirmable(self) -> list[ConfirmationDue]:
        """Those the parties may still have confirmed by the court."""
        clocks = (confirmation_due(row.agreement, on=self.today, calendar=self.calendar) for row in self.dues)
        return [clock for clock in clocks if clock is not None]

    @property
    def missed(self) -> int:
        """How many agreements have an instalment that did not come in time."""
        return sum(row.following is not None and row.following.overdue for row in self.dues)

    def due_note(self, row: AgreementDue) -> str:
        """When the next instalment is due, and how much."""
        following = row.following
        if following is None:
            return _("都到账了")
        said = {"day": day(following.last_on), "sum": yuan(following.left_fen), "n": following.instalment.number}
        return _("第 %(n)s 期 %(sum)s 元，最晚 %(day)s") % said

    @property
    def clocks(self) -> list[Clock]:
        """Each file's month, and the thirty days in which an agreement can be confirmed."""
        found = [
            self._clock(file.subject, (self.today - file.opened_on).days, USUAL_DAYS, _("调解满一个月"))
            for file in self.files[:5]
        ]
        for clock in self.confirmable[:5]:
            whole = (clock.deadline - clock.agreement.effective_on).days
            found.append(self._clock(clock.agreement.point.name, whole - clock.days_left, whole, _("申请司法确认")))
        return found

    def _clock(self, text: str, gone: int, of: int, what: str) -> Clock:
        left = of - gone
        tone = "red" if left < 0 else "amber" if left <= SOON else ""
        said = several("剩 %(n)s 天") % {"n": left} if left >= 0 else _("超过 %(n)s 天") % {"n": -left}
        return Clock(text, what, max(0, min(gone, of)), of, said, tone)

    # -- in a sentence ---------------------------------------------------------------------------------------------------

    @property
    def _to_sign(self) -> list[Dossier]:
        return [file for file in self.files if self.unsigned(file)]

    @property
    def title(self) -> str:
        if self._to_sign:
            first = self._to_sign[0]
            return several("“%(what)s”还差 %(n)s 个签名") % {"what": first.subject, "n": len(self.unsigned(first))}
        if self.missed:
            return several("%(n)s 份协议有一期没到账") % {"n": self.missed}
        if self.rows:
            return _("%(n)s 件在调解，先看“%(what)s”") % {"n": len(self.rows), "what": self.rows[0].title}
        return _("没有在调解的纠纷")

    @property
    def tiles(self) -> list[dict[str, Any]]:
        """How many files are at which step, and how many agreements are being performed."""
        steps = [row.step for row in self.rows]
        lacking = sum(len(self.unsigned(file)) for file in self._to_sign)
        here, agreements = where("mediation:index", self.code), where("mediation:agreements", self.code)
        return [
            {"n": steps.count(TELL), "label": _("要告知"), "href": here, "late": False, "note": _("先告知权利义务")},
            {"n": sum(TELL < s < SIGN for s in steps), "label": _("在调解"), "href": here, "late": False,
             "note": next((r.title for r in self.rows if TELL < r.step < SIGN), _("没有等着谈的"))},
            {"n": steps.count(SIGN), "label": _("等签字"), "href": here, "late": False,
             "note": several("缺 %(n)s 个签名") % {"n": lacking} if lacking else _("不缺签名")},
            {"n": len(self.dues), "label": _("在履行"), "href": agreements, "late": self.missed > 0,
             "note": _("%(n)s 份有一期没到账") % {"n": self.missed} if self.missed else _("都按期")},
        ]  # fmt: skip
