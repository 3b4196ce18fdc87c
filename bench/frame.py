"""What every request pays beside its own work: a page that has nothing of its own, a form before its act, a write that
only says that it was done."""

from __future__ import annotations

import datetime as dt
import secrets
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.test import Client, override_settings
from django.urls import include, path

from bench.measure import Figure, milliseconds
from hege.kernel import clock
from hege.people.models import Membership, Organisation, Role, Street, User
from hege.trail.actions import do_once, record
from hege.web.access import Desk, opens
from hege.web.action_page import Act
from hege.web.forms import Form
from hege.web.pages import form_page
from hege.web.signed_in import posts_here

CODE, NAME = "310117997", "只有一个人的街道"


@opens("cases.note")
def nothing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A form with no fields: shown, and done when it is sent."""
    if request.method == "POST":
        return redirect("/")
    form = Form()
    return form_page(request, "act.html", {"act": Act("", back="/"), "form": form}, form)


urlpatterns = [path("<slug:street_code>/nothing/", nothing), path("", include("hege.urls"))]


def figures(*, runs: int) -> list[Figure]:
    """The three, and one whole write that people make every day."""
    browser, user = Client(), _user()
    browser.force_login(user)
    _today, posts = posts_here(HttpRequest(), user.pk, CODE)
    street = posts[0].street  # as a request reads it
    with override_settings(ROOT_URLCONF="bench.frame"):
        address, reports = f"/{CODE}/nothing/", f"/{CODE}/reports/new/"
        return [
            milliseconds(
                "frame: a page with nothing of its own", [partial(_got, browser, address, 200)] * runs,
                queries_at_most=3, cpu_at_most=7,
            ),
            milliseconds(
                "frame: a form before its act", [partial(_sent, browser, address, {}, 302)] * runs,
                queries_at_most=2, cpu_at_most=2,
            ),
            milliseconds("frame: a write", [partial(_written, user, street)] * runs, queries_at_most=5, cpu_at_most=2),
            milliseconds(
                "a form that comes back", [partial(_filed, browser, reports, "", 422)] * runs, queries_at_most=6
            ),
            milliseconds(
                "a report is filed", [partial(_filed, browser, reports, "漏水。", 302)] * runs, queries_at_most=12,
                cpu_at_most=6.4,
            ),
        ]  # fmt: skip


def _got(browser: Client, address: str, status: int) -> None:
    _expect(browser.get(address).status_code, status)


def _sent(browser: Client, address: str, data: dict[str, str], status: int) -> None:
    _expect(browser.post(address, data).status_code, status)


def _filed(browser: Client, address: str, text: str, status: int) -> None:
    said = {"kind": "patrol", "text": text, "seen": "1", "request_key": secrets.token_hex(13)}
    _sent(browser, address, said, status)


def _expect(status: int, wanted: int) -> None:
    if status != wanted:
        raise RuntimeError(f"answered {status}, not {wanted}")


def _written(user: User, street: Street) -> None:
    """The key of a form and the line of its act."""
    at = clock.now()

    def act() -> str:
        record("nothing", street, street=street, by=user, at=at)
        return "/"

    do_once(secrets.token_hex(13), asked="0" * 64, act=act, by=user, at=at)


def _user() -> User:
    organisation, _made = Organisation.objects.get_or_create(name="bench")
    street = Street.objects.create(organisation=organisation, code=CODE, name=NAME)
    user = User.objects.create_user(f"frame-{CODE}", "x")
    Membership.objects.create(street=street, user=user, role=Role.COORDINATOR, from_on=dt.date(2025, 1, 1))
    record("begin", street, street=street, by=None, at=clock.now())
    return user
