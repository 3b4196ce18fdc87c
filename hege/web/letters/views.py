"""Is this letter real: for whoever holds one. Names stand here only where their owners agreed."""

from __future__ import annotations

import json
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hege.credentials.status import list_of
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.members.queries import consents_among
from hege.members.rules import ConsentKind
from hege.people.models import Street
from hege.programme.thanks.actions import object_to_thanks
from hege.programme.thanks.publishing import signed_status_list
from hege.programme.thanks.queries import (
    last_place,
    shown_by_number,
    shown_certificate,
    shown_thanks,
    thanks_in_publicity,
)
from hege.programme.thanks.rules import PUBLICITY_DAYS
from hege.web.access import public
from hege.web.letters.forms import NumberForm, ObjectForm
from hege.web.letters.page import CertificatePage, LetterPage, shown_thanks_said
from hege.web.links import site_host
from hege.web.pages import form_page, or_404, page, refusals_to, refused_page
from hege.web.roll.signed import CREDENTIAL, ERROR_LEVEL, MINUTES, QUIET, YEAR
from hege.web.shared.printed_code import SVG, drawn_code

BECAUSE = "whoever holds a letter asks whether it is real; names stand here only where their owners agreed"


#: Where a number is typed in, as the papers say it.
_FIND = {"find_address": f"{site_host()}/k/"}


def letter_or_404(letter_id: str) -> LetterPage:
    """Thanks that anybody may see; 404 for what was never shown."""
    return LetterPage(or_404(shown_thanks(letter_id)), on=clock.today())


@public(BECAUSE)
def find(request: HttpRequest) -> HttpResponse:
    """By the number on the paper: of which street, and which."""
    form = NumberForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with refusals_to(form):
            found = shown_by_number(form.cleaned_data["street"], form.cleaned_data["number"])
            if not found:
                raise Refused(_("这个街道没有送出过这个编号，请再对一对。"), field="number")
            return redirect("letters:letter", found)
    return form_page(request, "letters/find.html", {"form": form}, form)


@public(BECAUSE)
@require_safe
def in_publicity(request: HttpRequest, roll_code: str) -> HttpResponse:
    """What a street is about to give, shown for days: anybody may object."""
    street = or_404(Street.objects.filter(code=roll_code).first())
    rows = thanks_in_publicity(street)
    agreed = consents_among({one.member.pk: one.member for one in rows}.values())
    shown = [(one, shown_thanks_said(one, named=agreed[one.member_id][ConsentKind.NAME_PUBLIC])) for one in rows]
    return page(request, "letters/publicity.html", {"street": street, "rows": shown, "least": PUBLICITY_DAYS})


@public(BECAUSE)
@require_safe
def letter(request: HttpRequest, letter_id: str) -> HttpResponse:
    """Whether it is real, and what it says."""
    certificate = shown_certificate(letter_id)
    if certificate is not None:
        return page(request, "letters/certificate.html", {"c": CertificatePage(certificate)})
    return page(request, "letters/letter.html", {"h": letter_or_404(letter_id)})


@public(BECAUSE)
@require_safe
def printed(request: HttpRequest, letter_id: str) -> HttpResponse:
    """One sheet of A4, as it is handed over."""
    certificate = shown_certificate(letter_id)
    if certificate is not None:
        return page(request, "letters/certificate_print.html", {"c": CertificatePage(certificate), **_FIND})
    return page(request, "letters/print.html", {"h": letter_or_404(letter_id), **_FIND})


@public(BECAUSE, kept_for=MINUTES)
@require_safe
def status_list(request: HttpRequest, roll_code: str, number: int) -> HttpResponse:
    """Which thanks of a street were taken back, signed."""
    street = or_404(Street.objects.filter(code=roll_code).first())
    last = last_place(street)
    if last is None or number > list_of(last)[0]:
        raise Http404
    said = json.dumps(signed_status_list(street, number, at=clock.now()), ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(said, content_type=CREDENTIAL, headers={"Content-Language": settings.LANGUAGE_CODE})


@public(BECAUSE, kept_for=MINUTES)
@require_safe
def badge(request: HttpRequest, letter_id: str) -> HttpResponse:
    """The signed badge, to be kept and checked elsewhere; 410 once it was taken back."""
    one = letter_or_404(letter_id)
    if not one.is_signed:
        no = Refused(_("这份致谢现在没有可下载的签名文件。"))
        return refused_page(request, no, HTTPStatus.GONE)
    name = content_disposition_header(as_attachment=True, filename=f"{one.thanks.public_id}.json") or ""
    headers = {"Content-Disposition": name, "Content-Language": settings.LANGUAGE_CODE}
    return HttpResponse(one.thanks.badge.signed, content_type=CREDENTIAL, headers=headers)


@public(BECAUSE, kept_for=YEAR)
@require_safe
def code(request: HttpRequest, letter_id: str) -> HttpResponse:
    """The code on the paper: who scans it sees whether it is real."""
    certificate = shown_certificate(letter_id)
    one = CertificatePage(certificate) if certificate is not None else letter_or_404(letter_id)
    drawn = drawn_code(one.address, error=ERROR_LEVEL, quiet=QUIET)
    return HttpResponse(drawn, content_type=SVG, headers={"Content-Language": settings.LANGUAGE_CODE})


@public("whoever knows better has no account; what they say becomes an objection that somebody looks into")
def object_to(request: HttpRequest, letter_id: str) -> HttpResponse:
    """Speak against it; nobody is asked who they are."""
    one = letter_or_404(letter_id)
    form = ObjectForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with refusals_to(form):
            object_to_thanks(one.thanks, **form.said, by=None, at=clock.now())
            return redirect("letters:objected", one.thanks.public_id)
    return form_page(request, "letters/object.html", {"h": one, "form": form}, form)


@public(BECAUSE)
@require_safe
def objected(request: HttpRequest, letter_id: str) -> HttpResponse:
    """What happens with what was said."""
    return page(request, "letters/objected.html", {"h": letter_or_404(letter_id)})
