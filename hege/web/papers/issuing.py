"""Issuing papers: looked at first, then issued as it was seen; one page for all kinds, each with its own right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from hege.arrears.cutoff.queries import notices_of
from hege.conferences.queries import the_conference
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.metering.models import Connection, SupplyPoint
from hege.papers.actions import issue_paper
from hege.papers.drawing import Wanted, draw
from hege.papers.rules import PaperKind
from hege.places.models import Unit
from hege.web.access import Desk, opens
from hege.web.action_page import Text, sent
from hege.web.links import where
from hege.web.pages import form_page, or_404, refusals_to
from hege.web.papers.forms import FilingForm, IssueForm, PeriodForm, WantedForm, WeekForm
from hege.web.papers.page import Sheet
from hege.web.shared.scope import point_or_404

Crumbs = Sequence[tuple[Text, str]]


@dataclass
class Issuing:
    """A paper on the way to being issued: what it is to say, what was typed for it, where one came from."""

    wanted: Wanted
    asked: WantedForm
    crumbs: Crumbs

    def __post_init__(self) -> None:
        self.refused: Refused | None = None
        self.drawn = None
        if self.asked.is_valid():
            try:
                self.drawn = draw(self.wanted, at=clock.now())
            except Refused as no:
                self.refused = no

    @property
    def title(self) -> Text:
        return self.wanted.kind.label

    @property
    def sheet(self) -> Sheet | None:
        """What it would say; None where there is nothing to issue."""
        return Sheet(self.wanted.kind, self.wanted.street, self.drawn.content) if self.drawn else None


def issuing(
    right: str, kind: PaperKind, form: type[WantedForm], find: Callable[..., tuple[dict[str, Any], Crumbs]]
) -> Any:
    """The view of a kind: a look at what it would say, and the press of the button that issues just that.

    ``find``: what it is about by the ids of the address, and the way back.
    """

    @opens(right)
    def view(request: HttpRequest, desk: Desk, /, **ids: Any) -> HttpResponse:
        about, crumbs = find(desk, right, **ids)
        asked = form(request.POST if request.method == "POST" else request.GET, today=desk.today, about=about)
        typed = asked.cleaned_data if asked.is_valid() else {}
        wanted = Wanted(kind, desk.street, **about, **typed)
        press = IssueForm(sent(request))
        if press.is_bound and press.is_valid() and asked.is_valid():
            with refusals_to(press):
                made = issue_paper(wanted, **press.said, by=desk.user, at=clock.now())
                messages.success(request, _("已出具，编号 %(number)s，可以打印。") % {"number": made.number})
                return redirect("papers:paper", desk.street.code, made.public_id)
        shown = Issuing(wanted, asked, crumbs)
        return form_page(request, "papers/issue.html", {"i": shown, "form": press, "asked": asked}, press, asked)

    return view


def meter_crumbs(point: SupplyPoint) -> list[tuple[Text, str]]:
    """Ledger, meter."""
    code = point.street.code
    return [(_("总表台账"), where("meters:index", code)), (point.name, where("meters:detail", code, point.code))]


def find_meter(desk: Desk, right: str, code: str) -> tuple[dict[str, Any], Crumbs]:
    """A master meter, where the right reaches."""
    point = point_or_404(desk, code, right)
    return {"point": point}, meter_crumbs(point)


def find_shop(desk: Desk, right: str, code: str, unit_code: str) -> tuple[dict[str, Any], Crumbs]:
    """A shop that is or was behind a master meter, where the right reaches."""
    point = point_or_404(desk, code, right)
    behind = Connection.objects.filter(street=desk.street, point=point)
    unit = or_404(Unit.objects.filter(street=desk.street, code=unit_code, pk__in=behind.values("unit_id")).first())
    here = unit.name, where("meters:shop", desk.street.code, point.code, unit.code)
    return {"point": point, "unit": unit}, [*meter_crumbs(point), here]


def find_notice(desk: Desk, right: str, notice_id: str) -> tuple[dict[str, Any], Crumbs]:
    """A cut-off procedure, where the right reaches."""
    rows = notices_of(desk.street, paths=desk.paths(right)).select_related("point__street", "case__street")
    notice = or_404(rows.prefetch_related(None).filter(public_id=notice_id).first())
    here = notice.point.name, desk.to("cutoffs:detail", notice.public_id)
    return {"notice": notice, "point": notice.point}, [(_("停水程序"), desk.to("cutoffs:index")), here]


def find_conference(desk: Desk, right: str, conference_id: str) -> tuple[dict[str, Any], Crumbs]:
    """A meeting, where the right reaches."""
    found = or_404(the_conference(desk.street, conference_id, paths=desk.paths(right)))
    here = _("第 %(n)s 次联席会议") % {"n": found.round}, desk.to("conferences:detail", found.public_id)
    case = found.case.number, desk.to("cases:detail", found.case.public_id)
    return {"conference": found}, [(_("联席会议"), desk.to("conferences:index")), case, here]


meter_statement = issuing("papers.state", PaperKind.METER_STATEMENT, PeriodForm, find_meter)
shop_statement = issuing("papers.state", PaperKind.SHOP_STATEMENT, PeriodForm, find_shop)
public_notice = issuing("papers.issue", PaperKind.PUBLIC_NOTICE, WeekForm, find_meter)
demand_letter = issuing("papers.issue", PaperKind.DEMAND_LETTER, WantedForm, find_meter)
cutoff_notice = issuing("papers.issue", PaperKind.CUTOFF_NOTICE, FilingForm, find_notice)
deferral_letter = issuing("papers.issue", PaperKind.DEFERRAL_LETTER, WantedForm, find_notice)
invitation = issuing("papers.issue", PaperKind.INVITATION, WantedForm, find_conference)
sign_in_sheet = issuing("papers.issue", PaperKind.SIGN_IN_SHEET, WantedForm, find_conference)
