"""Whose files one may see: the right to the thing they are about, and no other; and how a page shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from hege.arrears.cutoff.models import CutoffNotice
from hege.arrears.cutoff.queries import notices_of
from hege.attachments import store
from hege.attachments.models import Attachment
from hege.attachments.queries import files_of
from hege.attachments.rules import Purpose
from hege.billing.models import Acknowledgement, AgentWord
from hege.cases.models import Report, SurveyVisit, Task
from hege.cases.queries import cases_of, reader_among, reports_of
from hege.cases.rules import ReportKind
from hege.conferences.models import Decision
from hege.conferences.queries import the_decision
from hege.honours.models import Honour
from hege.kernel.grouped import grouped
from hege.kernel.refused import Refused
from hege.kernel.seal import known_as
from hege.ledger.rules import TRANSACTIONS
from hege.mediation.models import Dossier
from hege.mediation.queries import files_of as dossiers_of
from hege.metering.models import Meter, Reading, SupplyPoint
from hege.people.models import Street
from hege.programme.thanks.models import RunSheet
from hege.web.access import Desk
from hege.web.pages import or_404
from hege.web.shared.scope import points_of


@dataclass(frozen=True)
class Owner:
    """What files may be about: its table, the verb of who sees them, whether this person sees one, by its key, and the page
    on which they stand."""

    about: str
    verb: str
    sees: Callable[[Desk, int], bool]
    at: Callable[[Street, int], tuple[Any, ...]]


def _visit(desk: Desk, key: int) -> bool:
    rows = SurveyVisit.objects.filter(street=desk.street, pk=key)
    return rows.filter(unit__connections__point__in=points_of(desk)).exists()


def _report(desk: Desk, key: int) -> bool:
    """What a shop sends shows that shop: only to who may learn who reported."""
    report = reports_of(desk.street, paths=desk.paths("reports.see")).filter(pk=key).first()
    return report is not None and may_see_pictures(report, desk)


def may_see_pictures(report: Report, desk: Desk) -> bool:
    """Whether the pictures of a report tell this person no more than they may learn of who sent it."""
    return report.kind != ReportKind.SHOP or reader_among(desk.memberships, report.place) is not None


def _transaction(desk: Desk, key: int) -> bool:
    return points_of(desk).filter(book__transactions=key).exists()


def _acknowledgement(desk: Desk, key: int) -> bool:
    return Acknowledgement.objects.filter(street=desk.street, pk=key, point__in=points_of(desk)).exists()


def _cutoff(desk: Desk, key: int) -> bool:
    return notices_of(desk.street, paths=desk.paths("cutoffs.see")).filter(pk=key).exists()


def _task(desk: Desk, key: int) -> bool:
    """Who sees its case sees what came back."""
    paths, parties = desk.paths("cases.see"), desk.party_ids("cases.see")
    return cases_of(desk.street, paths=paths, party_ids=parties).filter(tasks=key).exists()


def _decision(desk: Desk, key: int) -> bool:
    return the_decision(desk.street, key, paths=desk.paths("conferences.see")) is not None


def _readings_of(**meter: Any) -> tuple[Any, ...]:
    return "meters:readings", Meter.objects.select_related("point").get(**meter).point.code


def _shop(rows: type[Any], key: int, street: Street) -> tuple[Any, ...]:
    row = rows.objects.select_related("point", "tenancy__unit").get(street=street, pk=key)
    return "meters:shop", row.point.code, row.tenancy.unit.code


def _visited(street: Street, key: int) -> tuple[Any, ...]:
    visit = SurveyVisit.objects.select_related("unit").get(street=street, pk=key)
    point = SupplyPoint.objects.filter(street=street, connections__unit=visit.unit).order_by("-connections__from_on")[0]
    return "meters:shop", point.code, visit.unit.code


#: By the word in the address.
OWNERS: Mapping[str, Owner] = {
    "visits": Owner(known_as(SurveyVisit), "meters.see", _visit, _visited),
    "reports": Owner(
        known_as(Report),
        "reports.see",
        _report,
        lambda street, key: ("reports:detail", Report.objects.get(street=street, pk=key).public_id),
    ),
    "transactions": Owner(
        TRANSACTIONS,
        "meters.see",
        _transaction,
        lambda street, key: (
            "meters:transaction",
            SupplyPoint.objects.get(street=street, book__transactions=key).code,
            key,
        ),
    ),
    "acknowledgements": Owner(
        known_as(Acknowledgement),
        "meters.see",
        _acknowledgement,
        lambda street, key: _shop(Acknowledgement, key, street),
    ),
    "agent_words": Owner(
        known_as(AgentWord),
        "agent.see",
        lambda desk, key: AgentWord.objects.filter(
            street=desk.street, pk=key, point__in=points_of(desk, "agent.see")
        ).exists(),
        lambda street, key: ("agent:detail", AgentWord.objects.get(street=street, pk=key).public_id),
    ),
    "readings": Owner(
        known_as(Reading),
        "meters.see",
        lambda desk, key: points_of(desk).filter(meters__readings=key).exists(),
        lambda street, key: _readings_of(street=street, readings=key),
    ),
    "meters": Owner(
        known_as(Meter),
        "meters.see",
        lambda desk, key: points_of(desk).filter(meters=key).exists(),
        lambda street, key: _readings_of(street=street, pk=key),
    ),
    "cutoffs": Owner(
        known_as(CutoffNotice),
        "cutoffs.see",
        _cutoff,
        lambda street, key: ("cutoffs:detail", CutoffNotice.objects.get(street=street, pk=key).public_id),
    ),
    "tasks": Owner(
        known_as(Task),
        "cases.see",
        _task,
        lambda street, key: ("cases:task", Task.objects.get(street=street, pk=key).public_id),
    ),
    "decisions": Owner(
        known_as(Decision),
        "conferences.see",
        _decision,
        lambda street, key: (
            "conferences:detail",
            Decision.objects.select_related("conference").get(street=street, pk=key).conference.public_id,
        ),
    ),
    "dossiers": Owner(
        known_as(Dossier),
        "mediation.see",
        lambda desk, key: dossiers_of(desk.street, paths=desk.paths("mediation.see")).filter(pk=key).exists(),
        lambda street, key: ("mediation:file", Dossier.objects.get(street=street, pk=key).public_id),
    ),
    "ceremonies": Owner(
        known_as(RunSheet),
        "thanks.see",
        lambda desk, key: RunSheet.objects.filter(street=desk.street, pk=key).exists(),
        lambda street, key: (
            "thanks:sheet",
            RunSheet.objects.select_related("activity").get(street=street, pk=key).activity.public_id,
        ),
    ),
    "honours": Owner(
        known_as(Honour),
        "honours.see",
        lambda desk, key: Honour.objects.filter(street=desk.street, pk=key).exists(),
        lambda street, key: ("honours:detail", Honour.objects.get(street=street, pk=key).public_id),
    ),
}
#: Whatever a file holds, it runs nothing and loads nothing.
NOTHING_RUNS = "default-src 'none'; sandbox"
OWNER_OF = {owner.about: owner for owner in OWNERS.values()}
_WORDS = {owner.about: word for word, owner in OWNERS.items()}


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as a page shows it: its address, that of the small picture (empty for a paper), and of what this person may do to
    it: see the original, cover parts of it (empty where not)."""

    file: Attachment
    href: str
    small: str
    original: str
    cover: str

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def what(self) -> str:
        """What it is kept for, in words."""
        return str(Purpose(self.file.purpose).label)

    @property
    def size(self) -> tuple[int, int]:
        """Of the small picture, so that the page does not jump when it comes; the longer side has 320 pixels."""
        longer = max(self.file.width, self.file.height, 1)
        side = min(320, longer)
        return self.file.width * side // longer, self.file.height * side // longer


def shown(desk: Desk, file: Attachment) -> Shown:
    """A file as this person sees it."""
    word, its = _WORDS[file.about], file.public_id
    return Shown(
        file,
        desk.to(f"attachments:{word}", its),
        desk.to(f"attachments:{word}_small", its) if file.is_picture else "",
        desk.to("attachments:original", its) if file.original_sha256 and desk.may("pictures.look") else "",
        desk.to("attachments:cover", its) if file.is_picture and desk.may("pictures.cover") else "",
    )


def files_shown(desk: Desk, word: str, keys: Iterable[Any]) -> dict[int, list[Shown]]:
    """The files of some rows that this person sees, by row; one query. ``word``: which of ``OWNERS``."""
    found = files_of(desk.street, OWNERS[word].about, keys)
    return grouped((key, shown(desk, file)) for key, files in found.items() for file in files)


def small_of(files: Iterable[Attachment]) -> HttpResponse:
    """The small picture of the first of some files, to whoever sent it; 404 where there is none."""
    file = or_404(next((file for file in files if file.is_picture), None))
    return handed_out(file.small_sha256, file.media_type, file.name, shown=True)


def handed_out(sha256: str, media_type: str, name: str, *, shown: bool, **more: Any) -> HttpResponse:
    """A content under its name; ``shown`` within the page, else to be saved. ``Refused`` where its bytes are gone."""
    try:
        data = store.read(sha256)
    except FileNotFoundError:
        raise Refused(_("这个文件的内容不在服务器上了；请告诉管理员运行 hege verify，并从备份找回。")) from None
    response = HttpResponse(data, content_type=media_type, **more)
    how = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = NOTHING_RUNS
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
