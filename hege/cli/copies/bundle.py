"""The file a copy is: a plain tar of a manifest, the database's copy and the attachments.

The manifest comes first and says what follows, each part with its size and SHA-256. ``tar xf`` takes it apart;
``database.sqlite3.gz`` is a zipped SQLite file, ``database.pgdump`` is pg_dump's custom format.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, cast

from django.utils.translation import gettext_lazy as _

from hege.cli.copies.figures import Figures
from hege.cli.copies.work import CHUNK, Written, sha256_of
from hege.kernel.refused import Refused

FORMAT = 1
MANIFEST = "manifest.json"
LONGEST_MANIFEST = 64 << 20  # bytes; every attachment is a line of it
DATABASE = {"sqlite": "database.sqlite3.gz", "postgresql": "database.pgdump"}
ATTACHMENTS = "attachments"
#: No part leads out of the folder it is unpacked in.
NAME = re.compile(r"database\.(sqlite3\.gz|pgdump)|attachments(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")


@dataclass(frozen=True)
class Part:
    """One file within a copy."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a copy says of itself. ``migrations`` are the newest of each package of ours; ``figures`` what it must hold."""

    program: str
    database: str
    made_at: str
    migrations: dict[str, str]
    heads: list[str]
    figures: Figures
    parts: list[Part] = field(default_factory=list)
    format: int = FORMAT


def write(out: Written, told: Manifest, files: Mapping[str, Path]) -> None:
    """Write a copy of these files, by the names of its parts."""
    parts = [Part(name, file.stat().st_size, sha256_of(file)) for name, file in files.items()]
    first = json.dumps(asdict(told) | {"parts": [asdict(part) for part in parts]}, ensure_ascii=False).encode()
    with tarfile.open(fileobj=cast(IO[bytes], out), mode="w|", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_member(MANIFEST, len(first)), io.BytesIO(first))
        for part in parts:
            with files[part.name].open("rb") as read:
                tar.addfile(_member(part.name, part.size), read)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def attachments_in(folder: Path) -> dict[str, Path]:
    """Every stored file, by the name of its part; what is still being written has a dot before its name."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {f"{ATTACHMENTS}/{path.relative_to(folder).as_posix()}": path for path in found}
    return {name: path for name, path in named.items() if NAME.fullmatch(name)}


def is_bundle(file: Path) -> bool:
    """Whether a file begins as a copy of ours does."""
    with file.open("rb") as copy:
        return copy.read(len(MANIFEST) + 1) == MANIFEST.encode() + b"\0"


def manifest_of(file: Path, *, named: Path) -> Manifest:
    """What a copy says of itself; ``Refused`` where it cannot be read or is of a later make than ours. ``named`` is how
    who asked knows it."""
    with _opened(file, named) as tar:
        return _manifest(named, tar)


def unpack(file: Path, into: Path, *, named: Path) -> None:
    """Take a copy apart into an empty folder: every part it names, whole, and nothing else; or ``Refused``."""
    with _opened(file, named) as tar:
        told = _manifest(named, tar)
        for part in told.parts:
            member = tar.next()
            if member is None or (member.name, member.size, member.isreg()) != (part.name, part.size, True):
                raise _damaged(named, part.name)
            target = into / part.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with target.open("xb") as raw:
                out = Written(raw, target)
                for some in _pieces(tar.extractfile(member)):
                    out.write(some)
            if (out.size, out.sha256) != (part.size, part.sha256):
                raise _damaged(named, part.name)
        if tar.next() is not None:
            raise _damaged(named, MANIFEST)


def _pieces(read: IO[bytes] | None) -> Iterator[bytes]:
    while read is not None and (some := read.read(CHUNK)):
        yield some


@contextmanager
def _opened(file: Path, named: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, "r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as problem:
        raise _damaged(named, problem) from problem


def _manifest(file: Path, tar: tarfile.TarFile) -> Manifest:
    member = tar.next()
    if member is None or member.name != MANIFEST or member.size > LONGEST_MANIFEST:
        raise _damaged(file, MANIFEST)
    read = tar.extractfile(member)
    try:
        said = json.loads(read.read() if read else b"")
        newer = said["format"] > FORMAT
        told = None if newer else Manifest(**{**said, "parts": [Part(**part) for part in said["parts"]]})
    except (KeyError, TypeError, ValueError) as problem:
        raise _damaged(file, MANIFEST) from problem
    if told is None:
        raise Refused(_("%(file)s 是更新版本的合格写的备份。请先升级合格，再恢复。"), file=file)
    named = [part.name for part in told.parts]
    if named[:1] != [DATABASE.get(told.database)] or not all(map(NAME.fullmatch, named)):
        raise _damaged(file, MANIFEST)
    return told


def _damaged(file: Path, where: object) -> Refused:
    return Refused(_("%(file)s 不完整或已损坏（%(where)s），什么也没有改。请换一份备份。"), file=file, where=where)
