"""Parquet files in a folder that is there whole or not at all."""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from hege.city.queries import Batch
from hege.city.rules import MANIFEST, Kind, Table, check_manifests
from hege.kernel.folders import held, settle
from hege.kernel.refused import Refused


def library(name: str) -> Any:
    """What comes with ``hege[city]``, which the site of an office need not have."""
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        raise Refused(_("这台机器上没有 %(name)s，请安装 hege[city]。"), name=name) from missing


class Building(NamedTuple):
    """A folder that is being written beside where it will be, and what stands in it so far."""

    part: Path
    place: Path
    files: dict[str, int]  # bytes of each file, by its path
    rows: dict[str, Counter[str]]  # of each table, by street


@contextmanager
def building(place: Path) -> Iterator[Building]:
    """A new folder beside ``place``, for this account alone; gone where the block fails. What a killed one has left is
    cleared away by the next. ``Refused`` where the place is taken, or somebody is at it."""
    place = place.absolute()
    if place.exists() and not (place.is_dir() and not any(place.iterdir())):
        raise Refused(_("%(to)s 已经有了，不覆盖：请换一个文件夹名。"), to=place)
    part = place.with_name(f".{place.name}.part")
    try:
        part.mkdir(mode=0o700, exist_ok=True)
        with held(part, fcntl.LOCK_EX | fcntl.LOCK_NB):
            _empty(part)
            try:
                yield Building(part, place, {}, {})
            except BaseException:
                shutil.rmtree(part, ignore_errors=True)
                raise
    except BlockingIOError as busy:
        raise Refused(_("另一个程序正在往 %(to)s 导出。"), to=place) from busy
    except OSError as problem:
        raise Refused(_("不能写 %(folder)s：%(why)s。"), folder=place, why=problem.strerror or problem) from problem


def _empty(folder: Path) -> None:
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def write_street(to: Building, street_code: str, table: Table, batches: Iterable[Batch]) -> None:
    """Write the rows of one table and street: one file a month, a group of rows for each batch."""
    schema, parquet = schema_of(table), library("pyarrow.parquet")
    count: Counter[str] = to.rows.setdefault(street_code, Counter())
    count[table.name] = 0
    for month, some in groupby(batches, key=attrgetter("month")):
        path = _path(table, street_code, month)
        file = to.part.joinpath(path)
        file.parent.mkdir(parents=True)
        with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
            for batch in some:
                writer.write_batch(_record_batch(table, schema, batch.rows))
                count[table.name] += len(batch.rows)
        settle(file)
        to.files[path] = file.stat().st_size


def _path(table: Table, street_code: str, month: str) -> str:
    said = {"street": street_code, "month": month}
    return "/".join([table.name, *(f"{name}={said[name]}" for name in table.partitions), "rows.parquet"])


def _record_batch(table: Table, schema: Any, rows: Sequence[Sequence[Any]]) -> Any:
    arrow = library("pyarrow")
    columns = []
    for column, field, values in zip(table.columns, schema, zip(*rows, strict=True), strict=True):
        filled = values if column.default is None else [column.default if value is None else value for value in values]
        columns.append(arrow.array(filled, field.type))
    return arrow.RecordBatch.from_arrays(columns, schema=schema)


def schema_of(table: Table) -> Any:
    """The columns of a table as Arrow knows them."""
    arrow = library("pyarrow")
    kinds = {
        Kind.WHOLE: arrow.int64(), Kind.TEXT: arrow.string(), Kind.DAY: arrow.date32(), Kind.INSTANT: arrow.timestamp("us", "UTC"),
        Kind.YES: arrow.bool_(),
    }  # fmt: skip
    return arrow.schema([(column.name, kinds[column.kind]) for column in table.columns])


def put_in_place(done: Building, manifest: Mapping[str, Any]) -> None:
    """The folder is whole from here on: everything is on the disk before it gets its name."""
    said = {**manifest, "rows": done.rows, "files": done.files}
    file = done.part.joinpath(MANIFEST)
    file.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
    settle(file)
    for folder, _folders, _files in os.walk(done.part):
        settle(Path(folder))
    done.part.rename(done.place)
    settle(done.place.parent)


def read_manifests(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """What each folder says of itself; ``Refused`` where one is no export of ours, or is not whole, or two hold one street."""
    manifests = []
    for folder in folders:
        try:
            manifest = json.loads(folder.joinpath(MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise Refused(_("%(folder)s 不是 hege export parquet 写出的文件夹。"), folder=folder) from problem
        for name, size in manifest["files"].items():
            file = folder.joinpath(name)
            if not file.is_file() or file.stat().st_size != size:
                raise Refused(_("%(file)s 不见了，或者和导出时不一样大。"), file=file)
        manifests.append(manifest)
    check_manifests(manifests)
    return manifests
