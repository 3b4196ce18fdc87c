"""What tables a database has, so that two can be compared: columns, constraints and indexes, triggers."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection

#: PostgreSQL spells a list of words another way once it has been dumped and read again.
SPELLING = re.compile(r"::(character varying|text)|\[\]|[()\s]")
TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
}
RULES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE contype IN ('c', 'u') AND connamespace = 'public'::regnamespace"
    " UNION SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


def shape() -> dict[str, Any]:
    """The tables by name. Foreign keys by what they say, for their names are made of the order they came in."""
    with connection.cursor() as cursor:
        tables = {name: _table(cursor, name) for name in connection.introspection.table_names(cursor)}
        cursor.execute(TRIGGERS[connection.vendor])
        triggers = sorted(map(list, cursor.fetchall()))
        cursor.execute(RULES[connection.vendor])
        rules = sorted([name, SPELLING.sub("", text)] for name, text in cursor.fetchall())
    return {"tables": tables, "triggers": triggers, "rules": rules}


def _table(cursor: Any, name: str) -> dict[str, Any]:
    columns = connection.introspection.get_table_description(cursor, name)
    constraints = connection.introspection.get_constraints(cursor, name).items()
    named = {key: sorted(rule["columns"] or []) for key, rule in constraints if rule["check"] and "__" not in key}
    others = [[kind, rule["columns"], rule["foreign_key"]] for _key, rule in constraints for kind in ("unique", "index")
              if rule[kind]]  # fmt: skip
    keys = [[rule["columns"], list(rule["foreign_key"])] for _key, rule in constraints if rule["foreign_key"]]
    return {
        "columns": sorted([c.name, str(c.type_code), bool(c.null_ok)] for c in columns),
        "checks": named,
        "indexes": sorted(others, key=str),
        "keys": sorted(keys, key=str),
    }
