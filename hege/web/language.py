"""Chinese unless this browser was told otherwise: what its system speaks is nobody's choice in an office."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from hege.web.middleware import Middleware
from hege.web.shell import LANGUAGES


class LanguageMiddleware(Middleware):
    """The language of the cookie set by ``/language/<code>/``, else Chinese. Accept-Language is not asked."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = wanted if wanted in dict(LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = code
        with translation.override(code):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response
