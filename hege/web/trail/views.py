"""操作留痕: the auditor's page. Lines newest first, one line in full, and the proof that the chain is whole."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.billing.queries import confirmed_payments_of, graded, sample_of
from hege.conferences.queries import signed_heads
from hege.exports.pack import SAMPLE
from hege.exports.rules import Wanted, What
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.privacy.trail_words import THINGS, VERBS
from hege.trail import queries
from hege.trail.actions import prove_trail
from hege.trail.models import TrailHead, TrailLine
from hege.trail.rules import in_short
from hege.web.access import Desk, opens
from hege.web.pages import page, part
from hege.web.shared.exporting import take
from hege.web.shared.kept_files import files_shown
from hege.web.trail.forms import FilterForm

LONGEST_SEED = 40
FILTERS = ("who", "verb", "thing", "thing_id", "day")


def _wanted(street: Street, form: FilterForm) -> QuerySet[TrailLine]:
    """The lines the filter lets through; one that cannot be read lets all of them through, and the form says why."""
    return queries.lines_under(street, **_said(form))


def _said(form: FilterForm) -> dict[str, str]:
    """What a filter says, as plain words."""
    said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    who = said.get("who")
    return {name: str(word) for name, word in (said | {"who": who and who.username}).items() if word}


@opens("trail.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The lines of the street's trail under a filter, newest first; the head of the chain and when it was last proven."""
    form = FilterForm({name: request.GET.get(name, "") for name in FILTERS}, street=desk.street)
    context = {
        "form": form,
        "rows": part(request, _wanted(desk.street, form)),
        "chosen": {name: request.GET.get(name, "") for name in FILTERS},
        "head": TrailHead.objects.filter(street=desk.street).first(),
        "proof": queries.last_proof(desk.street),
        "verbs": VERBS,
        "things": THINGS,
    }
    return page(request, "trail/index.html", context)


@opens("trail.see")
def line(request: HttpRequest, desk: Desk, seq: int) -> HttpResponse:
    """One line in full: its figures, its hash, the hash before it, and whether they fit."""
    row = get_object_or_404(TrailLine.objects.select_related("by", "street"), street=desk.street, seq=seq)
    context = {
        "row": row,
        "data": json.dumps(in_short(row.data), ensure_ascii=False, indent=2, sort_keys=True),
        "expected": row.expected_hash(),
        "verb": VERBS.get(row.verb, row.verb),
        "thing": THINGS.get(row.thing, row.thing),
        "newer": TrailLine.objects.filter(street=desk.street, seq=seq + 1).exists(),
    }
    return page(request, "trail/line.html", context)


def _seed(said: QueryDict, desk: Desk) -> str:
    return said.get("seed", "").strip()[:LONGEST_SEED] or desk.today.isoformat()


@opens("trail.see")
def papers(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How much of what is confirmed has its paper here, and some payments that nobody chose, to be checked one by one."""
    seed, payments = _seed(request.GET, desk), confirmed_payments_of(desk.street)
    drawn = sample_of(payments, seed=seed, size=SAMPLE).select_related("transaction", "point", "tenancy__unit", "agent")
    rows = list(drawn.order_by("transaction__effective_on", "pk"))
    files = files_shown(desk, "transactions", [row.transaction_id for row in rows])
    context = {"graded": graded(payments), "rows": rows, "files": files, "seed": seed}
    return page(request, "trail/papers.html", context)


@opens("trail.export")
@require_POST
def export(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The lines under a filter as a workbook."""
    form = FilterForm({name: request.POST.get(name, "") for name in FILTERS}, street=desk.street)
    if form.is_valid():
        return take(desk, Wanted(What.TRAIL, _said(form)))
    raise Refused(_("条件看不懂，请重新选。"))


@opens("trail.export")
@require_POST
def pack(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The payments that a seed draws with their papers, and the whole trail."""
    return take(desk, Wanted(What.PAPERS, {"seed": _seed(request.POST, desk)}))


@opens("trail.prove")
@require_POST
def prove(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Recompute every hash of the chain now, and hear what signed minutes and backups keep; the finding is a line too."""
    found = prove_trail(desk.street, heads=signed_heads(desk.street), by=desk.user, at=clock.now())
    if found.faults:
        messages.error(request, _("留痕断了：%(what)s") % {"what": found.faults[0]})
    elif found.unchecked:
        messages.warning(request, _("没有发现改动，但有些行缺密钥，核对不了。"))
    else:
        messages.success(request, _("从头核对过了，一行不少、一字未改。"))
    return redirect("trail:index", desk.street.code)
