"""What goes into a cell of a file that a spreadsheet opens."""

from __future__ import annotations

#: What a spreadsheet takes for the beginning of a formula, also when it stands in text, and their full-width forms.
FORMULA_LEADS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_LEADS) else text
