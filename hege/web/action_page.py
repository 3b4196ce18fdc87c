"""One verb, one form, one action: the page that most things one can do to a case, conference or file are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import Promise

from hege.kernel import clock
from hege.web.access import Desk, View, opens
from hege.web.files import bringing, takes_files
from hege.web.forms import Form
from hege.web.pages import form_page, refusals_to

Text = str | Promise


class ToShare(NamedTuple):
    """Words to pass on to somebody, and the address in them, which is shown this once: to copy, to paste, to scan."""

    words: str
    address: str


@dataclass(slots=True)
class Act:
    """What the page of one verb says: its heading, what was done, and the way back.

    ``crumbs`` are (text, href) pairs, the last one leads ``back``; ``lead`` is one sentence on what happens when the
    ``button`` is pressed, which says what the heading says unless told otherwise; ``facts`` are what the second person
    looks at before it is. ``done`` may tell of what the action
    made, ``onward`` is the address of that, and ``undo`` of the page that takes it back, offered beside what was done to who
    may take back what they may do; all three are asked with what the action answered.
    """

    title: Text
    done: Text | Callable[[Any], Text | ToShare] = ""
    crumbs: Sequence[tuple[Text, str]] = field(default_factory=list)
    lead: Text = ""
    button: Text = ""
    back: str = ""
    danger: bool = False
    facts: Sequence[tuple[Text, Any]] = ()
    onward: Callable[[Any], str] | None = None
    undo: Callable[[Any], str] | None = None

    def __post_init__(self) -> None:
        self.button = self.button or self.title
        self.back = self.back or self.crumbs[-1][1]


def sent(request: HttpRequest) -> QueryDict | None:
    """What was sent, be it nothing: a form may ask for no more than the press of its button."""
    return request.POST if request.method == "POST" else None


def sent_with_files(request: HttpRequest) -> tuple[QueryDict | None, Any]:
    """The same, and the files beside it."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def perform(
    request: HttpRequest,
    act: Act,
    form: Form,
    action: Callable[..., Any],
    *things: object,
    template: str = "act.html",
    **context: object,
) -> HttpResponse:
    """Show the form; when it is sent and in order, do the one action to ``things`` with what the form ``said``, and go on.

    The action is told who and when (``by``, ``at``). A refusal stands in the form (422).
    """
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            made = action(*things, **form.said, by=request.user, at=clock.now())
            said = act.done(made) if callable(act.done) else act.done
            if isinstance(said, ToShare):
                messages.info(request, said.words, extra_tags=said.address)
            elif said:
                messages.success(request, str(said), extra_tags=act.undo(made) if act.undo else "")
            return redirect(act.onward(made) if act.onward else act.back)
    return form_page(request, template, {"act": act, "form": form, **context}, form, *form.row_forms)


def verb(
    act: Callable[..., Act],
    find: Callable[..., Any],
    right: str,
    action: Callable[..., Any],
    form: type[Form],
    title: Text,
    done: Text | Callable[[Any], Text],
    *,
    looks: Callable[[Any, Desk], Sequence[tuple[Text, Any]]] | None = None,
    **more: Any,
) -> View:
    """The view of a verb whose action takes a thing and what the form says, and nothing else.

    A form with ``papers`` brings files about what the action answers. ``find``: the thing by the ids of the address, where
    the desk sees it; ``act``: what the page of its verbs says; ``looks``: what of the thing stands above the form.
    """

    does = bringing(action) if "papers" in form.base_fields else action

    @takes_files(form)
    @opens(right)
    def view(request: HttpRequest, desk: Desk, /, **ids: Any) -> HttpResponse:
        thing = find(desk, *ids.values())
        filled = form(*sent_with_files(request), thing=thing, desk=desk)
        shown = act(thing, desk, title, done, **more)
        shown.facts = looks(thing, desk) if looks else ()
        return perform(request, shown, filled, does, thing)

    return view
