"""预警: what the books warn of, worst first, with the figures and rows behind each; taken note of, or made a report."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.arrears.early_warning import actions
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.queries import warnings_of_street
from hege.kernel import clock
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform
from hege.web.marks import tabs
from hege.web.pages import page, part
from hege.web.warnings.forms import AcknowledgeForm
from hege.web.warnings.page import TABS, ShownWarning, under, worst_first
from hege.web.watched import Watched


@opens("warnings.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The warnings of one's part of the street under a tab, the most pressing kind first."""
    show, here = request.GET.get("show", ""), desk.to("warnings:index")
    tab = show if show in TABS else ""
    rows = worst_first(warnings_of_street(desk.street, paths=desk.paths("warnings.see")))
    sorted_out = {name: under(rows, name) for name in TABS}
    shown = part(request, sorted_out[tab])
    context = {
        "page": shown, "rows": [ShownWarning(w, desk) for w in shown.object_list], "tab": tab,
        "tabs": tabs(here, TABS, tab, {name: len(some) for name, some in sorted_out.items()}),
        "watched": Watched(desk.street),
    }  # fmt: skip
    return page(request, "warnings/index.html", context)


def warning_or_404(desk: Desk, warning_id: str, verb: str = "warnings.see") -> EarlyWarning:
    """One warning by its public id, as far as the person may see its meter for a verb."""
    rows = warnings_of_street(desk.street, paths=desk.paths(verb)).select_related(
        "point__street", "report", "street__trail_head"
    )
    return get_object_or_404(rows, street=desk.street, public_id=warning_id)


@opens("warnings.see")
def detail(request: HttpRequest, desk: Desk, warning_id: str) -> HttpResponse:
    """What is wrong, since when, by which figures and rows, and what waiting costs."""
    shown = ShownWarning(warning_or_404(desk, warning_id), desk)
    return page(request, "warnings/detail.html", {"w": shown, "form": AcknowledgeForm()})


@opens("warnings.acknowledge")
@require_POST
def acknowledge(request: HttpRequest, desk: Desk, warning_id: str) -> HttpResponse:
    """Take note of a warning, and say why nothing more is done for now."""
    warning = warning_or_404(desk, warning_id, "warnings.acknowledge")
    act = Act("", _("已记下。情况变了会再提醒。"), back=desk.to("warnings:index"))
    form, shown = AcknowledgeForm(request.POST), ShownWarning(warning, desk)
    return perform(request, act, form, actions.acknowledge_warning, warning, template="warnings/detail.html", w=shown)


@opens("warnings.acknowledge")
@require_POST
def report(request: HttpRequest, desk: Desk, warning_id: str) -> HttpResponse:
    """Make a report of a warning, from which a case is filed."""
    warning = warning_or_404(desk, warning_id, "warnings.acknowledge")
    made = actions.raise_report(warning, by=desk.user, at=clock.now())
    messages.success(request, _("已转为来件，可以据此立案。"))
    return redirect("reports:detail", desk.street.code, made.public_id)
