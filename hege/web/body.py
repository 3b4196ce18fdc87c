"""What a request brings with it: read whole or not at all, and never by so many at once that pages have to wait.

A server that talks to browsers hands bodies over as slowly as they come; a proxy in front hands them over whole.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError

from hege.web import errors
from hege.web.middleware import Middleware

#: Bytes beyond which a body is not looked at. Three times the largest file that is taken: who is a little over is told so by
#: the page it was sent from.
MOST_BYTES = 64 * 1024 * 1024
#: The rest of what is refused is read and dropped up to here, and so long: who is answered while they still send would see
#: a broken line in the place of the answer.
MOST_DROPPED_BYTES, MOST_DROPPED_SECONDS = 4 * MOST_BYTES, 20
CHUNK = 1 << 20
RETRY_AFTER_SECONDS = 5
#: How long a form waits for room: of many that come at the same moment each is read within milliseconds, slow ones are not.
ROOM = dt.timedelta(milliseconds=200)


def length_of(environ: Mapping[str, Any]) -> int:
    """How many bytes a request says it brings; none without a word of it, and Django then reads none."""
    said = str(environ.get("CONTENT_LENGTH") or "")
    return int(said) if said.isdecimal() else 0


class BodyMiddleware(Middleware):
    """Reads the form before anything looks at it, or says why not: too large (413), too many at once (503), cut off (400).

    All but the 503 are said once the body has been sent: see ``drop_rest``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.room = BoundedSemaphore(settings.BODIES_AT_ONCE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = length_of(request.META)
        if not length:
            return self.get_response(request)
        if not self.room.acquire(timeout=ROOM.total_seconds()):
            return errors.busy(request, retry_after=RETRY_AFTER_SECONDS)
        try:
            if length > MOST_BYTES:
                return errors.too_large(request)
            if request.method == "POST":
                request.POST  # noqa: B018  # read now, while it is counted
            if request.content_type != "multipart/form-data":
                request.body  # noqa: B018  # what is no form too: it is there for who asks, and the line is empty
        except RequestDataTooBig:  # words, beside files
            return errors.too_large(request)
        except UnreadablePostError as cut:
            raise BadRequest("the form did not come whole") from cut
        finally:
            drop_rest(request.META["wsgi.input"])
            self.room.release()
        return self.get_response(request)


class WholeBody:
    """``wsgi.input`` that tells a body cut off on its way from one that is at its end: servers answer alike to both.

    Half a form can look like a whole one, with its last words missing.
    """

    def __init__(self, stream: Any, length: int) -> None:
        self.stream, self.left = stream, length

    def read(self, size: int = -1) -> bytes:
        wanted = self.left if size < 0 else min(size, self.left)
        data = b""
        while len(data) < wanted:
            more = self.stream.read(wanted - len(data))
            if not more:
                raise OSError("the body was cut off")
            data += more
        self.left -= len(data)
        return data

    def readline(self, size: int = -1) -> bytes:
        wanted = self.left if size < 0 else min(size, self.left)
        line: bytes = self.stream.readline(wanted)
        if wanted and not line:
            raise OSError("the body was cut off")
        self.left -= len(line)
        return line


def drop_rest(body: Any) -> None:
    """Read to the end of a ``WholeBody`` what nobody will look at, unless that is too much or takes too long."""
    until = time.monotonic() + MOST_DROPPED_SECONDS
    with suppress(OSError):
        while 0 < getattr(body, "left", 0) <= MOST_DROPPED_BYTES and time.monotonic() < until:
            body.read(CHUNK)
