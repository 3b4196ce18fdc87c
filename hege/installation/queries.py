"""What is looked at of an installation beyond Django's own checks: is it fit for an office's work today?"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from hege.installation.rights import may_read_what_was_migrated, rights_findings
from hege.installation.rules import Finding, State, told
from hege.kernel.mutability import append_only_models
from hege.kernel.refused import Refused
from hege.kernel.schema import check_not_newer
from hege.people.models import Street
from hege.places.queries import calendar_years
from hege.trail.queries import check_keys_at_hand

LEAST_ROOM = 512 << 20  # bytes free on a disk: some months of a street, and a large file that comes in


def findings(*, today: dt.date) -> Iterator[Finding]:
    """Everything looked at, in the order in which to mend it; stops where the rest would make no sense.

    Every code comes once.
    """
    try:
        connection.ensure_connection()
    except DatabaseError as problem:
        text, mend = _("连不上数据库：%(reason)s"), _("请核对 HEGE_DATABASE_URL，看数据库是否在运行。")
        yield Finding("database", State.MEND, text % {"reason": problem}, mend)
        return
    yield Finding("database", State.OK, _("数据库可以连接（%(kind)s）") % {"kind": connection.display_name})
    yield _data_dir()
    if connection.vendor == "sqlite":
        yield from file_of_its_own(Path(str(connection.settings_dict["NAME"])).absolute())
    else:
        yield _writable()
        yield room_in(Path(tempfile.gettempdir()), least=LEAST_ROOM)
    yield from rights_findings(production=settings.PRODUCTION)
    if not may_read_what_was_migrated():
        return
    newer = _newer_program()
    if newer:
        yield newer
        return
    waiting = _waiting_migrations()
    yield waiting
    if not waiting.ok:
        return
    yield _guards()
    yield _calendar("calendar_this_year", today.year)
    yield _calendar("calendar_next_year", today.year + 1)
    yield from _daily_watch(today)
    yield _translations()
    yield from _proxies()
    yield _seal_key()


def settings_findings() -> Iterator[Finding]:
    """What Django finds in the settings. Its deploy checks count in production only; a clone has no HTTPS and need not."""
    fatal = False
    for message in checks.run_checks(include_deployment_checks=settings.PRODUCTION, databases=["default"]):
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
    yield told("writable", not writable, _("数据库文件可以写入"), bad, mend, said)
    if there.st_uid != os.geteuid():
        bad, mend = _("%(file)s 属于别的账号（%(uid)s）"), _("请把属主改成运行合格的账号。")
        yield Finding("database_file_owner", State.NOTE, bad % said, mend)
    if stat.S_IMODE(there.st_mode) & 0o077:
        bad, mend = _("%(file)s 别的账号也能读（%(mode)s）"), _("请运行 chmod 600 %(file)s。")
        state = State.MEND if settings.PRODUCTION else State.NOTE
        yield Finding("database_file_mode", state, bad % said, mend % said)
    yield room_in(file.parent, least=max(LEAST_ROOM, 2 * there.st_size))  # a copy beside it, and what comes next month


def _data_dir() -> Finding:
    """Attachments and exports are written there, wherever the database is."""
    writable, said = os.access(settings.DATA_DIR, os.W_OK | os.X_OK), {"folder": settings.DATA_DIR}
    bad, mend = _("不能写 %(folder)s"), _("请把它的属主改成运行合格的账号，或用 HEGE_DATA_DIR 换一个文件夹。")
    return told("data_dir", not writable, _("%(folder)s 可以写入"), bad, mend, said)


def room_in(folder: Path, *, least: int) -> Finding:
    """Whether a folder's disk has ``least`` bytes free."""
    free = shutil.disk_usage(folder).free
    good, bad = _("%(folder)s 还有 %(free)s MB 空间"), _("%(folder)s 只剩 %(free)s MB 空间，至少要 %(least)s MB")
    room = {"folder": folder, "free": f"{free >> 20:,}", "least": f"{least >> 20:,}"}
    return told("disk", free < least, good, bad, _("请清理磁盘，否则很快就不能登记。"), room)


def _writable() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        (read_only,) = cursor.fetchone()
    bad, mend = _("数据库只能读：它是备用库，或者设成了只读"), _("请换成主库。")
    return told("writable", read_only != "off", _("数据库可以写入"), bad, mend)


def _newer_program() -> Finding | None:
    try:
        check_not_newer()
    except Refused as refused:
        return Finding("migrations", State.MEND, str(refused), _("请安装更新的版本，或用升级前的备份恢复。"))
    return None


def _waiting_migrations() -> Finding:
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    good, bad = _("数据库结构是最新的"), _("数据库结构不是最新，差 %(n)s 步")
    return told("migrations", waiting, good, bad, _("请运行 hege migrate。"), {"n": waiting})


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


def _calendar(code: str, year: int) -> Finding:
    """What ends near a holiday waits until the State Council's notice of the year is in; it comes in November."""
    waiting = [street.name for street in Street.objects.order_by("code") if not calendar_years(street).get(year)]
    good, bad = _("%(year)s 年的工作日历已确认"), _("%(year)s 年的放假通知尚未录入：%(streets)s")
    mend = _("请管理员在“参数与日历”页贴上通知全文。")
    values = {"year": year, "streets": "、".join(waiting)}
    return told(code, waiting, good, bad, mend, values, state=State.NOTE)


def _daily_watch(today: dt.date) -> Iterator[Finding]:
    """Warnings are as new as the last daily watch; a street nobody watches over looks calm."""
    streets = Street.objects.exclude(daily_watch__kept_on__gte=today).select_related("daily_watch").order_by("code")
    if not streets and not Street.objects.exists():
        return
    late, never = _("%(street)s（上次 %(day)s）"), _("%(street)s（还没有核对过，看不到预警）")
    named = []
    for street in streets:
        kept_on = getattr(getattr(street, "daily_watch", None), "kept_on", None)
        named.append((late if kept_on else never) % {"street": street.name, "day": kept_on})
    good, bad = _("每个街道今天都核对过"), _("今天还没有核对：%(streets)s")
    mend = _("hege serve 开着会自动核对，也可运行 hege daily。")
    yield told("daily_watch", named, good, bad, mend, {"streets": "、".join(named)}, state=State.NOTE)


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
