"""The trail in a second place (留痕外送): its lines as JSON with their hashes, in files that are only ever added to.

A file holds the lines of one street from one number to another, and its name says which: ``trail-310117006-1-214.jsonl``.
What was sent before is what the next export is held against: a chain that was cut or written anew since is named, by
whoever keeps the folder, whatever was done to the database.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import deque
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.kernel.refused import Refused
from hege.people.models import Street, User
from hege.trail.actions import record_upkeep
from hege.trail.models import UpkeepKind
from hege.trail.queries import lines_as_json

NAME = re.compile(r"trail-(?P<street>\d{6,9})-(?P<first>\d+)-(?P<last>\d+)\.jsonl")


class Sent(NamedTuple):
    """A file of lines that are in the second place already."""

    first: int
    last: int
    file: Path


def export_trail(folder: Path, *, by: User | None, at: dt.datetime) -> dict[str, int]:
    """Add to a folder the lines of every street that are not there yet; how many of which street, by its code.

    A row of upkeep says so, also where it failed. ``Refused`` where the folder cannot be written, or where the chain no
    longer holds the last line that was sent.
    """
    count: dict[str, int] = {}
    try:
        for street in Street.objects.order_by("code"):
            count[street.code] = _export(street, folder)
    except Refused as refused:
        record_upkeep(UpkeepKind.EXPORT, well=False, note=str(refused), at=at, lines=count)
        raise
    record_upkeep(UpkeepKind.EXPORT, well=True, at=at, lines=count)
    return count


def export_faults(folder: Path) -> Iterator[str]:
    """What of the lines in a folder the database no longer says, each street's first; nothing where all are as they were."""
    for street in Street.objects.order_by("code"):
        wanted = 1
        for sent in sent_of(street, folder):
            if sent.first != wanted:
                yield _("%(street)s：缺少从第 %(n)s 行起的文件") % {"street": street.code, "n": wanted}
                break
            wanted = sent.last + 1
            if fault := _first_difference(street, sent):
                yield fault
                break


def sent_of(street: Street, folder: Path) -> list[Sent]:
    """The files of a street in a folder, the oldest lines first."""
    try:
        found = [(path, NAME.fullmatch(path.name)) for path in folder.iterdir()]
    except OSError as problem:
        raise Refused(_("不能读 %(folder)s：%(why)s。"), folder=folder, why=problem.strerror) from problem
    ours = [(path, match) for path, match in found if match and match["street"] == street.code]
    return sorted(Sent(int(match["first"]), int(match["last"]), path) for path, match in ours)


def _export(street: Street, folder: Path) -> int:
    before = sent_of(street, folder)
    done = before[-1].last if before else 0
    if before:
        _check_goes_on(street, before[-1])
    part = folder.joinpath(f".trail-{street.code}.part")
    last = done
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:
            for seq, line in lines_as_json(street, after=done):
                last = seq
                out.write(line + "\n")
            out.flush()
            os.fsync(out.fileno())
        if last > done:
            part.rename(folder.joinpath(f"trail-{street.code}-{done + 1}-{last}.jsonl"))
    except OSError as problem:
        raise Refused(_("不能写 %(folder)s：%(why)s。"), folder=folder, why=problem.strerror) from problem
    finally:
        part.unlink(missing_ok=True)
    return last - done


def _check_goes_on(street: Street, sent: Sent) -> None:
    with sent.file.open(encoding="utf-8") as lines:
        told = deque(lines, maxlen=1)[0].rstrip("\n")
    now = next(lines_as_json(street, after=sent.last - 1, upto=sent.last), None)
    if now is None or now[1] != told:
        raise Refused(
            _("%(street)s 的留痕第 %(n)s 行和外送过的不一样：留痕被截断或改写过。请运行 hege verify，并保管好 %(file)s。"),
            street=street.code, n=sent.last, file=sent.file,
        )  # fmt: skip


def _first_difference(street: Street, sent: Sent) -> str | None:
    now = (line + "\n" for _seq, line in lines_as_json(street, after=sent.first - 1, upto=sent.last))
    with sent.file.open(encoding="utf-8") as lines:
        for seq, (told, said) in enumerate(zip_longest(lines, now), sent.first):
            if told != said:
                return _("%(street)s 的留痕第 %(n)s 行和外送过的不一样") % {"street": street.code, "n": seq}
    return None
