"""How papers, notebooks and spreadsheets spell one number."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

DASHES = "-－–—−‐‑﹣"
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def spellings(number: str) -> st.SearchStrategy[str]:
    """Spellings of one number: case, width, dashes, blanks, quotes around it, zeros lost or put before digits."""
    cases = st.sampled_from([str, str.upper, str.lower])
    dashes = st.sampled_from(DASHES).map(lambda dash: lambda text: text.replace("-", dash))
    widths = st.sampled_from([str, lambda text: text.translate(_WIDE)])
    blanks = st.integers(0, len(number)).map(lambda at: lambda text: f"{text[:at]} {text[at:]}")
    around = st.sampled_from([str, "'{}".format, "`{}".format, '="{}"'.format, "  {}\t".format])
    zeros = (
        st.sampled_from([str, lambda text: text.lstrip("0") or "0", "00{}".format])
        if number.isdecimal()
        else st.just(str)
    )

    def spell(steps: tuple[Any, ...]) -> str:
        text = number
        for step in steps:
            text = step(text)
        return text

    return st.tuples(zeros, cases, dashes, blanks, widths, around).map(spell)
