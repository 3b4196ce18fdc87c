"""One box for everything a street calls by a number or a name: each sort of thing within one's own scope, the newest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Right
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from hege.cases.models import Case, Report
from hege.cases.queries import cases_of, reports_of
from hege.conferences.models import Minutes
from hege.conferences.queries import conferences_in
from hege.kernel.periods import holds_on
from hege.metering.models import Meter, PointRole, SupplyPoint
from hege.papers.models import Paper
from hege.papers.queries import papers_of
from hege.people.models import Party, PartyKind
from hege.places.models import Tenancy, Unit
from hege.search.queries import find_newest, holding
from hege.search.rules import MOST, needles
from hege.vouchers.models import Batch
from hege.vouchers.queries import batches_of
from hege.web.access import Desk
from hege.web.jinja import day, daylong, dots, instant, mask_phone
from hege.web.links import where
from hege.web.shared.scope import points_of, units_of

LONGEST, LONGEST_LINE = 40, 60
#: Whoever sees a part of the street alone: among so many of the newest that the words find theirs are looked for first.
AMONG = 1_000
#: The last four digits of a telephone, the way people remember a number they must not write down.
LAST_FOUR = re.compile(r"\d{4}\Z", re.ASCII)

#: By sort the ids that the words find.
Ids = Mapping[type[Model], list[int]]


class Hit(NamedTuple):
    """One thing found."""

    title: str
    note: object
    href: str


class Found(NamedTuple):
    """What was found of one sort; ``more``: there are others, which are older."""

    kind: str | Promise
    hits: list[Hit]
    more: bool

    @property
    def counted(self) -> str:
        """The sort and how many are shown, with a sign where there are more."""
        return f"{self.kind} {len(self.hits)}{'+' if self.more else ''}"


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of thing that is sought: by which right, all of them that a desk may see, and how one is shown.

    ``also``: the ids of those that are found by what else the words find, the newest.
    """

    kind: str | Promise
    right: str
    model: type[Model]
    rows: Callable[[Desk], QuerySet[Any]]
    hit: Callable[[Desk, Any], Hit]
    also: Callable[[Desk, Ids], Iterable[int]] | None = None

    def whole(self, desk: Desk) -> bool:
        """Whether the desk sees all that there are in the street."""
        return desk.paths(self.right) == ("",) and desk.party_ids(self.right) is None

    def found(self, desk: Desk, words: str, ids: Ids) -> Found | None:
        """The newest that the words find and the desk may see; None without any."""
        mine = ids.get(self.model, [])
        more = list(self.also(desk, ids)) if self.also else []
        if not mine and not more:
            return None
        rows = self._newest(desk, Q(pk__in={*mine, *more}))
        if len(rows) <= MOST and len(mine) == AMONG:  # what is theirs is older than a thousand others
            rows = self._newest(desk, Q(pk__in=holding(desk.street, self.model, words)) | Q(pk__in=more))
        hits = [self.hit(desk, row) for row in rows[:MOST]]
        return Found(self.kind, hits, len(rows) > MOST) if hits else None

    def _newest(self, desk: Desk, which: Q) -> list[Any]:
        return list(self.rows(desk).filter(which).order_by("-pk")[: MOST + 1])


def clean(typed: str) -> str:
    """What is searched for: trimmed, not longer than any name, without signs no name has."""
    return "".join(sign for sign in typed if sign.isprintable()).strip()[:LONGEST]


def find(desk: Desk, words: str) -> list[Found]:
    """What fits the words, sort by sort, and people by the last four digits of their telephone."""
    if not needles(words):
        return []
    sorts = [sort for sort in SORTS if desk.may(sort.right)]
    wanted: dict[type[Model], int] = {sort.model: MOST + 1 if sort.whole(desk) else AMONG for sort in sorts}
    wanted[Party] = max(wanted.values())
    ids = find_newest(desk.street, words, wanted)
    found = [one for sort in sorts if (one := sort.found(desk, words, ids)) is not None]
    people = list(_phones(desk, words)) if desk.may("units.see") else []
    return [*found, *([Found(_("电话后四位"), people[:MOST], len(people) > MOST)] if people else [])]


# -- each sort -----------------------------------------------------------------------------------------------------------


def _cases(desk: Desk) -> QuerySet[Case]:
    rows = cases_of(desk.street, paths=desk.paths("cases.see"), party_ids=desk.party_ids("cases.see"))
    return rows.select_related(None)


def _case(desk: Desk, case: Case) -> Hit:
    return Hit(case.title, dots([case.number, case.get_state_display()]), desk.to("cases:detail", case.public_id))


def _reports(desk: Desk) -> QuerySet[Report]:
    return reports_of(desk.street, paths=desk.paths("reports.see")).select_related(None)


def _report(desk: Desk, report: Report) -> Hit:
    note = dots([report.get_state_display(), instant(report.submitted_at)])
    return Hit(_line(report.text), note, desk.to("reports:detail", report.public_id))


def _minutes(desk: Desk) -> QuerySet[Minutes]:
    mine = conferences_in(desk.street, paths=desk.paths("conferences.see"))
    rows = Minutes.objects.filter(street=desk.street, conference__in=mine.order_by().values("pk"))
    return rows.select_related("conference__case")


def _minute(desk: Desk, minutes: Minutes) -> Hit:
    meeting = minutes.conference
    note = dots([_("案 %(number)s") % {"number": meeting.case.number}, _("第 %(n)d 次联席会议") % {"n": meeting.round}])
    return Hit(_line(minutes.text), note, desk.to("conferences:minutes", meeting.public_id))


def _point(desk: Desk, point: SupplyPoint) -> Hit:
    return Hit(point.name, point.code, desk.to("meters:detail", point.code))


def _of_agents(desk: Desk, ids: Ids) -> Iterable[int]:
    """The master meters whose holder or collecting agent the words name."""
    parties = ids.get(Party)
    roles = PointRole.objects.filter(holds_on(desk.today), street=desk.street, party__in=parties or ())
    return roles.order_by("-point_id").values_list("point_id", flat=True)[:AMONG] if parties else ()


def _meters(desk: Desk) -> QuerySet[Meter]:
    points = points_of(desk).order_by().values("pk")
    return Meter.objects.filter(street=desk.street, point__in=points).select_related("point")


def _meter(desk: Desk, meter: Meter) -> Hit:
    note = dots([meter.get_kind_display(), _("在 %(meter)s 后面") % {"meter": meter.point.name}])
    return Hit(meter.number, note, desk.to("meters:detail", meter.point.code))


def _unit(desk: Desk, unit: Any) -> Hit:
    href = desk.to("units:detail", unit.code)
    if unit.point_code and desk.may("meters.see"):
        href = desk.to("meters:shop", unit.point_code, unit.code)
    return Hit(unit.name, dots([unit.code, unit.tenant, unit.point_name]), href)


def _of_tenants(desk: Desk, ids: Ids) -> Iterable[int]:
    """The shops whose tenant the words name."""
    parties = ids.get(Party)
    tenancies = Tenancy.objects.filter(holds_on(desk.today), street=desk.street, party__in=parties or ())
    return tenancies.order_by("-unit_id").values_list("unit_id", flat=True)[:AMONG] if parties else ()


def _offices(desk: Desk) -> QuerySet[Party]:
    return Party.objects.filter(street=desk.street, kind=PartyKind.ORGANISATION)


def _office(desk: Desk, party: Party) -> Hit:
    note = _("街道内部") if party.inside else _("外部单位")
    may = desk.may("offices.add")
    return Hit(party.name, note, desk.to("offices:amend", party.public_id) if may else desk.to("offices:index"))


def _papers(desk: Desk) -> QuerySet[Paper]:
    rows: QuerySet[Paper] = papers_of(desk.street, paths=desk.paths("papers.see"))
    return rows


def _about(desk: Desk, ids: Ids) -> Iterable[int]:
    """The papers about a meter or shop that the words find."""
    about = Q()
    for name, keys in (("point", ids.get(SupplyPoint)), ("unit", ids.get(Unit))):
        about |= Q(**{f"{name}__in": keys}) if keys else Q()
    rows = Paper.objects.filter(about, street=desk.street).order_by("-pk")
    return rows.values_list("pk", flat=True)[:AMONG] if about else ()


def _paper(desk: Desk, paper: Paper) -> Hit:
    about = [paper.point.name if paper.point else "", paper.unit.name if paper.unit else "", day(paper.at.date())]
    title = _("%(kind)s %(number)s") % {"kind": paper.get_kind_display(), "number": paper.number}
    return Hit(title, dots(about), desk.to("papers:paper", paper.public_id))


def _batches(desk: Desk) -> QuerySet[Batch]:
    return batches_of(desk.street)


def _batch(desk: Desk, batch: Batch) -> Hit:
    note = dots([batch.get_state_display(), _("用到 %(day)s（含当天）") % {"day": day(batch.use_until_on)}])
    return Hit(batch.title, note, desk.to("vouchers:detail", batch.public_id))


SORTS = (
    Sort(pgettext_lazy("一件", "案件"), "cases.see", Case, _cases, _case),
    Sort(gettext_lazy("来件"), "reports.see", Report, _reports, _report),
    Sort(gettext_lazy("总表"), "meters.see", SupplyPoint, points_of, _point, _of_agents),
    Sort(gettext_lazy("水表"), "meters.see", Meter, _meters, _meter),
    Sort(gettext_lazy("商铺"), "units.see", Unit, units_of, _unit, _of_tenants),
    Sort(gettext_lazy("单位"), "offices.see", Party, _offices, _office),
    Sort(gettext_lazy("会议纪要"), "conferences.see", Minutes, _minutes, _minute),
    Sort(gettext_lazy("文书"), "papers.see", Paper, _papers, _paper, _about),
    Sort(gettext_lazy("能量券"), "vouchers.see", Batch, _batches, _batch),
)


def _line(text: str) -> str:
    """The beginning of what was written, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def _phones(desk: Desk, words: str) -> Iterator[Hit]:
    if not LAST_FOUR.match(words):
        return
    units = units_of(desk)
    called = (
        Party.objects.annotate(last_four=Right("phone", 4))
        .filter(street=desk.street, last_four=words)
        .exclude(phone="")
    )
    rows = Tenancy.objects.filter(
        street=desk.street, unit__in=units.order_by().values("pk"), party__in=called.values("pk")
    )
    for tenancy in rows.select_related("unit", "party").order_by("-pk")[: MOST + 1]:
        party = tenancy.party
        title = f"{party.name if party else ''} {mask_phone(party.phone) if party else ''}"
        note = f"{tenancy.unit.name} {tenancy.unit.code} · {_('%(day)s 入驻') % {'day': daylong(tenancy.from_on)}}"
        yield Hit(title, note, where("units:detail", desk.street.code, tenancy.unit.code))
