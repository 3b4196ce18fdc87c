"""What every form of ours carries unseen."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html

from hege.kernel.ids import bearer_token

FIELD = "request_key"


class FormToken:
    """What a template writes as ``csrf_input``: the CSRF field, and a key of its own each time it is written."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __html__(self) -> str:
        return format_html(
            '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="{}" value="{}">',
            get_token(self.request),
            FIELD,
            bearer_token(),
        )

    def __str__(self) -> str:
        return self.__html__()
