"""Addresses: of named pages, and what stands in them. Codes come from the street's files and may hold any sign, also a
slash.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import get_script_prefix, register_converter, reverse
from django.utils.http import url_has_allowed_host_and_scheme

SLASH, STAND_IN = "/", "∕"
ROW_NUMBER = "[0-9]{1,18}"  # no longer than the widest column of a database


class Code:
    """A code of a meter or a shop; a slash within it travels as U+2215, which looks the same and parts nothing."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return value.replace(STAND_IN, SLASH)

    def to_url(self, value: str) -> str:
        return str(value).replace(SLASH, STAND_IN)


class RowId:
    """A row's number: what is longer than any is nobody's, and no address."""

    regex = ROW_NUMBER
    to_python, to_url = int, str


class Year(RowId):
    """A year of four digits."""

    regex = "[1-9][0-9]{3}"


register_converter(Code, "code")
register_converter(RowId, "id")
register_converter(Year, "year")


def where(name: str, *args: Any) -> str:
    """The address of a named page. A list asks for that of each of its rows, so each is made once while it is asked for."""
    return _made(get_script_prefix(), name, args)


@lru_cache(1 << 14)
def _made(_prefix: str, name: str, args: tuple[Any, ...]) -> str:
    return reverse(name, args=args)


def in_full(path: str) -> str:
    """A page's whole address, as codes, paper and messages name it: by the site's own, whichever way this page was opened."""
    return f"{settings.SITE}{path}"


def site_host() -> str:
    """The same without a page and without https, as it is read out."""
    return urlsplit(settings.SITE).netloc


def onward(wanted: str, home: str) -> str:
    """The page below ``home`` that was asked to go on to; ``home`` for every other."""
    ours = url_has_allowed_host_and_scheme(wanted, None) and wanted.startswith(home)
    return wanted if ours else home
