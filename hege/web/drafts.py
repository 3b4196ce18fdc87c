"""What somebody was typing when their session ended (草稿): kept for them alone, and put back where they typed it.

One way for every form of the office. The key of a form says whom its page was shown to (``hege.web.form_key``): under that
person's name is kept what arrives without a session, and what a small script sends while one types. On the next page of theirs
that has the form it stands in it again. Once the form is taken the draft is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve

from hege.kernel import clock
from hege.people.models import User
from hege.web.form_key import FIELD, shown_to
from hege.workspace.actions import drop_draft, keep_draft
from hege.workspace.rules import LONGEST_ADDRESS, Typed

View = TypeVar("View", bound=Callable[..., HttpResponse])
#: Where the script says the form is sent to.
ADDRESS = "draft_address"
#: Never kept: what differs between two sendings, and what stands for a file that was taken (``hege.web.files.KEPT``).
TOKENS, FILE_TOKENS = frozenset({FIELD, "csrfmiddlewaretoken", ADDRESS}), "_kept"


def undrafted(view: View) -> View:
    """Mark a view whose form asks for a secret: nothing that is typed there is kept."""
    view.undrafted = True  # type: ignore[attr-defined]  # read by may_be_kept() alone
    return view


def may_be_kept(path: str) -> bool:
    """Whether a form that is sent to a path is one of the office's, without a secret in it."""
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    return bool(getattr(getattr(view, "opening", None), "verb", None)) and not getattr(view, "undrafted", False)


def typed_in(sent: QueryDict) -> Typed:
    """What the fields of a form held, without its tokens."""
    return {name: said for name, said in sent.lists() if name not in TOKENS and not name.endswith(FILE_TOKENS)}


def mark_drafts(request: HttpRequest, *, some: bool) -> None:
    """Whether there are drafts of who asks, as the frame of the page has counted them."""
    request.some_drafts = some  # type: ignore[attr-defined]  # read by may_have_drafts() alone


def may_have_drafts(request: HttpRequest) -> bool:
    """Whether there is anything to put back: not where the frame found none."""
    return getattr(request, "some_drafts", True)


def keep_what_was_sent(request: HttpRequest) -> bool:
    """Keep what was sent of a form and not looked at, or typed and not sent yet, for the person whom its page was shown to;
    whether it was kept."""
    if request.method != "POST":
        return False
    path = request.POST.get(ADDRESS, request.path)
    owner = shown_to(request.POST.get(FIELD, ""), clock.today())
    if owner is None or len(path) > LONGEST_ADDRESS or not may_be_kept(path):
        return False
    person = User.objects.filter(pk=owner, is_active=True).first()
    return person is not None and keep_draft(path, typed_in(request.POST), by=person, at=clock.now())


def forget(request: HttpRequest) -> None:
    """Let go of the draft of a form that has been taken."""
    owner = shown_to(request.POST.get(FIELD, ""), clock.today())
    if owner is not None:
        drop_draft(request.path, by=owner, at=clock.now())
