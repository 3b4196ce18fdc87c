"""What a request brings with it is read whole or not at all."""

from __future__ import annotations

from io import BytesIO
from threading import Timer
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory

from hege.web.body import MOST_BYTES, MOST_DROPPED_BYTES, ROOM, BodyMiddleware, WholeBody, drop_rest


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("text", ""))


def post(stream: Any, length: int) -> HttpRequest:
    request = RequestFactory().generic(
        "POST", "/", b"text=abc", content_type="application/x-www-form-urlencoded", CONTENT_LENGTH=str(length)
    )
    return type(request)({**request.environ, "wsgi.input": stream})


class Untouched:
    """A body that must not be read."""

    def read(self, *_size: int) -> bytes:
        raise AssertionError("it was read")

    readline = read


class Endless:
    """A body that goes on as long as it is read."""

    def __init__(self, start: bytes = b"") -> None:
        self.start = start

    def read(self, size: int) -> bytes:
        now, self.start = self.start[:size], self.start[size:]
        return now or bytes(size)


def test_a_form_comes_through(rf: RequestFactory):
    assert BodyMiddleware(answer)(rf.post("/", {"text": "abc"})).content == b"abc"


@pytest.mark.parametrize("length", [MOST_BYTES + 1, MOST_DROPPED_BYTES + 1])
def test_a_body_that_is_too_large_is_told_so(length: int):
    response = BodyMiddleware(answer)(
        post(WholeBody(Untouched() if length > MOST_DROPPED_BYTES else Endless(), length), length)
    )
    assert response.status_code == 413
    assert "最多 20 MB" in response.content.decode()


LONG_NAME = b"--x\r\nContent-Disposition: form-data; name=papers; filename=" + b"a" * 2000 + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "kind", "start", "said"),
    [
        ("POST", "multipart/form-data; boundary=x", LONG_NAME, 400),
        ("POST", "application/x-www-form-urlencoded", b"text=", 413),
        ("POST", "application/octet-stream", b"", 413),
        ("PUT", "multipart/form-data; boundary=x", LONG_NAME, 200),
        ("GET", "text/plain", b"", 413),
    ],
)
def test_what_is_not_wanted_is_read_to_its_end_so_that_the_sender_hears_the_answer(
    method: str, kind: str, start: bytes, said: int
):
    length = 12 << 20
    body = WholeBody(Endless(start), length)
    request = RequestFactory().generic(method, "/", b"x", content_type=kind, CONTENT_LENGTH=str(length))
    request = type(request)({**request.environ, "wsgi.input": body})
    try:
        status = BodyMiddleware(answer)(request).status_code
    except (BadRequest, MultiPartParserError):  # 400, told further out
        status = 400
    assert (status, body.left) == (said, 0)


def test_what_is_no_form_is_there_for_who_asks_for_it():
    request = RequestFactory().generic("POST", "/", b'{"a": 1}', content_type="application/json")
    assert BodyMiddleware(lambda asked: HttpResponse(asked.body))(request).content == b'{"a": 1}'


def test_who_sends_more_than_is_dropped_or_goes_away_is_not_waited_for():
    drop_rest(WholeBody(Untouched(), MOST_DROPPED_BYTES + 1))
    gone = WholeBody(BytesIO(b"abc"), 8)
    drop_rest(gone)
    assert gone.left == 8


def test_while_too_many_bodies_are_slow_the_next_one_is_asked_to_come_back(rf: RequestFactory):
    middleware = BodyMiddleware(answer)
    seen: list[HttpResponse] = []

    class Slow(BytesIO):
        """While it is waited for, the next one comes."""

        def read(self, *size: Any) -> bytes:
            if len(seen) == 0 and deep[0] < settings.BODIES_AT_ONCE:
                deep[0] += 1
                middleware(post(Slow(b"text=abc"), 8))
            elif not seen:
                seen.append(middleware(rf.get("/")))
                seen.append(middleware(post(Untouched(), 8)))
            return super().read(*size)

    deep = [1]
    middleware(post(Slow(b"text=abc"), 8))
    assert [response.status_code for response in seen] == [200, 503]
    assert seen[1].headers["Retry-After"]
    assert middleware(post(BytesIO(b"text=abc"), 8)).content == b"abc"


def test_one_of_many_that_come_at_the_same_moment_waits_for_room():
    middleware = BodyMiddleware(answer)
    for _n in range(settings.BODIES_AT_ONCE):
        middleware.room.acquire()
    Timer(ROOM.total_seconds() / 10, middleware.room.release).start()
    assert middleware(post(BytesIO(b"text=abc"), 8)).content == b"abc"


def test_a_static_file_is_handed_over_whole_so_that_no_thread_waits_for_its_reader(rf: RequestFactory, db: None):
    from hege.wsgi import application

    answered: list[str] = []
    body = application(rf.get("/static/hege.css").environ, lambda status, _headers: answered.append(status))
    assert (answered, type(body), len(body)) == (["200 OK"], list, 1)
    assert b"hg-" in body[0]


def test_a_body_read_by_lines_ends_where_it_said_or_was_cut_off():
    body = WholeBody(BytesIO(b"one\ntwo\nthree"), 8)
    assert [body.readline(), body.readline(2), body.readline(), body.readline()] == [b"one\n", b"tw", b"o\n", b""]
    cut = WholeBody(BytesIO(b"one\n"), 8)
    assert cut.readline() == b"one\n"
    with pytest.raises(OSError, match="cut off"):
        cut.readline()


def test_a_form_that_was_cut_off_is_refused_not_taken_for_a_shorter_one():
    with pytest.raises(BadRequest):
        BodyMiddleware(answer)(post(WholeBody(BytesIO(b"text=ab"), 8), 8))
    assert BodyMiddleware(answer)(post(WholeBody(BytesIO(b"text=abc"), 8), 8)).content == b"abc"
