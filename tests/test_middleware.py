"""What every answer carries, whichever view made it."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from hege.urls import urlpatterns as addresses_of_hege
from hege.web.addresses import client_address
from hege.web.middleware import (
    CleanTextMiddleware,
    ReadOnlyGetMiddleware,
    SecurityHeadersMiddleware,
    WriteInsideGetError,
)


def answer(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("fine")


def writes(_request: HttpRequest) -> HttpResponse:
    ContentType.objects.create(app_label="nobody", model="nothing")
    return HttpResponse("written")


#: The site with one bad page more.
urlpatterns = [path("writes/", writes), *addresses_of_hege]


@pytest.mark.django_db
@pytest.mark.urls("tests.test_middleware")
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_page_of_the_site_that_writes_when_it_is_only_looked_at_breaks_instead(client: Client, method: str):
    assert client.post("/writes/").content == b"written"
    with pytest.raises(WriteInsideGetError):
        getattr(client, method)("/writes/")


def test_every_page_forbids_inline_script_framing_and_caching(rf: RequestFactory):
    headers = SecurityHeadersMiddleware(answer)(rf.get("/")).headers
    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store, private"
    assert headers["Vary"] == "Cookie"


def test_a_static_file_says_itself_how_long_it_lasts(client: Client, db: None):
    answer = client.get("/static/hege.css")
    answer.close()
    headers = answer.headers
    assert "no-store" not in headers["Cache-Control"]
    assert "Cookie" not in headers.get("Vary", "")


def test_a_static_file_that_is_not_there_is_answered_with_a_page_no_cache_keeps(client: Client, db: None):
    answer = client.get("/static/hege.0123456789ab.css")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert "Cookie" in answer.headers["Vary"]


@pytest.mark.django_db
def test_a_write_inside_a_get_is_refused(rf: RequestFactory):
    with pytest.raises(WriteInsideGetError, match="django_content_type"):
        ReadOnlyGetMiddleware(writes)(rf.get("/"))


@pytest.mark.django_db
def test_a_write_inside_a_post_goes_through(rf: RequestFactory):
    assert ReadOnlyGetMiddleware(writes)(rf.post("/")).content == b"written"


@pytest.mark.parametrize("address", ["/?q=%00", "/?%00=1", "/a%00b/"])
def test_a_nul_character_in_the_address_is_a_bad_request_not_a_crash(rf: RequestFactory, address: str):
    with pytest.raises(BadRequest):
        CleanTextMiddleware(answer)(rf.get(address))


def test_a_nul_character_in_a_form_is_a_bad_request_not_a_crash(rf: RequestFactory):
    with pytest.raises(BadRequest):
        CleanTextMiddleware(answer).process_view(rf.post("/", {"name": "a\x00b"}))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),  # nobody in front: what the client says about itself counts for nothing
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),  # the first is what the client wrote itself
        (2, "10.9.9.9, 203.0.113.9, 198.51.100.2", "203.0.113.9"),
        (1, "2001:db8::9", "2001:db8::9"),
        (1, "unknown", "192.0.2.1"),  # no address: the lock-out's column would refuse it
        (1, "203.0.113.9:4711", "192.0.2.1"),
        (1, "fe80::1%eth0", "192.0.2.1"),
        (2, "203.0.113.9", "192.0.2.1"),  # fewer hops than promised: somebody came round the proxy
    ],
)
def test_the_address_is_the_nth_hop_from_the_right(rf: RequestFactory, settings, proxies, forwarded, address):
    settings.PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address
