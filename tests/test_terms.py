"""One thing, one word, on every page and paper: words that are not ours, and what is said instead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "hege"
#: Not said -> said instead, and why.
TERMS = {
    "冲销": "冲正 (taking a booked line back)",
    "挂账": "缓办 (a case that waits; 挂账 is a bookkeeper's word)",
    "指纹": "校验码 (a hash; in a mediation paper 指纹 is a finger)",
    "上缴": "解缴 (what the agent hands on to the utility)",
    "凭据": "凭证 (a paper) or 证据 (what proves)",
    "哈希": "校验码",
    "敏感户": "需重点保障的户",
}
#: The column headings of other people's files are theirs.
THEIRS = ("imports/layouts.py", "imports/synonyms.py")


@pytest.mark.once
@pytest.mark.parametrize("word", TERMS)
def test_one_thing_has_one_word(word: str):
    said = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in sorted([*ROOT.rglob("*.py"), *ROOT.rglob("*.html"), *ROOT.rglob("*.js")])
        if "migrations" not in path.parts and path.relative_to(ROOT).as_posix() not in THEIRS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(word, line)
    ]
    assert said == [], TERMS[word]
