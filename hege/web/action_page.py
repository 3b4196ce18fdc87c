"""One verb, one form, one action: the page that most things one can do to a case, conference or file are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise

from hege.web.forms import Form
from hege.web.pages import form_page, refusals_to


@dataclass(frozen=True, slots=True)
class Act:
    """What the page of one verb says: its heading, its button, what was done, and the way back.

    ``crumbs`` are (text, href) pairs; ``lead`` is one sentence on what happens when the button is pressed.
    """

    title: str | Promise
    button: str | Promise
    done: str | Promise
    back: str
    crumbs: list[tuple[str, str]] = field(default_factory=list)
    lead: str | Promise = ""
    danger: bool = False


def action_page(request: HttpRequest, act: Act, form: Form, do: Callable[[Mapping[str, Any]], object]) -> HttpResponse:
    """Show the form; when it is sent and in order, do the one action and go back. A refusal stands in the form (422)."""
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            do(form.cleaned_data)
            messages.success(request, str(act.done))
            return redirect(act.back)
    return form_page(request, "act.html", {"act": act, "form": form}, form)
