"""Records of the log as lines of JSON (HEGE_LOG=json), without the words of errors: there may be a person in them."""

from __future__ import annotations

import json
import logging
import traceback
from pathlib import Path
from typing import Any

from django.conf import settings

from hege.kernel import clock

MOST_FRAMES = 12


def told(problem: BaseException) -> dict[str, Any]:
    """An error without its words, in which there may be what somebody typed: its type, what it came of, and where."""
    frames = traceback.extract_tb(problem.__traceback__)[-MOST_FRAMES:]
    here = str(settings.BASE_DIR)
    where = [f"{str(Path(f.filename)).removeprefix(here).lstrip('/')}:{f.lineno} {f.name}" for f in frames]
    cause = problem.__cause__ or problem.__context__
    of = {"of": type(cause).__qualname__} if cause is not None else {}
    return {"type": type(problem).__qualname__, **of, "at": where}


class AsJson(logging.Formatter):
    """A record as one line of JSON: of a request what it says, of anything else the first line of its words."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": clock.now().isoformat(timespec="milliseconds"), "level": record.levelname.lower(), "logger": record.name
        }  # fmt: skip
        said: dict[str, Any] | None = getattr(record, "said", None)
        line |= said if said is not None else {"text": (record.getMessage().splitlines() or [""])[0]}
        if record.exc_info and record.exc_info[1]:
            line["error"] = told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)
