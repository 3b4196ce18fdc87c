"""What tells a copy of Hege's from anything else."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hege.kernel.database import connection
from hege.kernel.refused import Refused

#: What every copy of ours holds, whatever its version.
OWN_TABLES = frozenset({"django_migrations", "people_street", "people_user", "trail_trailline"})
#: What ``migrate`` fills in a database that nobody has used yet.
FILLED_BY_MIGRATE = frozenset({"django_migrations", "django_content_type", "auth_permission"})

#: SQLite's full-text index and the tables it is made of: they hold what ``search_entry`` holds, which is asked itself.
INDEX = "search_grams"


def is_empty() -> bool:
    """No table or view at all, or Hege's own alone, without a row that ``migrate`` did not write."""
    with connection.cursor() as cursor:
        named = connection.introspection.table_names(cursor, include_views=True)
        found = {name for name in named if name != INDEX and not name.startswith(f"{INDEX}_")}
        if found - OWN_TABLES - set(connection.introspection.django_table_names(include_views=True)):
            return False
        for table in sorted(found - FILLED_BY_MIGRATE):
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608 - our own names
            if cursor.fetchone():
                return False
    return True


def check_ours(file: Path, tables: set[str]) -> None:
    """``Refused`` where these are not the tables of a copy of ours."""
    missing = ", ".join(sorted(OWN_TABLES - tables))
    if missing:
        raise Refused(_("%(file)s 不是合格的备份：没有 %(tables)s。"), file=file, tables=missing)


def without_street(file: Path) -> Refused:
    """A copy of nothing."""
    return Refused(_("%(file)s 里一个街道也没有，不能用来恢复。"), file=file)
