"""What we sign, asked of verifiers that others wrote: `make conformance`; needs node and npm, not in `make test`.

They have to say yes to each badge of ours, and no to each with one value, day or key changed, to a revoked one, and to one that
a former key signed after its end; and they have to sign as we do, byte by byte. What our own ``verify`` says is held to it.
One line is printed for each; status 1 where one is not as it should be, 2 where node, npm or a package is missing.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import django
from django.conf import settings

HERE = Path(__file__).parent
FOLDER = HERE.parent.parent / "var" / "conformance"


class Case(NamedTuple):
    """A document, what is published beside it by its address, when somebody asks, and whether it is to be good."""

    name: str
    document: dict[str, Any]
    documents: dict[str, Any]
    at: dt.datetime
    good: bool


def main() -> int:
    """Fetch the packages by their hashes, ask, compare."""
    settings.configure(USE_I18N=False)
    django.setup()
    programs = [shutil.which(name) for name in ("node", "npm")]
    if None in programs:
        print("node and npm are needed: this asks verifiers that are written for them")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "verify.mjs"):
        shutil.copy(HERE / name, FOLDER / name)
    npm = subprocess.run(
        [programs[1] or "", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FOLDER, check=False
    )
    return 2 if npm.returncode else _compare(programs[0] or "")


def _compare(node: str) -> int:
    from tests.conformance import cases

    asked, to_issue = list(cases.cases()), list(cases.to_issue())
    sent = {
        "cases": [{"document": c.document, "documents": c.documents, "at": c.at.isoformat()} for c in asked],
        "toIssue": [one for one, _ours in to_issue],
    }
    said = subprocess.run(
        [node, "verify.mjs"], cwd=FOLDER, input=json.dumps(sent), check=True, capture_output=True, text=True
    )
    answers, wrong = json.loads(said.stdout), 0
    for case, why in zip(asked, answers["verdicts"], strict=True):
        ours = cases.our_verdict(case)
        right = (not why) is case.good is (ours == "good")
        wrong += not right
        print(
            f"{'ok   ' if right else 'WRONG'} {case.name}: {'good' if not why else why.splitlines()[0]} (ours: {ours})"
        )
    for (sent_one, ours_signed), theirs in zip(to_issue, answers["issued"], strict=True):
        right = theirs == ours_signed
        wrong += not right
        print(f"{'ok   ' if right else 'WRONG'} signed by them as by us: {sent_one['document']['name']!r}")
    print(f"{len(asked)} documents asked of them, {len(to_issue)} signed by them, {wrong} not as they should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
