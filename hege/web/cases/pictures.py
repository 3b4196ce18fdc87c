"""The pictures under a line of a case's timeline: those its act brought, where one may see what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hege.arrears.cutoff.queries import notices_of
from hege.attachments.queries import files_about
from hege.cases.models import Case, SurveyVisit, TimelineLine
from hege.cases.queries import tasks_of
from hege.cases.rules import LineKind
from hege.conferences.models import Decision
from hege.kernel.grouped import grouped
from hege.mediation.queries import files_of
from hege.places.queries import path_filter
from hege.web.access import Desk
from hege.web.shared.kept_files import OWNERS, Shown, shown
from hege.web.shared.scope import points_of


def _visits(desk: Desk, case: Case) -> Any:
    rows = SurveyVisit.objects.filter(street=desk.street, case=case)
    return rows.filter(unit__connections__point__in=points_of(desk).order_by())


def _decisions(desk: Desk, case: Case) -> Any:
    seen = path_filter("conference__case__place__path", desk.paths("conferences.see"))
    return Decision.objects.filter(seen, street=desk.street, conference__case=case)


#: By the word in the address of their files: the things of a case that this person sees, and the lines that tell of them.
_THINGS: Mapping[str, tuple[Callable[[Desk, Case], Any], tuple[LineKind, ...]]] = {
    "visits": (_visits, (LineKind.VISIT,)),
    "tasks": (lambda _desk, case: tasks_of(case), (LineKind.TASK_ANSWER, LineKind.TASK_RETURN)),
    "decisions": (_decisions, (LineKind.DECISION, LineKind.PROMISE_KEPT)),
    "cutoffs": (
        lambda desk, case: notices_of(desk.street, paths=desk.paths("cutoffs.see")).filter(case=case),
        (LineKind.CUTOFF,),
    ),
    "dossiers": (
        lambda desk, case: files_of(desk.street, case=case, paths=desk.paths("mediation.see")),
        (LineKind.MEDIATION_OPENED, LineKind.MEDIATION, LineKind.AGREEMENT),
    ),
}
_KINDS = {OWNERS[word].about: kinds for word, (_rows, kinds) in _THINGS.items()}


def pictures_of(case: Case, desk: Desk, lines: Iterable[TimelineLine]) -> dict[int, list[Shown]]:
    """The files of a case by the key of the line under which they stand: the last of their thing's that was written when
    they came. One query; ``lines`` newest first."""
    told = list(lines)
    things = {
        OWNERS[word].about: rows(desk, case).order_by().values("pk")
        for word, (rows, _kinds) in _THINGS.items()
        if desk.may(OWNERS[word].verb)
    }
    found = []
    for file in files_about(case.street, things):
        kinds, came = _KINDS[file.about], file.came_at
        line = next((row.pk for row in told if row.kind in kinds and row.at <= came), None)
        if line is not None:
            found.append((line, shown(desk, file)))
    return grouped(found)
