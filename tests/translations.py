"""Collect every text of code and templates into the English catalogue: `make translations`.

`python -m tests.translations FILE.json` also fills in the English of a `{"中文": "English"}` file.

The catalogue keeps no file names and lines (they change with every edit) and is sorted, so two people's additions
seldom meet in one place.
"""

from __future__ import annotations

import io
import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "hege"
ENGLISH = SOURCES / "locale" / "en" / "LC_MESSAGES" / "django.po"
METHODS = [("**/migrations/**.py", "ignore"), ("**.py", "python"), ("**/templates/**.*", "jinja2")]
OPTIONS = {"**/templates/**.*": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "several": (1, 1),
}


@cache
def texts() -> Catalog:
    """Every text of ours as it stands in the code: message ids with an empty translation each."""
    catalog = Catalog(locale="en", project="Hege", charset="utf-8")
    found = extract_from_dir(SOURCES, METHODS, OPTIONS, keywords=KEYWORDS)
    for _file, _line, message, _comments, context in found:
        catalog.add(message, context=context)
    return catalog


def english() -> Catalog:
    """The English catalogue as it stands on disk; an empty one before the first run."""
    if not ENGLISH.exists():
        return Catalog(locale="en", project="Hege", charset="utf-8")
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def compile_english() -> None:
    """Bring the compiled catalogue up to date, so that pages speak the English that is written."""
    compiled = ENGLISH.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= ENGLISH.stat().st_mtime:
        return
    part = compiled.with_suffix(".mo.part")
    with part.open("wb") as file:
        write_mo(file, english())
    os.replace(part, compiled)


def _key(message: Message) -> str:
    """The Chinese of a message; of one with a plural, the singular (its English is a list of two)."""
    return message.id if isinstance(message.id, str) else str(message.id[0])


def _said(message: Message) -> bool:
    return all([message.string] if isinstance(message.string, str) else message.string or [""])


def main() -> None:
    """Add new texts to the catalogue, empty; drop the ones no longer used; keep all others as they are."""
    filled = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")) if len(sys.argv) > 1 else {}
    catalog = english()
    catalog.update(texts(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    for message in catalog:
        if message.id and not _said(message):
            text: Any = filled.get(_key(message), message.string)
            one_for_all = isinstance(text, str) and not isinstance(message.id, str)
            message.string = [text] * len(message.id) if one_for_all else text
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=118, no_location=True, omit_header=False, sort_output=True, ignore_obsolete=True)
    # The header's dates and generator would differ on every run.
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    kept = [
        line for line in lines if not line.startswith(('"POT-Creation', '"PO-Revision', '"Generated-By', '"Last-Tr'))
    ]
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    part = ENGLISH.with_suffix(".po.part")
    part.write_text("".join(kept), encoding="utf-8")
    os.replace(part, ENGLISH)
    compile_english()
    empty = [_key(message) for message in catalog if message.id and not _said(message)]
    print(f"{len(list(catalog)) - 1} texts, {len(empty)} without English")
    for message_id in empty:
        print(f"  {message_id}")


if __name__ == "__main__":
    main()
