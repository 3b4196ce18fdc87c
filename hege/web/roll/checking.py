"""Check a number: how it is written, part by part, and how much that says; keeps nothing and names nobody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.honours.numbers import sentences
from hege.honours.numbers.rules import Reason, Verdict, check
from hege.kernel import clock
from hege.web.access import public
from hege.web.idempotency import idempotent
from hege.web.pages import form_page
from hege.web.roll.forms import NumberForm
from hege.web.shared.numbers import look_on_a_phone, parts_in_words

#: One of each answer, for who has not asked yet. None of them is anybody's.
SAMPLES = ("LB-03-25090908294A", "74975 0271", _("沪示例评字 2025-17"))


@idempotent
@public("how a number is written is nobody's secret; whatever is asked, nothing is kept and nobody named", listed=True)
def check_number(request: HttpRequest) -> HttpResponse:
    """What can be said of a number as it is written; by POST, so that the number stands in no address and in no log."""
    form = NumberForm(request.POST or None)
    on = clock.today()
    answer, samples = None, []
    if form.is_bound and form.is_valid():
        verdict = check(**form.said, on=on)
        answer = _in_words(verdict)
        if verdict.reason is Reason.PERSONAL:
            form = NumberForm()  # it is not shown again
    else:
        samples = [_in_words(check(str(text), on=on)) for text in SAMPLES]
    return form_page(request, "roll/check.html", {"form": form, "answer": answer, "samples": samples}, form)


def _in_words(verdict: Verdict) -> dict[str, Any]:
    return {
        "v": verdict,
        "look": look_on_a_phone(verdict.answer),
        "parts": parts_in_words(verdict),
        "decided_by": sentences.decided_by(verdict),
        "how_much": sentences.how_much(verdict),
    }
