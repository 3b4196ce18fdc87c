"""Who asks the files: DuckDB on one machine, Spark on a cluster. The SQL is one text, ``who_holds.sql``."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from hege.city.files import library, read_manifests
from hege.city.rules import TABLES, Answer, Kind, Layer, Table, day_asked

SQL = Path(__file__).with_name("who_holds.sql")
ASKED = ("meters", "entries", "admissions")  # tables that it reads


class Engine(StrEnum):
    """Who works it out."""

    DUCKDB = "duckdb"
    SPARK = "spark"


class Files(NamedTuple):
    """The files of one table in one folder, up to the month that is asked for."""

    table: Table
    folder: Path
    paths: list[str]


class Asked(NamedTuple):
    """What is asked of an engine: the day, the text, the files that it needs."""

    on: dt.date
    sql: str
    files: list[Files]


def who_holds(
    folders: Sequence[Path], *, on: dt.date | None = None, engine: Engine = Engine.DUCKDB, master: str = ""
) -> tuple[dt.date, Iterator[Answer]]:
    """Who holds the money of every supply point in some folders (钱在谁手里), by street and meter, and on which day: the end
    of the day of the export where none is named. ``master`` is where a Spark cluster is spoken to.
    """
    manifests = read_manifests(folders)
    day = day_asked(manifests, on)
    asked = Asked(day, question(day), list(_files(folders, manifests, day)))
    rows = _by_duckdb(asked) if engine is Engine.DUCKDB else _by_spark(asked, master)
    return day, _answers(rows)


def question(on: dt.date) -> str:
    """The text as both engines are sent it."""
    return SQL.read_text(encoding="utf-8").replace(":on", f"DATE '{on.isoformat()}'")


def _files(folders: Sequence[Path], manifests: Iterable[Mapping[str, Any]], on: dt.date) -> Iterator[Files]:
    """Months after the day hold nothing that is asked for."""
    tables = [table for table in TABLES if table.name in ASKED]
    for folder, manifest in zip(folders, manifests, strict=True):
        for table in tables:
            paths = [path for path in manifest["files"] if path.startswith(f"{table.name}/")]
            yield Files(table, folder.absolute(), [path for path in paths if _month(path) <= f"{on:%Y-%m}"])


def _month(path: str) -> str:
    """The month in the name of a file's folder; empty where its table has none."""
    return next((part.removeprefix("month=") for part in path.split("/") if part.startswith("month=")), "")


def _answers(rows: Iterable[tuple[Any, ...]]) -> Iterator[Answer]:
    """Two rows for each supply point, its layers by name."""
    each = iter(rows)
    for (street, meter, _confirmed, *sure), (_street, _meter, _claims, *told) in zip(each, each, strict=True):
        yield Answer(street, meter, Layer(*sure), Layer(*told))


# -- DuckDB --------------------------------------------------------------------------------------------------------------

DUCKDB = {
    Kind.WHOLE: "BIGINT",
    Kind.TEXT: "VARCHAR",
    Kind.DAY: "DATE",
    Kind.INSTANT: "TIMESTAMPTZ",
    Kind.YES: "BOOLEAN",
}
CHUNK = 10_000


def _by_duckdb(asked: Asked) -> Iterator[tuple[Any, ...]]:
    offline = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    with (
        tempfile.TemporaryDirectory(prefix="hege-city-") as scratch,
        closing(library("duckdb").connect(config={**offline, "temp_directory": scratch})) as database,
    ):
        for name in ASKED:
            database.execute(f"CREATE VIEW {name} AS {_duckdb_view([f for f in asked.files if f.table.name == name])}")
        answer = database.execute(asked.sql)
        while rows := answer.fetchmany(CHUNK):
            yield from rows


def _duckdb_view(files: Sequence[Files]) -> str:
    table = files[0].table
    paths = [str(found.folder.joinpath(path)).replace("'", "''") for found in files for path in found.paths]
    if not paths:
        columns = {
            **{column.name: DUCKDB[column.kind] for column in table.columns},
            **dict.fromkeys(table.partitions, "VARCHAR"),
        }
        return (
            "SELECT " + ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns.items()) + " WHERE false"
        )
    said = ", ".join(f"'{path}'" for path in paths)
    kinds = ", ".join(f"'{name}': VARCHAR" for name in table.partitions)
    return f"SELECT * FROM read_parquet([{said}], hive_partitioning = true, hive_types = {{{kinds}}})"  # noqa: S608 - paths of ours


# -- Spark ---------------------------------------------------------------------------------------------------------------

SPARK = {Kind.WHOLE: "BIGINT", Kind.TEXT: "STRING", Kind.DAY: "DATE", Kind.INSTANT: "TIMESTAMP", Kind.YES: "BOOLEAN"}
SPARK_SETTINGS = {
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # a street's code is text
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
}


def _by_spark(asked: Asked, master: str) -> Iterator[tuple[Any, ...]]:
    builder = library("pyspark.sql").SparkSession.builder.appName("hege city who-holds").master(master or "local[*]")
    for name, value in SPARK_SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        for name in ASKED:
            parts = [_spark_view(spark, f) for f in asked.files if f.table.name == name]
            whole = parts[0]
            for part in parts[1:]:
                whole = whole.unionByName(part)
            whole.createOrReplaceTempView(name)
        yield from map(tuple, spark.sql(asked.sql).collect())
    finally:
        spark.stop()


def _spark_view(spark: Any, files: Files) -> Any:
    table = files.table
    columns = {
        **{column.name: SPARK[column.kind] for column in table.columns},
        **dict.fromkeys(table.partitions, "STRING"),
    }
    schema = ", ".join(f"`{name}` {kind}" for name, kind in columns.items())
    if not files.paths:
        return spark.createDataFrame([], schema)
    base = files.folder.joinpath(table.name)
    return (
        spark.read.schema(schema)
        .option("basePath", str(base))
        .parquet(*(str(files.folder.joinpath(path)) for path in files.paths))
    )
