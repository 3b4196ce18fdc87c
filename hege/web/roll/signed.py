"""What programs ask for: the keys of a street, what it took back, a signed badge; and the picture for a firm's own site.

All of it is the same for everybody and may be kept for some minutes; after that it tells of what was withdrawn meanwhile.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hege.credentials.issuers import issuer_of
from hege.credentials.queries import controller_document
from hege.credentials.status import list_of
from hege.honours.publishing import signed_status_list
from hege.honours.queries import last_place
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.web.access import public
from hege.web.pages import or_404, refused_page
from hege.web.roll.honour_page import HonourPage
from hege.web.roll.honours import shown
from hege.web.shared.printed_code import SVG, drawn_code
from hege.web.shell import LANGUAGES

BECAUSE = "a badge is checked by whoever holds it, and by programs of others; it says what the page of its honour says"
MINUTES = 5 * 60
#: A code never changes: the address in it does not.
YEAR = 365 * 24 * 3600
#: Media types of a verifiable credential (VCDM 2.0), and of a document with keys (Controlled Identifiers 1.0).
CREDENTIAL, CONTROLLER = "application/vc", "application/cid"
#: Error level M: the code stands on paper of the office, and is scanned from near.
ERROR_LEVEL, QUIET = "m", 2


def street_or_404(code: str) -> Street:
    """The street with a code."""
    return or_404(Street.objects.filter(code=code).first())


def _answer(document: Any, media_type: str) -> HttpResponse:
    said = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(said, content_type=media_type, headers={"Content-Language": settings.LANGUAGE_CODE})


@public(BECAUSE, kept_for=MINUTES)
@require_safe
def issuer(request: HttpRequest, roll_code: str) -> HttpResponse:
    """Every key a street has ever signed with, a former one with its end."""
    street = street_or_404(roll_code)
    return _answer(controller_document(street, issuer=issuer_of(street).id), CONTROLLER)


@public(BECAUSE, kept_for=MINUTES)
@require_safe
def status_list(request: HttpRequest, roll_code: str, number: int) -> HttpResponse:
    """Which badges of a street were taken back, signed."""
    street = street_or_404(roll_code)
    last = last_place(street)
    if last is None or number > list_of(last)[0]:
        raise Http404
    return _answer(signed_status_list(street, number, at=clock.now()), CREDENTIAL)


@public(BECAUSE, kept_for=MINUTES)
@require_safe
def badge(request: HttpRequest, shown_id: str) -> HttpResponse:
    """The signed badge, to be kept and checked elsewhere; 410 once it was taken back."""
    one = shown(shown_id)
    found = one.history.badge
    if found is None or not one.is_signed:
        no = Refused(_("这项荣誉现在是“%(state)s”，没有可下载的签名文件。"), state=one.state.label)
        return refused_page(request, no, HTTPStatus.GONE)
    name = content_disposition_header(as_attachment=True, filename=f"{one.honour.public_id}.json") or ""
    headers = {"Content-Disposition": name, "Content-Language": settings.LANGUAGE_CODE}
    return HttpResponse(found.signed, content_type=CREDENTIAL, headers=headers)


@public(BECAUSE, kept_for=MINUTES)
@require_safe
def picture(request: HttpRequest, shown_id: str) -> HttpResponse:
    """How it stands today, as a picture for the firm's own site; in English with ``?lang=en``. No cookie is asked."""
    wanted = request.GET.get("lang", "")
    language = wanted if wanted in dict(LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        said = _drawn(shown(shown_id))
    return HttpResponse(said, content_type=SVG, headers={"Content-Language": language})


def _drawn(one: HonourPage) -> str:
    return str(engines["jinja2"].get_template("roll/picture.svg").render({"h": one, "today": one.on}))


@public(BECAUSE, kept_for=YEAR)
@require_safe
def code(request: HttpRequest, shown_id: str) -> HttpResponse:
    """Its printed code: who scans it sees its page."""
    drawn = drawn_code(shown(shown_id).address, error=ERROR_LEVEL, quiet=QUIET)
    headers = {"Content-Language": settings.LANGUAGE_CODE}
    return HttpResponse(drawn, content_type=SVG, headers=headers)
