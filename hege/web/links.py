"""Addresses of other areas, for pages that lead there when they can."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse


def where(name: str, *args: Any) -> str:
    """The address of a named page, or nothing where there is none: the reader then sees plain words, no dead link."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
