"""Was this paper issued: for whoever holds one. Number, day, figure and digest; never whom it is about."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hege.kernel.ids import read_check_code
from hege.kernel.refused import Refused
from hege.papers.queries import paper_by_code
from hege.web.access import public
from hege.web.idempotency import idempotent
from hege.web.pages import form_page, or_404, page, refusals_to
from hege.web.paper_check.forms import CodeForm
from hege.web.paper_check.page import CheckPage
from hege.web.shards import PAPER, is_found

BECAUSE = "whoever holds a paper asks whether it was issued; its code cannot be guessed, and nobody is named"


@idempotent
@public(BECAUSE)
def find(request: HttpRequest) -> HttpResponse:
    """By the code on the paper, as somebody copied it; nothing is done, so no key keeps where it led."""
    form = CodeForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with refusals_to(form):
            code = read_check_code(form.cleaned_data["code"])
            if not code or not is_found(PAPER, code):
                raise Refused(_("没有这个查验码。请照纸上再抄一遍；还是查不到，就不是我们出具的。"), field="code")
            return redirect("paper_check:check", code)
    return form_page(request, "paper_check/find.html", {"form": form}, form)


@public(BECAUSE)
@require_safe
def check(request: HttpRequest, check_code: str) -> HttpResponse:
    """Whether it was issued and still counts."""
    paper = or_404(paper_by_code(read_check_code(check_code)))
    return page(request, "paper_check/check.html", {"p": CheckPage(paper)})
