"""What is sent is small, and how long it is tells nobody what stands in it."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import resolve

from hege.billing.chart import TransactionKind
from hege.web.compression import BLUR, SECRET_AREAS, SHOWING_SECRETS, blurred, may_be_compressed
from tests.cast import Cast, Row
from tests.routes import routes

#: As a browser asks for what a page of ours names.
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd", "Sec-Fetch-Site": "same-origin"}
OF_OURS: dict[str, Any] = {"Sec-Fetch-Site": "same-origin"}
NAMED = re.compile(r'(?:href|src)="(/static/[^"#]+)')
METER, TODAY = 120_000, 80_000
MARCH = dt.date(2026, 3, 1)


def cold(client: Client, path: str) -> dict[str, int]:
    """What a browser that has nothing of ours gets for a page, in bytes: the page, and each file it names."""
    page = client.get(path, headers=BROWSER)
    assert page.headers["Content-Encoding"] == "gzip"
    names = dict.fromkeys(NAMED.findall(gzip.decompress(page.content).decode()))
    assert names
    return {path: len(page.content)} | {name: len(client.get(name, headers=BROWSER).getvalue()) for name in names}


@pytest.mark.django_db
@pytest.mark.once
def test_a_meter_of_47_shops_and_the_day_are_light(client: Client, cast: Cast, make_shops: Callable[..., Row]):
    shops = make_shops(code="ZB-47", shops=47)
    shops.bill(fen=4_700_000)
    for n in range(47):
        shops.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=n, confirmed=bool(n % 3))
    client.force_login(cast.coordinator)
    meter, today = cold(client, f"/{cast.street.code}/meters/ZB-47/"), cold(client, f"/{cast.street.code}/")
    assert sum(meter.values()) <= METER, meter
    assert sum(today.values()) <= TODAY, today


@pytest.mark.once
@pytest.mark.parametrize("wants", [{}, {"Accept-Encoding": "br"}, {"Accept-Encoding": "gzip;q=0"}])
def test_who_takes_no_gzip_gets_a_file_as_it_is(client: Client, wants: dict[str, str]):
    whole = client.get("/static/hege.css", headers=wants)
    assert ("Content-Encoding" in whole.headers, whole.headers["Vary"]) == (False, "Accept-Encoding")
    packed = client.get("/static/hege.css", headers=BROWSER)
    content, smaller = whole.getvalue(), packed.getvalue()
    assert len(smaller) < len(content)
    for _again in range(2):
        assert gzip.decompress(client.get("/static/hege.css", headers=BROWSER).getvalue()) == content
    known = {"If-None-Match": packed.headers["ETag"], **BROWSER}
    kept = client.get("/static/hege.css", headers=known)
    assert (kept.status_code, kept.getvalue()) == (304, b"")
    assert client.head("/static/hege.css", headers=BROWSER).getvalue() == b""


@pytest.mark.once
def test_a_page_says_the_same_compressed_and_a_redirect_says_nothing(client: Client, db: None):
    plain, packed = client.get("/sign-in/").content, client.get("/sign-in/", headers=BROWSER)
    tokens = re.compile(rb'value="[^"]*"')
    assert tokens.sub(b"", gzip.decompress(packed.content)) == tokens.sub(b"", plain)
    sent_on = client.get("/me/", headers=BROWSER)
    assert (sent_on.status_code, sent_on.content, "Content-Encoding" in sent_on.headers) == (302, b"", False)


def asked(path: str, *, secure: bool = True, cookies: str = "sessionid=x", **said: str) -> HttpRequest:
    headers = {"Host": "testserver", "Cookie": cookies, **said}
    request = RequestFactory().get(path, secure=secure, headers=headers)
    request.resolver_match = resolve(path)
    return request


@pytest.mark.once
@pytest.mark.parametrize(
    ("may", "wishes"),
    [
        (True, {"Sec-Fetch-Site": "same-origin"}),
        (True, {"Sec-Fetch-Site": "none"}),
        (False, {"Sec-Fetch-Site": "cross-site", "Referer": "https://testserver/"}),
        (False, {"Sec-Fetch-Site": "same-site"}),
        (True, {"Referer": "https://testserver/310117006/"}),
        (False, {"Referer": "https://testserver.example/"}),
        (False, {}),
        (True, {"secure": False}),
        (True, {"cookies": "", "Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_another_site_cannot_have_a_page_compressed_that_knows_its_reader(may: bool, wishes: dict[str, Any]):
    assert may_be_compressed(asked("/310117006/search/", **wishes)) is may


@pytest.mark.once
@pytest.mark.parametrize("path", ["/u/abc/", "/310117006/cases/tasks/abc/link/", "/me/second-factor/app/"])
def test_what_shows_a_secret_is_never_compressed(path: str):
    for secure in (True, False):
        assert not may_be_compressed(asked(path, secure=secure, **OF_OURS))


@pytest.mark.once
def test_each_page_that_shows_a_secret_is_a_page():
    names = {route.name for route in routes()}
    assert names >= SHOWING_SECRETS
    assert {name.partition(":")[0] for name in names} >= SECRET_AREAS - {"demo"}


@pytest.mark.once
def test_the_length_of_a_page_is_blurred():
    page = b"one and the same page " * 100
    sent = [blurred(page) for _n in range(60)]
    assert {gzip.decompress(one) for one in sent} == {page}
    lengths = {len(one) for one in sent}
    assert len(lengths) > 20
    assert max(lengths) - min(lengths) < BLUR
