"""What is looked at of an installation beyond Django's own checks: is it fit for an office's work today?"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
import tempfile
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.core import checks
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max, Min, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from hege.arrears.models import DailyWatch
from hege.installation.rights import SOME, may_read_what_was_migrated, rights_findings
from hege.installation.rules import (
    LEAST_ROOM,
    Chore,
    Finding,
    Ran,
    Room,
    State,
    clock_fault,
    nearest_to_its_end,
    outbox_age,
    room_left,
    told,
)
from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.kernel.database import connection, here
from hege.kernel.mutability import append_only_models
from hege.kernel.refused import Refused
from hege.kernel.schema import check_known, known_migrations
from hege.kernel.shards import current, shard_of
from hege.kernel.street_keys import missing, street_keys
from hege.outbox.queries import waiting
from hege.people.models import Session, SignInFailure, Street
from hege.places.queries import calendar_years
from hege.trail.models import TrailHead, Upkeep, UpkeepKind
from hege.trail.queries import check_keys_at_hand

#: What keeps an installation well, and how often it has to run; with the slack of a night that went otherwise.
DAY_AND_A_HALF = dt.timedelta(hours=36)
SQLITE_AT_ONCE = 2  # a copy beside the file, and what comes next month


def chores() -> dict[UpkeepKind, Chore]:
    """What has to run again and again beside the daily watch, in the order of how much hangs on it."""
    daily = _("每天运行一次：%(command)s。")
    return {
        UpkeepKind.BACKUP: Chore("backup", _("备份"), daily % {"command": "hege backup"}, DAY_AND_A_HALF),
        UpkeepKind.DRILL: Chore(
            "drill",
            _("备份演练"),
            _("每周运行一次：%(command)s。") % {"command": "hege backup --drill"},
            dt.timedelta(days=8),
        ),
        UpkeepKind.VERIFY: Chore("verify", _("全面核对"), daily % {"command": "hege verify"}, dt.timedelta(days=3)),
        UpkeepKind.EXPORT: Chore(
            "trail_export",
            _("留痕外送"),
            _("请设 HEGE_TRAIL_EXPORT_TO 为本机以外的文件夹，每天核对时会自动外送；也可运行 hege trail --to。"),
            DAY_AND_A_HALF,
        ),
    }


def findings(*, at: dt.datetime, of: Street | None = None) -> Iterator[Finding]:
    """Everything looked at, in the order in which to mend it; stops where the rest would make no sense.

    Every code comes once. Where a street is given, no other is named.
    """
    found = list(ready_findings(at=at, of=of))
    yield from found
    stopped = {finding.code for finding in found if finding.stops}
    if "database" in stopped:
        return
    yield _data_dir()
    if connection.vendor == "sqlite":
        yield from file_of_its_own(_database_file())
    yield from rights_findings(production=settings.PRODUCTION)
    if {"tables", "migrations"} & stopped:
        return
    yield _guards()
    yield _keys_of_streets()
    streets = _streets(of)
    yield _calendar("calendar_this_year", day_of(at).year, streets)
    yield _calendar("calendar_next_year", day_of(at).year + 1, streets)
    yield _translations()
    yield from _proxies()
    yield _seal_key()


def first_findings(street: Street, *, at: dt.datetime) -> Iterator[Finding]:
    """What the first page of a street's administrator shows of ``findings``: no look into the database itself; five queries.

    Where nothing has ever run, it is not said to be late: when the installation began is a longer question.
    """
    yield disk()
    yield from _daily_watch([street], at, None)
    yield outbox_age(waiting(at, [street]), now=at)
    last = last_runs()
    for kind, chore in chores().items():
        yield chore.finding(last.get(kind), now=at, began=None)
    yield _calendar("calendar_this_year", day_of(at).year, [street])
    yield _calendar("calendar_next_year", day_of(at).year + 1, [street])


def ready_findings(*, at: dt.datetime, of: Street | None = None) -> Iterator[Finding]:
    """What decides whether the site can work at all, and what has to be done again and again: cheap, no long table."""
    yield disk()
    try:
        connection.ensure_connection()
        yield Finding("database", State.OK, _("数据库可以连接（%(kind)s）") % {"kind": connection.display_name})
        yield _writable()
        yield (sees := _tables())
        applied = MigrationRecorder(connection).applied_migrations() if sees.ok else {}
        yield (migrated := _newer_program(applied) or _waiting(applied))
        if not (sees.ok and migrated.ok):
            return
        yield _clock(at)
        began = min((made.applied for made in applied.values()), default=None) if settings.PRODUCTION else None
        if settings.SHARDS:
            yield _streets_here(_streets(of))
        yield from _daily_watch(_streets(of), at, began)
        yield outbox_age(waiting(at, _streets(of)), now=at)
        last = last_runs()
        for kind, chore in chores().items():
            yield chore.finding(last.get(kind), now=at, began=began)
    except DatabaseError as problem:
        yield database_away(str(problem))


def _tables() -> Finding:
    good, bad = _("网站的数据库用户看得到表"), _("网站的数据库用户看不到表")
    mend = _("请用表的属主运行 hege migrate；还缺，就由数据库管理员再运行一遍 packaging/postgresql/roles.sql。")
    return told("tables", not may_read_what_was_migrated(), good, bad, mend, stops=True)


def _waiting(applied: Container[tuple[str, str]]) -> Finding:
    waiting = waiting_migrations(applied)
    good, bad = _("数据库结构是最新的"), _("数据库结构不是最新，差 %(n)s 步")
    return told("migrations", waiting, good, bad, _("请运行 hege migrate。"), {"n": len(waiting)}, stops=True)


def database_away(reason: str) -> Finding:
    """What is said where the database gives no answer."""
    text, mend = _("连不上数据库：%(reason)s"), _("请核对 HEGE_DATABASE_URL，看数据库是否在运行。")
    return Finding("database", State.MEND, text % {"reason": reason.strip()}, mend, stops=True)


def last_runs(**such: Any) -> dict[UpkeepKind, Ran]:
    """The last run of each kind of upkeep, of all or of ``such``; those that never ran are not in it."""
    newest = Window(RowNumber(), partition_by="kind", order_by=["-at", "-pk"])
    runs = Upkeep.objects.filter(**such).annotate(nth=newest).filter(nth=1)
    return {UpkeepKind(run.kind): Ran(run.at, run.well, run.note) for run in runs}


def _streets_here(streets: list[Street]) -> Finding:
    """A street in another database than its code says is not served: nobody looks for it here."""
    strange = [street.code for street in streets if shard_of(street.code) != current()]
    good, bad = _("这个库里的街道都归这个库"), _("街道 %(codes)s 放错了库，打不开")
    mend = _("请核对 HEGE_DATABASES 里各库的街道代码。")
    return told("streets_here", strange, good, bad, mend, {"codes": "、".join(strange)})


def _streets(of: Street | None) -> list[Street]:
    return [of] if of else list(Street.objects.order_by("code"))


def _database_file() -> Path:
    return Path(str(connection.settings_dict["NAME"])).absolute()


def disk() -> Finding:
    """The room where something is written."""
    return room_left(_rooms())


def _rooms() -> list[Room]:
    """Beside an SQLite database, for files that come in, for what is kept."""
    folders = {Path(tempfile.gettempdir()): LEAST_ROOM}
    if settings.DATA_DIR.is_dir():
        folders[settings.DATA_DIR] = LEAST_ROOM
    if connection.vendor == "sqlite" and (file := _database_file()).is_file():
        folders[file.parent] = max(LEAST_ROOM, SQLITE_AT_ONCE * file.stat().st_size)
    return [Room(str(folder), shutil.disk_usage(folder).free, least) for folder, least in folders.items()]


def waiting_migrations(applied: Container[tuple[str, str]]) -> list[tuple[str, str]]:
    """The migrations of this program that a database has not seen."""
    known = known_migrations()
    stood_for = {old for olds in known.values() for old in olds}
    return [
        key
        for key, olds in known.items()
        if key not in applied and key not in stood_for and not (olds and all(old in applied for old in olds))
    ]


def _clock(at: dt.datetime) -> Finding:
    last_line = TrailHead.objects.aggregate(last=Max("recorded_at"))["last"]
    return clock_fault(at, last_line=last_line, database=database_clock())


def database_clock() -> dt.datetime | None:
    """What time it is on the database's machine; None where that is this one."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (said,) = cursor.fetchone()
    return cast("dt.datetime", said)


def settings_findings() -> Iterator[Finding]:
    """What Django finds in the settings. Its deploy checks count in production only; a clone has no HTTPS and need not."""
    fatal = False
    for message in checks.run_checks(include_deployment_checks=settings.PRODUCTION, databases=[here.get()]):
        if message.is_silenced():
            continue
        serious = message.is_serious() or settings.PRODUCTION
        fatal |= serious
        code = (message.id or "django").replace(".", "_").lower()
        yield Finding(code, State.MEND if serious else State.NOTE, str(message.msg), str(message.hint or ""))
    if not settings.PRODUCTION:
        text, mend = _("这是试用环境"), _("正式使用前设 HEGE_ENV=production，再运行 hege check。")
        yield Finding("settings", State.NOTE, text, mend)
    elif not fatal:
        yield Finding("settings", State.OK, _("设置适合正式使用"))


def file_of_its_own(file: Path) -> Iterator[Finding]:
    """A database file holds everything: its account alone reads it, and must be able to write it and beside it."""
    there = file.stat()
    said = {"file": file, "uid": there.st_uid, "mode": f"{stat.S_IMODE(there.st_mode):o}"}
    writable = os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
    bad, mend = _("不能写 %(file)s 或它所在的文件夹"), _("请把属主改成运行合格的账号（现属 %(uid)s）。")
    yield told("database_file", not writable, _("数据库文件可以写入"), bad, mend, said)
    if there.st_uid != os.geteuid():
        bad, mend = _("%(file)s 属于别的账号（%(uid)s）"), _("请把属主改成运行合格的账号。")
        yield Finding("database_file_owner", State.NOTE, bad % said, mend)
    if stat.S_IMODE(there.st_mode) & 0o077:
        bad, mend = _("%(file)s 别的账号也能读（%(mode)s）"), _("请运行 chmod 600 %(file)s。")
        state = State.MEND if settings.PRODUCTION else State.NOTE
        yield Finding("database_file_mode", state, bad % said, mend % said)


def _data_dir() -> Finding:
    """Attachments and exports are written there, wherever the database is."""
    writable, said = os.access(settings.DATA_DIR, os.W_OK | os.X_OK), {"folder": settings.DATA_DIR}
    bad, mend = _("不能写 %(folder)s"), _("请把它的属主改成运行合格的账号，或用 HEGE_DATA_DIR 换一个文件夹。")
    return told("data_dir", not writable, _("%(folder)s 可以写入"), bad, mend, said)


def _writable() -> Finding:
    read_only = "off"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            (read_only,) = cursor.fetchone()
    bad, mend = _("数据库只能读：它是备用库，或者设成了只读"), _("请换成主库。")
    return told("writable", read_only != "off", _("数据库可以写入"), bad, mend, stops=True)


def _newer_program(applied: Iterable[tuple[str, str]]) -> Finding | None:
    try:
        check_known(applied)
    except Refused as refused:
        mend = _("请安装更新的版本，或用升级前的备份恢复。")
        return Finding("migrations", State.MEND, str(refused), mend, stops=True)
    return None


def _guards() -> Finding:
    """Every table of history is guarded in the database itself; somebody with SQL in hand may have taken guards off."""
    queries = {
        "sqlite": "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%append_only%'",
        "postgresql": "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
        "WHERE tgname LIKE '%append_only%' AND tgenabled IN ('O', 'A')",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor])
        guarded = {row[0] for row in cursor.fetchall()}
    bare = sorted({model._meta.db_table for model in append_only_models()} - guarded)
    good, bad = _("只增不改的表都有保护（%(n)s 张）"), _("这些只增不改的表缺少保护：%(tables)s")
    mend = _("有人动过数据库：请查明是谁，运行 hege verify 核对，再用备份恢复。")
    return told("guards", bare, good, bad, mend, {"n": len(guarded), "tables": ", ".join(bare)})


def _keys_of_streets() -> Finding:
    """No row points into another street; somebody with SQL in hand may have taken a key off, or a row was astray before there were keys."""
    bare = missing(connection)
    good, bad = _("各表之间的引用都限于本街道（%(n)s 处）"), _("这些引用没有限于本街道：%(keys)s")
    mend = _("请用表的属主运行 hege migrate：它会补上，补不上的说明是哪一行。")
    values = {"n": len(street_keys()), "keys": _("、").join(f"{key.table}.{key.column}" for key in bare[:SOME])}
    return told("street_keys", bare, good, bad, mend, values)


def _calendar(code: str, year: int, streets: Iterable[Street]) -> Finding:
    """What ends near a holiday waits until the State Council's notice of the year is in; it comes in November."""
    waiting = [street.name for street in streets if not calendar_years(street).get(year)]
    good, bad = _("%(year)s 年的工作日历已确认"), _("%(year)s 年的放假通知尚未录入：%(streets)s")
    mend = _("请管理员在“参数与日历”页贴上通知全文。")
    values = {"year": year, "streets": _("、").join(waiting)}
    return told(code, waiting, good, bad, mend, values, state=State.NOTE)


def _daily_watch(streets: Iterable[Street], at: dt.datetime, began: dt.datetime | None) -> Iterator[Finding]:
    """Warnings are as new as the last daily watch; a street nobody watches over looks calm."""
    kept = dict(DailyWatch.objects.filter(street__in=streets).values_list("street", "kept_on"))
    days = {street.name: kept.get(street.pk) for street in streets}
    if not days:
        return
    today = day_of(at)
    late, never = _("%(street)s（上次 %(day)s）"), _("%(street)s（还没有核对过，看不到预警）")
    named = [
        (late if day else never) % {"street": name, "day": day} for name, day in days.items() if not day or day < today
    ]
    # In a trial nobody is late: it is opened now and then, and `hege serve` catches up by itself.
    overdue = began and any((day or day_of(began)) < today - DAY for day in days.values())
    good, bad = _("每个街道今天都核对过"), _("今天还没有核对：%(streets)s")
    mend = _("hege serve 开着会自动核对，也可运行 hege daily。")
    values, state = {"streets": _("、").join(named)}, State.MEND if overdue else State.NOTE
    yield told("daily_watch", named, good, bad, mend, values, state=state)


def _proxies() -> Iterator[Finding]:
    """`hege serve` speaks no HTTPS, so something else stands in front as a rule. Not counted, its address is everybody's,
    and with HTTPS on every page would lead to itself. Neither is to be mended for sure: a server may speak HTTPS itself."""
    if not settings.PRODUCTION:
        return
    good = _("前面有 %(n)s 层代理：访问地址取自 X-Forwarded-For，代理要自己填写它和 X-Forwarded-Proto")
    bad = _("HEGE_PROXIES 是 0：前面如果有代理，所有人会算作同一个地址，登录锁定会连累大家")
    mend = _("请把它设为代理的层数。")
    if settings.HTTPS:
        bad = _("HEGE_PROXIES 是 0 而 HTTPS 已开：前面如果有 HTTPS 代理，网页会不停跳转，所有人还会算作同一个地址")
        mend = _("请把它设为代理的层数，通常是 1。")
    yield told("proxies", not settings.PROXIES, good, bad, mend, {"n": settings.PROXIES}, state=State.NOTE)


def _seal_key() -> Finding:
    """Which key seals the trail. One of its own outlives a change of HEGE_SECRET_KEY; either is fine."""
    try:
        check_keys_at_hand()
    except Refused as refused:
        return Finding("seal_key", State.MEND, str(refused), _("请放回原来的密钥，再运行一次 hege check。"))
    text = _(
        "留痕用 %(setting)s 来的密钥 %(key)s 封存；请在放备份以外的地方另存一份，换了它就把原来的写进 HEGE_SEAL_KEYS_OLD"
    )
    said = {"setting": settings.SEAL_KEY_FROM, "key": settings.SEAL_KEY_NAME}
    return Finding("seal_key", State.OK, text % said)


def _translations() -> Finding:
    found = [po for folder in settings.LOCALE_PATHS for po in Path(folder).glob("*/LC_MESSAGES/*.po")]
    missing = [str(po) for po in found if not po.with_suffix(".mo").exists()]
    bad, mend = _("译文尚未编译，英文界面会显示中文：%(files)s"), _("请运行 make base。")
    values = {"files": ", ".join(missing)}
    return told("translations", missing, _("译文已编译"), bad, mend, values, state=State.NOTE)


class Figures(NamedTuple):
    """What a monitoring system is told: how each thing stands, when each chore last went well, and counts."""

    findings: list[Finding]
    last: dict[str, dt.datetime]
    counts: dict[str, int]


def figures(*, at: dt.datetime) -> Figures:
    """Cheap figures of the whole installation; without a database only what can be told without it."""
    found = list(ready_findings(at=at))
    counts = {"disk_free_bytes": nearest_to_its_end(_rooms()).free}
    if any(finding.code in ("database", "migrations") and finding.stops for finding in found):
        return Figures(found, {}, counts)
    last = {chores()[kind].code: ran.at for kind, ran in last_runs(well=True).items() if kind in chores()}
    watched = DailyWatch.objects.aggregate(last=Min("kept_at"))["last"]
    counts |= {
        "streets": Street.objects.count(),
        "trail_lines": TrailHead.objects.aggregate(n=Sum("seq"))["n"] or 0,
        "open_sessions": Session.objects.filter(expire_date__gt=at).count(),
        "sign_in_failures_last_hour": SignInFailure.objects.filter(at__gt=at - dt.timedelta(hours=1)).count(),
        "database_bytes": _database_bytes(),
    }
    return Figures(found, last | ({"daily_watch": watched} if watched else {}), counts)


def _database_bytes() -> int:
    if connection.vendor == "sqlite":
        return _database_file().stat().st_size
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
