"""Every seeded fault still has its place in the code: `make mutants` would find out much later."""

from __future__ import annotations

import re
from pathlib import Path

from tests.mutants import MUTANTS

ROOT = Path(__file__).resolve().parent.parent


def text_of(file: str) -> str:
    path = ROOT / file
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_every_fault_has_its_one_place_in_the_code():
    astray = [
        f"{m.name}: {m.file} holds {m.old!r} {n} times" for m in MUTANTS if (n := text_of(m.file).count(m.old)) != 1
    ]
    assert not astray, "\n".join(astray)


def test_every_fault_names_a_test_that_is_there():
    gone = []
    for mutant in MUTANTS:
        file, _, name = mutant.test.partition("::")
        if not re.search(rf"^ *def {name.split('[')[0].rpartition('::')[2]}\(", text_of(file), re.MULTILINE):
            gone.append(f"{mutant.name}: {mutant.test}")
    assert not gone, "\n".join(gone)
