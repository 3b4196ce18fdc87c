"""The database itself refuses a row that points into another street: every key that the list of models has, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, models
from django.db.transaction import atomic, set_rollback

from hege.billing.models import Share
from hege.kernel.street_keys import Astray, StreetKey, carry, lay_aside, missing, street_keys
from hege.ledger.models import Book
from tests.conftest import ON_POSTGRES
from tests.integrity.tampering import tamper
from tests.template import migrated_file

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.both]

NUMBERS = count(1)
OURS, THEIRS = 1, 2  # streets, and in each table the row of that street
NOWHERE = 900_000
BY_TABLE: dict[str, Any] = {model._meta.db_table: model for model in apps.get_models()}


def value(field: Any) -> Any:
    """What a column takes, another each time."""
    number = next(NUMBERS)
    match field:
        case models.ForeignKey():
            return None if field.null else NOWHERE + number
        case models.BooleanField():
            return False
        case models.DateTimeField():
            return dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=number)
        case models.DateField():
            return dt.date(1990, 1, 1) + dt.timedelta(days=number)
        case models.TimeField():
            return dt.time(number % 24, number // 24 % 60)
        case models.DecimalField():
            return Decimal(1)
        case models.IntegerField():
            return number
        case models.JSONField():
            return "{}"
        case models.BinaryField():
            return b"%d" % number
        case models.GenericIPAddressField():
            return "127.0.0.1"
        case models.UUIDField():
            return f"{number:032x}" if not ON_POSTGRES else f"00000000-0000-0000-0000-{number:012x}"
        case _:
            return f"{number:05}"[-(field.max_length or 9) :]


def planted(model: Any, **said: Any) -> None:
    """A row of a table, by SQL, with its keys as said; other keys point nowhere."""
    values = {f.column: said.get(f.column) or value(f) for f in model._meta.concrete_fields if f.column != "id"}
    values |= {"id": said["id"]}
    with connection.cursor() as cursor:
        names, marks = ", ".join(f'"{name}"' for name in values), ", ".join(["%s"] * len(values))
        cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', list(values.values()))


@pytest.fixture
def two_streets() -> Iterator[None]:
    """In every table that is pointed to a row of one street and a row of another; what rules say of rows is not asked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1" if ON_POSTGRES else "PRAGMA ignore_check_constraints = 1")
    with atomic(), connection.cursor() as cursor:
        if ON_POSTGRES:
            cursor.execute(
                "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint"
                " WHERE contype IN ('c', 'x') AND connamespace = 'public'::regnamespace"
                " LOOP EXECUTE 'ALTER TABLE ' || c.t || ' DROP CONSTRAINT ' || quote_ident(c.conname); END LOOP; END $$"
            )
            cursor.execute("SET LOCAL session_replication_role = replica")
        lay_aside(connection)
        for table in sorted({key.parent for key in street_keys()}):
            planted(BY_TABLE[table], id=OURS, street_id=OURS)
            planted(BY_TABLE[table], id=THEIRS, street_id=THEIRS)
        if ON_POSTGRES:
            cursor.execute("SET LOCAL session_replication_role = origin")
        assert carry(connection) == []
        yield
        set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1" if ON_POSTGRES else "PRAGMA ignore_check_constraints = 0")


def arrives(keys: list[StreetKey], astray: StreetKey | None) -> bool:
    """Whether a row comes into a table whose keys all point into its street, but this one."""
    table, model = keys[0].table, BY_TABLE[keys[0].table]
    said = {key.column: OURS for key in keys if astray is None or not field_of(key).null}
    try:
        with atomic(), connection.cursor() as cursor:
            planted(model, id=3, street_id=OURS, **said | ({astray.column: THEIRS} if astray else {}))
            if ON_POSTGRES:  # else they are asked when the transaction ends
                cursor.execute(f"SET CONSTRAINTS {', '.join(key.name for key in keys)} IMMEDIATE")
            set_rollback(True)
    except IntegrityError as refusal:
        by_this = astray and (astray.name if ON_POSTGRES else f"of another street: {table}.{astray.column}")
        if not by_this or by_this not in str(refusal):
            raise
        return False
    return True


def field_of(key: StreetKey) -> Any:
    return next(f for f in BY_TABLE[key.table]._meta.concrete_fields if f.column == key.column)


# -- every key -----------------------------------------------------------------------------------------------------------


def walked() -> set[tuple[str, str, str]]:
    """Table, column and parent of each key between models that have a street."""
    return {
        (table, field.column, field.related_model._meta.db_table)
        for table, model in BY_TABLE.items()
        for field in model._meta.concrete_fields
        if field.is_relation and hasattr(model, "street_id") and hasattr(field.related_model, "street_id")
    }


def test_every_key_between_tables_of_streets_is_in_the_database():
    """Of a model of a later migration too: `hege migrate` makes it."""
    with connection.cursor() as cursor:
        if ON_POSTGRES:
            cursor.execute(
                "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
            )
            said = "FOREIGN KEY (street_id, {}) REFERENCES {}(street_id, id) DEFERRABLE INITIALLY DEFERRED"
        else:
            cursor.execute(
                "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%AFTER INSERT%'"
            )
            said = "WHERE NEW.{0} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {1} WHERE id = NEW.{0} AND street_id = NEW.street_id)"
        found = cursor.fetchall()
    keys = walked()
    assert len(keys) >= 240
    bare = [key for key in keys if not any(table == key[0] and said.format(*key[1:]) in text for table, text in found)]
    assert bare == []
    assert missing(connection) == []


def test_a_row_that_points_into_another_street_is_refused_by_each_key(two_streets):
    tables: dict[str, list[StreetKey]] = {}
    for key in street_keys():
        tables.setdefault(key.table, []).append(key)
    assert [table for table, keys in tables.items() if not arrives(keys, None)] == []
    assert [key for keys in tables.values() for key in keys if arrives(keys, key)] == []


# -- a change ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_book SET street_id = {other} WHERE id = {book}",
        "UPDATE metering_supplypoint SET book_id = {theirs} WHERE book_id = {book}",
        "UPDATE metering_supplypoint SET street_id = {other} WHERE book_id = {book}",
    ],
)
def test_neither_a_row_nor_its_key_goes_to_another_street(row, other_street, sql):
    theirs = Book.objects.create(street=other_street)
    said = sql.format(other=other_street.pk, theirs=theirs.pk, book=row.point.book_id)
    with pytest.raises(IntegrityError), atomic():
        execute_and_check(said)


def execute_and_check(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
    connection.check_constraints()


# -- what is there already -----------------------------------------------------------------------------------------------


@pytest.fixture
def astray(row, other_street) -> Astray:
    """A database of before: without a key, and with a row that it would have refused."""
    theirs = Book.objects.create(street=other_street)
    point = row.point.pk
    lay_aside(connection)
    connection.check_constraints()
    if ON_POSTGRES:
        tamper("ALTER TABLE metering_supplypoint DROP CONSTRAINT metering_supplypoint_book_id_same_street")
    tamper("UPDATE metering_supplypoint SET book_id = %s WHERE id = %s", theirs.pk, point)
    key = StreetKey("metering_supplypoint", "book_id", "ledger_book")
    return Astray(key, point, row.street.pk, theirs.pk, other_street.pk)


def test_a_row_that_is_astray_is_named_its_key_asked_for_again_and_the_others_are_made(astray, row):
    mine = Book.objects.create(street=row.street).pk
    connection.check_constraints()
    assert carry(connection) == [astray]
    assert astray.key in missing(connection)
    if ON_POSTGRES:
        assert missing(connection) == [astray.key]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE metering_supplypoint SET book_id = %s WHERE id = %s", [mine, astray.row])
    connection.check_constraints()
    assert carry(connection) == []
    assert missing(connection) == []


def test_migrating_names_it_in_words(astray, monkeypatch):
    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", lambda *_words, **_said: None)
    with pytest.raises(CommandError) as refused:
        call_command("migrate")
    assert "metering_supplypoint 第" in str(refused.value)


# -- each database by itself, and migrations to come ----------------------------------------------------------------------

if ON_POSTGRES:

    def test_no_key_is_asked_twice_and_no_parent_has_two_indexes_of_its_street():
        keys, names = street_keys(), [key.name for key in street_keys()]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tablename, substring(indexdef FROM 'USING .*'), indexdef LIKE '% UNIQUE %' FROM pg_indexes"
            )
            indexes = set(cursor.fetchall())
            constraints = {
                (table, *rule["columns"])
                for table in {key.table for key in keys}
                for rule in connection.introspection.get_constraints(cursor, table).values()
                if rule["foreign_key"] and len(rule["columns"]) == 1
            }
        assert [key for key in keys if (key.table, key.column) in constraints] == []
        assert [k.parent for k in keys if (k.parent, "USING btree (street_id, id)", True) not in indexes] == []
        assert [k.parent for k in keys if (k.parent, "USING btree (street_id)", False) in indexes] == []
        assert (max(map(len, names)) <= 63, len(set(names))) == (True, len(names))  # PostgreSQL cuts longer ones off

    def test_djangos_steps_on_a_column_find_their_way_without_its_own_key():
        """A key that is changed, and one that comes by a migration, are made such as carry the street; columns and tables go."""
        tenancy, key = Share._meta.get_field("tenancy"), StreetKey("billing_share", "tenancy_id", "places_tenancy")
        required = tenancy.clone()
        required.set_attributes_from_name("tenancy")
        required.model, required.remote_field.model, required.null = Share, tenancy.related_model, False
        with connection.schema_editor() as editor:
            editor.alter_field(Share, tenancy, required)
            editor.alter_field(Share, required, tenancy)
        assert missing(connection) == []
        with connection.schema_editor() as editor:
            editor.remove_field(Share, tenancy)
        assert missing(connection) == [key]
        with connection.schema_editor() as editor:
            editor.add_field(Share, tenancy)
        assert (carry(connection), missing(connection)) == ([], [])
        test_no_key_is_asked_twice_and_no_parent_has_two_indexes_of_its_street()
        with connection.schema_editor() as editor:
            editor.delete_model(Share)
        assert {found.table for found in missing(connection)} == {"billing_share"}
        assert carry(connection) == []

else:

    def test_a_table_that_triggers_speak_of_is_made_anew_and_they_come_back(tmp_path):
        other: Any = connection.copy()
        other.settings_dict["NAME"] = str(migrated_file(tmp_path / "anew.sqlite3"))
        try:
            lay_aside(other)
            with other.schema_editor() as editor:
                editor._remake_table(Book)
            assert StreetKey("ledger_event", "book_id", "ledger_book") in missing(other)
            assert carry(other) == []
            assert missing(other) == []
        finally:
            other.close()
