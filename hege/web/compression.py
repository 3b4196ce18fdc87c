"""Answers are sent compressed (gzip), and nothing of them can be guessed from how long they are.

Who makes somebody's browser open a page of ours again and again, with words of their own in its address, and sees how long each answer
is, reads off what else stands on it, letter by letter (BREACH). So a page is compressed only where our own pages or its reader asked
for it, never where it shows what opens something, and its length is blurred besides (docs/adr/0039-sent-compressed.md).
"""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.regex_helper import _lazy_re_compile
from whitenoise.middleware import WhiteNoiseFileResponse

from hege.web.access import opening_of
from hege.web.middleware import Middleware

#: Pages that show what opens something: links, codes, passwords, the telephone of who reported. They are sent as they are.
SHOWING_SECRETS = frozenset({
    "account:factor_app", "account:factor_codes_shown", "account:factor_passkey_options", "account:second_step_options",
    "activities:wall", "cases:link", "honours:shown_objector", "members:card_code", "members:codes", "members:new_card", "members:print_card",
    "members:sheet", "members:station_code", "member:card", "member:station", "member:join_code", "member:paper_voucher", "member:phone_code", "member:voucher",
    "people:handover", "reports:shown_reporter", "till:open", "tills:add_till", "tills:code", "tills:link", "units:code", "units:posters",
})  # fmt: skip
#: All pages below an address that is a secret itself: of an outside party, of a shop; and the demo's, which lets anybody be anybody.
SECRET_AREAS = frozenset({"answer", "shop", "demo"})
#: Kinds of answers that become much smaller; pictures and workbooks are compressed already.
KINDS = frozenset({
    "text/html", "text/plain", "text/css", "text/javascript", "text/calendar", "image/svg+xml", "application/json", "application/geo+json",
})  # fmt: skip
#: Below so many bytes a network packet carries it anyway.
LEAST = 860
#: Of zlib: the last of the quick ones. 74 kB of a page take 0.7 ms and become 12.1 kB; at 6, 1.6 ms and 10.8 kB.
LEVEL, LEVEL_OF_FILES = 3, 9
#: A compressed page is longer by up to so many bytes, another number each time.
BLUR = 100
#: How a browser says that a page of ours asked, or nobody's page: an address typed, a bookmark, a link in another program.
OUR_OWN = ("same-origin", "none")
_GZIP = _lazy_re_compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")


class CompressionMiddleware(Middleware):
    """Compresses what is worth it. Files come compressed from the wheel; from a clone each is compressed when it is first asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.files: dict[tuple[str, str], bytes] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind not in KINDS or response.has_header("Content-Encoding") or response.status_code in (204, 206, 304):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if not _GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            return response
        if isinstance(response, WhiteNoiseFileResponse):
            self._send_file(request, response)
        elif not response.streaming and len(response.content) >= LEAST and may_be_compressed(request):
            _send(response, blurred(response.content))
        return response

    def _send_file(self, request: HttpRequest, file: FileResponse) -> None:
        """Compress a file that was not compressed beforehand; of the wheel it is one that becomes no smaller."""
        if settings.PRODUCTION or request.method != "GET" or int(file.headers.get("Content-Length", 0)) < LEAST:
            return
        known = request.path_info, file.headers.get("ETag", "")
        if known not in self.files:
            self.files[known] = gzip.compress(file.getvalue(), LEVEL_OF_FILES, mtime=0)
        file.streaming_content = [self.files[known]]
        file.headers["Content-Encoding"] = "gzip"
        file.headers["Content-Length"] = str(len(self.files[known]))


def may_be_compressed(request: HttpRequest) -> bool:
    """Whether the length of a page that this request gets tells nobody anything."""
    found = request.resolver_match
    opening = opening_of(found.func) if found else None
    if opening and opening.kept_for:
        return True  # the same for everybody
    if found and is_secret(found.view_name):
        return False
    if not request.is_secure() or not request.COOKIES:
        return True  # who listens reads it as it is; or it is a stranger's, about whom it knows nothing
    asked_by = request.META.get("HTTP_SEC_FETCH_SITE")
    if asked_by:
        return asked_by in OUR_OWN
    came_from = urlsplit(str(request.META.get("HTTP_REFERER", "")))  # older browsers
    return bool(came_from.netloc) and came_from.netloc == request.META.get("HTTP_HOST")


def is_secret(name: str) -> bool:
    """Whether a page, by its name, shows what opens something."""
    return name in SHOWING_SECRETS or name.partition(":")[0] in SECRET_AREAS


def blurred(content: bytes) -> bytes:
    """Compressed, with a file's name in the head that is as long as chance will have it (RFC 1952; "Heal the Breach")."""
    packed = gzip.compress(content, LEVEL, mtime=0)
    return packed[:3] + b"\x08" + packed[4:10] + b"a" * secrets.randbelow(BLUR) + b"\x00" + packed[10:]


def _send(response: HttpResponse, packed: bytes) -> None:
    """Put what is sent in the place of what was said; another form of the same, so a strong tag becomes a weak one."""
    if len(packed) >= len(response.content):
        return
    response.content = packed
    response.headers["Content-Encoding"] = "gzip"
    if response.has_header("Content-Length"):
        response.headers["Content-Length"] = str(len(packed))
    tag = response.headers.get("ETag", "")
    if tag.startswith('"'):
        response.headers["ETag"] = f"W/{tag}"
