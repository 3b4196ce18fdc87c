"""Proving a copy (演练): put back into a database of its own, compared in figures, verified by the program itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hege.cli.copies.figures import differences, sum_of
from hege.cli.copies.opening import Copy, open_copy
from hege.cli.copies.program import is_behind
from hege.cli.copies.scratch import Scratch
from hege.kernel.refused import Refused

SOME = 5  # differences and faults that are told


@dataclass(frozen=True)
class Proof:
    """What came of a drill: the sum of the figures, how many rows, and what ``hege verify`` says of the copy."""

    sum: str
    rows: int
    faults: list[str] = field(default_factory=list)
    unchecked: int = 0

    @property
    def well(self) -> bool:
        """Whether the copy can be relied on, and the books in it are whole."""
        return not self.faults and not self.unchecked


def prove(file: Path, *, work: Path, named: Path) -> Proof:
    """Restore a copy that is not locked into a database of its own, which is gone afterwards, and prove it.

    ``Refused`` where it cannot be restored or does not hold what its manifest says; ``named`` is how who asked knows it.
    """
    folder = work / "drill"
    folder.mkdir()
    copy = open_copy(file, into=folder, named=named)
    with copy.kind.scratch(copy.database, work=folder, named=named) as scratch:
        _compare(copy, scratch, named)
        return _verified(copy, scratch, folder)


def _compare(copy: Copy, scratch: Scratch, named: Path) -> None:
    wrong = list(differences(copy.manifest.figures, scratch.figures)) if copy.manifest else []
    if wrong:
        raise Refused(
            _("%(file)s 恢复出来和备份时不一样（备份时 / 恢复后），这份备份不能用：%(wrong)s"),
            file=named, wrong="; ".join(wrong[:SOME]),
        )  # fmt: skip


def _verified(copy: Copy, scratch: Scratch, folder: Path) -> Proof:
    """What the program says of the copy, in a process that knows no other database."""
    keys = {"HEGE_KEY_FILE": str(settings.KEY_FILE)}  # which lies in the data folder, as a rule
    environment = {**os.environ, "HEGE_DATABASE_URL": scratch.url, "HEGE_DATA_DIR": str(folder / "data"), **keys}
    (folder / "data").mkdir()
    if copy.manifest is None or is_behind(copy.manifest.migrations):
        _hege("migrate", "--verbosity", "0", environment=environment)
    witnesses = [word for head in copy.manifest.heads for word in ("--witness", head)] if copy.manifest else []
    told: dict[str, Any] = json.loads(_hege("verify", "--json", *witnesses, environment=environment))
    faults = [fault for found in told["faults"].values() for fault in found]
    return Proof(
        sum_of(scratch.figures), sum(scratch.figures["rows"].values()), faults,
        sum(len(lines) for lines in told["unchecked"].values()),
    )  # fmt: skip


def _hege(*words: str, environment: dict[str, str]) -> str:
    """What a command of ours printed; a verdict is an answer, whatever its status."""
    command = [sys.executable, "-m", "hege.cli.main", *words]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode and not done.stdout.strip():
        reason = done.stderr.strip()[-800:] or done.returncode
        raise Refused(_("演练时 hege %(command)s 未能完成：%(reason)s"), command=words[0], reason=reason)
    return done.stdout
