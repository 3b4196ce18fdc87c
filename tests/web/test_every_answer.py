"""Headers and cookies of every route, made from the table of addresses: a new route cannot forget them."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import PASSWORD, Cast
from tests.routes import Route, routes

pytestmark = pytest.mark.django_db
MOST_QUERIES = 20


@pytest.mark.parametrize("route", routes(), ids=lambda route: route.route or "/")
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_route_answers_a_stranger_without_a_defect_and_with_all_headers(
    client: Client, route: Route, method: str
):
    response = getattr(client, method)(route.path())
    assert response.status_code < 500
    headers = response.headers
    assert "'unsafe" not in headers["Content-Security-Policy"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert "no-store" in headers["Cache-Control"]
    assert "Cookie" in headers["Vary"]


@pytest.mark.parametrize(
    "route",
    [r for r in routes() if [name for name, _ in r.parameters] == ["street_code"]],
    ids=lambda route: route.route,
)
def test_every_first_page_of_a_street_asks_the_database_little(
    client: Client, cast: Cast, route: Route, django_assert_max_num_queries
):
    client.force_login(cast.coordinator)
    with django_assert_max_num_queries(MOST_QUERIES):
        response = client.get(route.path(street_code=cast.street.code))
    assert response.status_code in (200, 302, 403, 404, 405)


def test_a_page_that_does_not_exist_carries_the_same_headers(client: Client):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "no-store" in response.headers["Cache-Control"]
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]


def test_no_script_can_read_a_cookie_and_no_other_site_can_send_one(client: Client, cast: Cast):
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": cast.coordinator.username, "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value
    for cookie in client.cookies.values():
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
