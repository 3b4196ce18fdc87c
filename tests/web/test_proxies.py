"""A proxy in front that forwards something wrong: what arrived and what to mend, not "open too long" and no endless way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from tests.web.office import words
from tests.web.test_every_answer import GUARDED

pytestmark = pytest.mark.once

OURS = "hege.example.gov.cn"
#: What a right proxy forwards of a browser at https://hege.example.gov.cn.
RIGHT = {"HTTP_HOST": OURS, "HTTP_ORIGIN": f"https://{OURS}", "HTTP_X_FORWARDED_PROTO": "https"}
BEHIND_ONE = {"PROXIES": 1, "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}
HOST, NAMES, PROTO, COUNT = (
    "proxy_set_header Host $http_host",
    "HEGE_ALLOWED_HOSTS",
    "proxy_set_header X-Forwarded-Proto $scheme",
    "HEGE_PROXIES",
)


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    with override_settings(ALLOWED_HOSTS=[OURS, "127.0.0.1"], **BEHIND_ONE):
        yield


def sent(*, english: bool = False, **forwarded: str | None) -> Any:
    """The sign-in form, without its token, as a proxy forwards it; None: the proxy leaves that line out."""
    browser = Client(enforce_csrf_checks=True)
    if english:
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    lines: dict[str, Any] = {name: value for name, value in {**RIGHT, **forwarded}.items() if value is not None}
    return browser.post("/sign-in/", {"username": "a", "password": "b"}, **lines)


def told(answer: Any) -> set[str]:
    return {mend for mend in (HOST, NAMES, PROTO, COUNT) if mend in words(answer)}


@pytest.mark.django_db
def test_behind_a_right_proxy_a_form_without_its_token_was_open_too_long():
    assert "这张表开得太久了" in words(sent())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("forwarded", "behind", "mends"),
    [
        ({"HTTP_HOST": "127.0.0.1:8000"}, {}, {HOST}),
        ({"HTTP_ORIGIN": f"https://{OURS}:8443"}, {}, {HOST}),  # the port was lost on the way
        ({"HTTP_X_FORWARDED_PROTO": None}, {}, {PROTO}),
        ({"HTTP_X_FORWARDED_PROTO": "http"}, {}, {PROTO}),
        ({}, {"PROXIES": 0, "SECURE_PROXY_SSL_HEADER": None}, {COUNT}),
        ({"HTTP_X_FORWARDED_PROTO": None}, {"PROXIES": 0, "SECURE_PROXY_SSL_HEADER": None}, {PROTO}),
        ({"HTTP_HOST": "127.0.0.1:8000", "HTTP_X_FORWARDED_PROTO": None}, {}, {HOST, PROTO}),
        (
            {"HTTP_HOST": "127.0.0.1", "HTTP_ORIGIN": "https://hege.street.cn", "HTTP_SEC_FETCH_SITE": "same-origin"},
            {},
            {HOST, NAMES},
        ),
        ({"HTTP_HOST": "127.0.0.1", "HTTP_ORIGIN": None, "HTTP_REFERER": f"https://{OURS}/sign-in/"}, {}, {HOST}),
    ],
)
def test_a_form_that_arrives_under_another_address_than_the_browsers_says_what_to_mend(forwarded, behind, mends):
    with override_settings(**behind):
        answer = sent(**forwarded)
    assert answer.status_code == 403
    assert "网站前面的代理没有设对" in words(answer)
    assert told(answer) == mends


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "https://[", "file:///x"])
def test_a_form_of_another_site_is_not_taken_for_the_proxys_fault(origin: str):
    assert "这张表开得太久了" in words(sent(HTTP_ORIGIN=origin, HTTP_SEC_FETCH_SITE="cross-site"))


@pytest.mark.django_db
def test_a_host_nobody_allowed_is_named_with_what_to_mend_and_nothing_more_is_told():
    answer = sent(HTTP_HOST="app:8000")
    assert (answer.status_code, told(answer)) == (400, {HOST, NAMES})
    assert "app:8000" in words(answer)
    assert OURS not in answer.content.decode()


@pytest.mark.django_db
def test_a_host_that_is_no_name_is_shown_as_text():
    answer = sent(HTTP_HOST="<b>&" + "x" * 500)
    assert answer.status_code == 400
    assert "&lt;b&gt;&amp;xxx" in answer.content.decode()
    assert "x" * 200 not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "proto", "status", "mend"),
    [
        (0, "https", 500, {COUNT}),  # not counted, so not believed
        (0, "http", 301, set()),
        (0, None, 301, set()),
        (1, None, 500, {PROTO}),
        (1, "http", 301, set()),
        (1, "https", 200, set()),
    ],
)
def test_a_page_that_would_lead_to_itself_says_so_instead(proxies: int, proto: str | None, status: int, mend: set[str]):
    header = BEHIND_ONE["SECURE_PROXY_SSL_HEADER"] if proxies else None
    forwarded: dict[str, Any] = {} if proto is None else {"HTTP_X_FORWARDED_PROTO": proto}
    with override_settings(SECURE_SSL_REDIRECT=True, PROXIES=proxies, SECURE_PROXY_SSL_HEADER=header):
        answer = Client(raise_request_exception=False).get("/sign-in/", HTTP_HOST=OURS, **forwarded)
    assert answer.status_code == status
    assert (told(answer) if status == 500 else set()) == mend


@pytest.mark.django_db
@pytest.mark.parametrize("forwarded", [{"HTTP_HOST": "app"}, {"HTTP_HOST": "127.0.0.1"}])
def test_the_page_speaks_the_browsers_language_and_carries_every_header(forwarded: dict[str, str]):
    answer = sent(english=True, **forwarded)
    assert "The proxy in front of the site is not set up right" in words(answer)
    assert answer.headers["Content-Language"] == "en"
    assert {name: answer.headers.get(name) for name in GUARDED} == GUARDED
