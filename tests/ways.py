"""Which files of Hege an act passes, from its address to its rows and back: `python -m tests.ways`.

Named tests send the forms; every file of which code runs meanwhile is noted. What every act stands on is counted apart:
``kernel``, ``trail``, ``people``, and what all areas of the site share.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

ROOT = Path(__file__).resolve().parent.parent / "hege"
#: The act, the address of its form, and tests that send it.
WAYS = {
    "defer a cut-off": (
        "cutoffs:defer",
        "tests/web/cutoffs/test_procedure.py::test_a_cut_is_put_off_until_a_day_on_conditions",
    ),
    "book a file of receipts": (
        "imports:confirm",
        "tests/web/imports/test_import_page.py::test_confirming_books_the_file_and_lets_it_go",
    ),
    "sign an agreement": (
        "mediation:sign",
        "tests/web/mediation/test_agreement.py::test_a_signed_agreement_keeps_the_deferral_once_the_utility_has_agreed",
    ),
    "call the parties of a case": (
        "conferences:call",
        "tests/web/conferences/test_rounds.py::test_a_round_is_called_from_a_case_with_its_parties_ticked",
    ),
}

#: What every act stands on.
GROUND = re.compile(r"(kernel|trail|people|web/shared)/|web/\w+\.py")

passed: dict[str, set[str]] = {}
ask = Client.request


def watched(client: Client, **request: Any) -> Any:
    """Send a request, and note what it passes if it is a form that was done."""
    if request["REQUEST_METHOD"] != "POST":
        return ask(client, **request)
    files: set[str] = set()

    def called(frame: FrameType, _event: str, _arg: object) -> None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ROOT):
            files.add(file.relative_to(ROOT).as_posix())

    sys.setprofile(called)
    try:
        answer = ask(client, **request)
    finally:
        sys.setprofile(None)
    if answer.status_code < 400:
        passed.setdefault(resolve(request["PATH_INFO"]).view_name, set()).update(files)
    return answer


def main() -> None:
    Client.request = watched  # type: ignore[method-assign, assignment]
    done = pytest.main(["-q", "-p", "no:cacheprovider", *sorted({test for _address, test in WAYS.values()})])
    for act, (address, _test) in WAYS.items():
        own = sorted(file for file in passed[address] if not GROUND.match(file))
        print(f"{act}: {len(own)} files, and {len(passed[address]) - len(own)} of the ground: {', '.join(own)}")
    sys.exit(done)


if __name__ == "__main__":
    main()
