"""Headers and cookies of every route, made from the table of addresses: a new route cannot forget them."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.web.compression import KINDS as KINDS_COMPRESSED
from hege.web.compression import is_secret
from tests.cast import PASSWORD, Cast
from tests.routes import routes
from tests.web.streets import Reader, Streets, opening, typical
from tests.web.test_matrix import FRESH

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.once]
MOST_QUERIES = 16

#: The headers that guard an answer, whole: no script or style inside a page, nothing from elsewhere, no frame, no cache.
GUARDED: dict[str, str | None] = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex",
    "Access-Control-Allow-Origin": None,
}
#: Show a secret and take no form: they tell their address to nobody, not even to our own pages.
SHOWING_A_SECRET = {"reports:shown_reporter", "honours:shown_objector", "people:handover"}
#: What opens something, written out: of 26 symbols or 43, also within an address (hege.kernel.ids).
OPENS = re.compile(r"(?<![0-9a-zA-Z])(?:[2-9a-hjkmnp-z]{26}|[2-9a-hjkmnp-z]{43})(?![0-9a-zA-Z.])")
#: The one page that may ask for the camera.
CAMERA = "till:camera"
#: Read by programs, not kept by people.
FOR_MACHINES = {
    "machine:live",
    "machine:ready",
    "machine:metrics",
    "roll:issuer",
    "roll:status",
    "letters:status",
    "menu:calendar",
    "menu:activity_calendar",
}
#: Every kind of answer there is; another one is to be looked at before it is added here.
KINDS = {
    "text/html; charset=utf-8",
    "image/svg+xml",
    "image/jpeg",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
    "application/json",
    "text/plain; charset=utf-8",
    "application/vc",
    "application/cid",
    "text/calendar; charset=utf-8",
}


def _words(answer: HttpResponse) -> str:
    """The text of an answer; of a file of another kind nothing."""
    kind = answer.headers["Content-Type"].partition(";")[0]
    return b"".join(answer).decode() if kind in KINDS_COMPRESSED else ""


class EveryGoodAnswer(Streets):
    """The pages, files and pictures that people really get."""

    def test_each_carries_all_its_headers(self) -> None:
        kinds, wrong = set(), []
        for route in routes():
            who = opening(route)
            user: Reader = self.near.cast.of(typical(who.verb)[0]) if who.verb else self.near.cast.coordinator
            user = self.near.rider if who.member else self.near.till if who.till else user
            for reader in (user, None) if who.public_because else (user,):
                answer = self.ask("get", route.path(**self.near.arguments(route, user)), reader)
                if answer.status_code != 200:
                    continue
                kinds.add(answer.headers["Content-Type"])
                wanted = GUARDED | ({"Referrer-Policy": "no-referrer"} if route.name in SHOWING_A_SECRET else {})
                if answer.headers["Content-Type"] == "image/jpeg" or route.name == "attachments:shown_original":
                    wanted |= {"Content-Security-Policy": "default-src 'none'; sandbox"}  # a file that was sent here
                if route.name == CAMERA:
                    wanted |= {
                        "Permissions-Policy": str(GUARDED["Permissions-Policy"]).replace("camera=()", "camera=(self)")
                    }
                if who.listed:
                    wanted |= {"X-Robots-Tag": None}
                if who.asks_for:
                    allowed = str(GUARDED["Permissions-Policy"]).replace(f"{who.asks_for}=()", f"{who.asks_for}=(self)")
                    wanted |= {"Permissions-Policy": allowed}
                if who.kept_for:  # the same for everybody: any cache may keep it, and pages of other sites read it
                    wanted |= {"Cache-Control": f"public, max-age={who.kept_for}", "Access-Control-Allow-Origin": "*"}
                got = {name: answer.headers.get(name) for name in wanted}
                vary = {name.strip() for name in answer.headers.get("Vary", "").split(",")}
                if answer.headers["Content-Type"].startswith("application/") and route.name not in FOR_MACHINES:
                    assert answer.headers["Content-Disposition"].startswith("attachment;"), route.name
                if not is_secret(route.name) and OPENS.search(FRESH.sub("", _words(answer))):
                    wrong.append(f"{route.name} shows what opens something, and is sent compressed")
                if got != wanted or ("Cookie" in vary) is bool(who.kept_for):
                    wrong.append(f"{route.name} to {reader}: {set(got.items()) - set(wanted.items())} {vary}")
        assert wrong == []
        assert kinds == KINDS
        assert [route.name for route in routes() if opening(route).asks_for == "camera"] == [CAMERA]


def test_every_route_answers_a_stranger_without_a_defect_and_with_all_headers(client: Client):
    wrong = []
    for route, method in [(route, method) for route in routes() for method in ("get", "post")]:
        response = getattr(client, method)(route.path())
        headers = response.headers
        guarded = (
            response.status_code < 500,
            "'unsafe" not in headers["Content-Security-Policy"],
            "default-src 'self'" in headers["Content-Security-Policy"],
            headers["X-Frame-Options"] == "DENY",
            headers["X-Content-Type-Options"] == "nosniff",
            headers["Referrer-Policy"] in ("same-origin", "no-referrer"),
            "no-store" in headers["Cache-Control"],
            "Cookie" in headers["Vary"],
        )
        wrong += [] if all(guarded) else [f"{method} {route.route}: {response.status_code} {dict(headers)}"]
    assert wrong == []


def test_every_first_page_of_a_street_asks_the_database_little(client: Client, cast: Cast):
    client.force_login(cast.coordinator)
    wrong = []
    for route in routes():
        if [name for name, _ in route.parameters] == ["street_code"]:
            with CaptureQueriesContext(connection) as asked:
                response = client.get(route.path(street_code=cast.street.code))
            if len(asked) > MOST_QUERIES or response.status_code not in (200, 302, 403, 404, 405, 422):
                wrong.append(f"{route.route}: {len(asked)} queries, {response.status_code}")
    assert wrong == []


def test_a_page_that_does_not_exist_carries_the_same_headers(client: Client):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "no-store" in response.headers["Cache-Control"]
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]


def test_no_script_can_read_a_cookie_and_no_other_site_can_send_one(client: Client, cast: Cast):
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": cast.coordinator.username, "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value
    for cookie in filter(lambda kept: kept.value, client.cookies.values()):  # without a value it is taken back
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] in ("Lax", "Strict"), cookie.key


def test_a_form_without_its_token_is_refused(cast: Cast):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/sign-in/", {"username": cast.coordinator.username, "password": PASSWORD})
    assert response.status_code == 403
    assert settings.SESSION_COOKIE_NAME not in strict.cookies


@pytest.mark.parametrize("address", ["/?q=%00", "/sign-in/?next=%00", "/%00/", "/u/%00/"])
def test_a_nul_character_is_a_bad_request_everywhere(client: Client, address: str):
    assert client.get(address).status_code == 400
