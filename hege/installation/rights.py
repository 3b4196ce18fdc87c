"""What the site's own user may do in a PostgreSQL database: all it needs, and nothing that changes history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from hege.installation.rules import Finding, State, told
from hege.kernel.database import atomic, connection
from hege.kernel.mutability import append_only_models

TABLE_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
SEQUENCE_RIGHTS = ("USAGE", "SELECT")  # the second is for a copy of everything
#: What the owner gives the site of each table to come; `hege migrate` gives the rest of what it needs.
AT_FIRST = {"r": ("SELECT", "INSERT"), "S": SEQUENCE_RIGHTS}
MIGRATIONS = "django_migrations"
SOME = 12  # are named; more would bury the mend


def wanted_rights() -> dict[str, tuple[str, ...]]:
    """What the site needs of each table: of history to read it and to add to it, of what was migrated to read it."""
    history = {model._meta.db_table for model in append_only_models()}
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return {MIGRATIONS: ("SELECT",)} | {name: TABLE_RIGHTS[: 2 if name in history else 4] for name in sorted(tables)}


def rights_findings(*, production: bool) -> Iterator[Finding]:
    """What the site's user lacks, table by table; and, in production, what it has that it should not have."""
    if connection.vendor != "postgresql":
        return
    missing = list(_missing())
    named = _("、").join(missing[:SOME]) + (_(" 等 %(n)s 项") % {"n": len(missing)} if len(missing) > SOME else "")
    values = {"user": _current_user(), "missing": named}
    good, bad = _("网站的数据库用户 %(user)s 权限齐全"), _("网站的数据库用户 %(user)s 缺权限：%(missing)s")
    mend = _("请用表的属主运行 hege migrate；还缺，就由数据库管理员再运行一遍 packaging/postgresql/roles.sql。")
    yield told("database_rights", missing, good, bad, mend, values)
    if production:
        good, bad = _("网站的数据库用户改不了历史，也关不掉保护"), _("网站的数据库用户权限过大：%(more)s")
        mend = _("请让另一个用户拥有表：见 packaging/postgresql/roles.sql，再用属主运行 hege migrate。")
        more = list(_too_much())
        yield told("database_user", more, good, bad, mend, {"more": _("、").join(more)}, state=State.NOTE)


def may_read_what_was_migrated() -> bool:
    """Whether this user sees the tables at all: else nothing more can be looked at."""
    if connection.vendor != "postgresql":
        return True
    rights = {table: rights for table, _owner, *rights in _tables()}
    return _may_see_the_schema() and (MIGRATIONS not in rights or rights[MIGRATIONS][0])


def _missing() -> Iterator[str]:
    if not _may_see_the_schema():
        yield _("架构 public 的 USAGE")
    wanted, owners = wanted_rights(), set[str]()
    for table, owner, *rights in _tables():
        if table in wanted:
            owners.add(owner)
            lacks = [name for name, has in zip(TABLE_RIGHTS, rights, strict=True) if name in wanted[table] and not has]
            if lacks:
                yield _("表 %(name)s 的 %(rights)s") % {"name": table, "rights": _("、").join(lacks)}
    for name, *rights in _asked(
        "SELECT relname, has_sequence_privilege(oid, 'USAGE'), has_sequence_privilege(oid, 'SELECT') FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY relname"
    ):
        lacks = [right for right, has in zip(SEQUENCE_RIGHTS, rights, strict=True) if not has]
        if lacks:
            yield _("序列 %(name)s 的 %(rights)s") % {"name": name, "rights": _("、").join(lacks)}
    for owner in sorted(owners - {_current_user()}):
        yield from _missing_to_come(owner)


def _missing_to_come(owner: str) -> Iterator[str]:
    """What an upgrade or a restored copy would not give: the owner's default privileges."""
    given = _asked(
        "SELECT d.defaclobjtype::text, a.privilege_type FROM pg_default_acl d, aclexplode(d.defaclacl) a"
        " WHERE pg_get_userbyid(d.defaclrole) = %s AND pg_get_userbyid(a.grantee) = current_user"
        " AND d.defaclnamespace IN (0, 'public'::regnamespace)",
        owner,
    )
    names = {"r": _("属主 %(owner)s 以后新建的表的 %(rights)s"), "S": _("属主 %(owner)s 以后新建的序列的 %(rights)s")}
    for kind, rights in AT_FIRST.items():
        lacks = [right for right in rights if (kind, right) not in given]
        if lacks:
            yield names[kind] % {"owner": owner, "rights": _("、").join(lacks)}


def _too_much() -> Iterator[str]:
    (superuser,) = _asked("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")[0]
    if superuser:
        yield _("它是数据库的超级用户")
    mine = [table for table, owner, *_rights in _tables() if owner == _current_user()]
    if mine:
        yield _("它拥有 %(n)s 张表，因而能关掉保护") % {"n": len(mine)}
    if superuser:
        return
    if _asked("SELECT has_schema_privilege('public', 'CREATE')")[0][0]:
        yield _("它能在架构 public 里建表")
    others = sorted({owner for _table, owner, *_rights in _tables()} - {_current_user()})
    heir = (
        others and _asked("SELECT bool_or(pg_has_role(name, 'MEMBER')) FROM unnest(%s::name[]) AS name", others)[0][0]
    )
    if heir:
        yield _("它能变成表的属主 %(owners)s") % {"owners": _("、").join(others)}
    yield from () if heir else _rights_beyond(wanted_rights(), but=mine)


def _rights_beyond(wanted: dict[str, tuple[str, ...]], *, but: list[str]) -> Iterator[str]:
    """What of a table the site does not need: above all to change history."""
    for table, _owner, *rights in _tables():
        more = [
            name for name, has in zip(TABLE_RIGHTS, rights, strict=True) if has and name not in wanted.get(table, ())
        ]
        if more and table in wanted and table not in but:
            yield _("表 %(name)s 的 %(rights)s") % {"name": table, "rights": _("、").join(more)}


def give_the_site_its_rights() -> list[str]:
    """As the owner: give each user whom the owner's default privileges name (``roles.sql``) what the site needs of each
    table, and take back what is more. Who got it; nobody where this user owns no tables for another."""
    if connection.vendor != "postgresql":
        return []
    users = [row[0] for row in _asked(
        "SELECT DISTINCT a.grantee::regrole::text FROM pg_default_acl d, aclexplode(d.defaclacl) a"
        " WHERE d.defaclrole = current_user::regrole AND d.defaclobjtype = 'r' AND a.grantee NOT IN (0, d.defaclrole)"
        " ORDER BY 1"
    )]  # fmt: skip
    mine = {table for table, owner, *_rights in _tables() if owner == _current_user()}
    quote = connection.ops.quote_name
    with atomic(), connection.cursor() as cursor:
        for user in users:
            for table, rights in wanted_rights().items():
                if table in mine:
                    cursor.execute(f"REVOKE ALL ON {quote(table)} FROM {user}")
                    cursor.execute(f"GRANT {', '.join(rights)} ON {quote(table)} TO {user}")
            cursor.execute(f"GRANT {', '.join(SEQUENCE_RIGHTS)} ON ALL SEQUENCES IN SCHEMA public TO {user}")
    return users


# -- asking PostgreSQL ---------------------------------------------------------------------------------------------------


def _asked(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [tuple(row) for row in cursor.fetchall()]


def _may_see_the_schema() -> bool:
    return bool(_asked("SELECT has_schema_privilege('public', 'USAGE')")[0][0])


def _current_user() -> str:
    return str(_asked("SELECT current_user")[0][0])


def _tables() -> list[tuple[str, str, bool, bool, bool, bool, bool]]:
    """Every table, its owner, and which of ``TABLE_RIGHTS`` this user has."""
    rights = ", ".join(f"has_table_privilege(oid, '{name}')" for name in TABLE_RIGHTS)
    return _asked(
        f"SELECT relname, pg_get_userbyid(relowner), {rights} FROM pg_class"  # noqa: S608 - words of our own
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname"
    )
