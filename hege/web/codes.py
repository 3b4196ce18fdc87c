"""Codes of meters and shops, and numbers of rows, in addresses. Codes come from the street's files and may hold any sign, also a slash."""

from __future__ import annotations

from django.urls import register_converter

SLASH, STAND_IN = "/", "∕"
ROW_NUMBER = "[0-9]{1,18}"  # no longer than the widest column of a database


class Code:
    """One path segment; a slash within a code travels as U+2215, which looks the same and parts nothing."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return value.replace(STAND_IN, SLASH)

    def to_url(self, value: str) -> str:
        return str(value).replace(SLASH, STAND_IN)


register_converter(Code, "code")


class RowId:
    """A row's number: what is longer than any is nobody's, and no address."""

    regex = ROW_NUMBER

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int | str) -> str:
        return str(value)


class Year(RowId):
    """A year of four digits."""

    regex = "[1-9][0-9]{3}"


register_converter(RowId, "id")
register_converter(Year, "year")
