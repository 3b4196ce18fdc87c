"""What is held on a person: by the table, a token is planted in each field of one person's rows and of another's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.constants import LOOKUP_SEP
from django.db.transaction import atomic, set_rollback

from hege.people.models import Party, Street, User
from hege.privacy.queries import held_on, in_words
from hege.privacy.rules import PROTECTED, TABLE, Subject
from tests.integrity.tampering import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.both]

NUMBERS = count(1)


@pytest.fixture
def _no_rules() -> Iterator[None]:
    """A database that takes any row, until the test is over."""
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = 1" if sqlite else "SELECT 1")
    with atomic():
        if not sqlite:
            tamper(
                "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint"
                " WHERE contype IN ('c', 'x') AND connamespace = 'public'::regnamespace"
                " LOOP EXECUTE 'ALTER TABLE ' || c.t || ' DROP CONSTRAINT ' || quote_ident(c.conname); END LOOP; END $$"
            )
        yield
        set_rollback(True)
    if sqlite:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = 0")


def token(field: Any) -> Any:
    """A value of the field's type that stands nowhere else."""
    number = next(NUMBERS)
    match field.get_internal_type():
        case "DateTimeField":
            return dt.datetime(1960, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=number)
        case "DateField":
            return dt.date(1960, 1, 1) + dt.timedelta(days=number)
        case "TimeField":
            return dt.time(number // 3600 % 24, number // 60 % 60, number % 60)
        case "JSONField":
            return {"said": f"t{number:05}t"}
        case "BinaryField":
            return b"t%05dt" % number
        case "GenericIPAddressField":
            return f"10.9.{number // 256}.{number % 256}"
        case "BooleanField":
            return False
        case "CharField" | "TextField":
            return f"t{number:05}t"[-(field.max_length or 9) :]
    return number % 30_000


def keys_of_relations(model: Any) -> set[str]:
    """The relations that together may point at the same rows once: a token in another column tells none apart."""
    return {
        name
        for rule in model._meta.constraints
        if isinstance(rule, models.UniqueConstraint)
        and all(model._meta.get_field(name).is_relation for name in rule.fields)
        for name in rule.fields
        if name != "street"
    }


class Planter:
    """Plants rows with a token in every column; what a row has to point at else is one row for all."""

    def __init__(self, street: Street) -> None:
        self.common: dict[Any, Any] = {Street: street.pk}

    def row(self, model: Any, **said: Any) -> Any:
        """A row that says this, and a token where it says nothing."""
        values = {
            f.attname: said[f.attname] if f.attname in said else self.value(f) for f in model._meta.concrete_fields
        }
        row = model(**values)
        models.QuerySet(model).bulk_create([row])
        if stamped := {f.attname for f in model._meta.concrete_fields if getattr(f, "auto_now_add", False)}:
            models.QuerySet(model).filter(pk=row.pk).update(**{name: values[name] for name in stamped})
            row = models.QuerySet(model).get(pk=row.pk)
        return row

    def value(self, field: Any) -> Any:
        """What stands in a column of which nothing is said."""
        if field.primary_key and not field.is_relation:
            return next(NUMBERS) + 1_000_000
        if not field.is_relation:
            return token(field)
        if field.null:
            return None
        if field.unique or field.name in keys_of_relations(field.model):
            return self.row(field.related_model).pk
        if field.related_model not in self.common:
            self.common[field.related_model] = self.row(field.related_model).pk
        return self.common[field.related_model]

    def about(self, model: Any, path: str, person: Any, key: str, **said: Any) -> Any:
        """A row from which a path leads to a person, with the rows between."""
        step, _, rest = path.partition(LOOKUP_SEP)
        field = model._meta.get_field(step)
        if not field.concrete:  # the other row points at this one
            row = self.row(model, **said)
            until = {"until_on": None} if not rest else {}
            self.about(field.related_model, rest or "party", person, key, **{field.field.attname: row.pk}, **until)
            return row
        end = self.about(field.related_model, rest, person, key).pk if rest else getattr(person, key)
        return self.row(model, **said, **{field.attname: end})


class Planted(NamedTuple):
    """A person, and what was planted in their rows: what they are to be told, and what is nobody's to know."""

    person: User | Party
    told: dict[str, str]
    untold: dict[str, str]


def planted(planter: Planter, subject: Subject) -> Planted:
    """A person, and a row about them in each way the table knows."""
    found = Planted(planter.row(apps.get_model(subject.value)), {}, {})
    for label, rows in TABLE.items():
        model = apps.get_model(label)
        for about in rows.about:
            if about.subject is not subject:
                continue
            said: dict[str, Any] = dict(about.only) | ({about.during: dt.date(2026, 6, 1)} if about.during else {})
            row = found.person
            if about.path != "pk":
                row = planter.about(model, about.path, found.person, about.key, **said)
            for name in rows.of(*PROTECTED):
                if model._meta.get_field(name).is_relation:
                    continue
                place = found.told if name in about.told.split() else found.untold
                place[f"{label}.{name} by {about.path}"] = in_words(model._meta.get_field(name), getattr(row, name))
    return found


def told(person: User | Party) -> str:
    return "\n".join(words for held in held_on(person) for row in held.rows for words in row.values())


@pytest.mark.usefixtures("_no_rules")
@pytest.mark.parametrize("subject", Subject)
def test_what_is_held_on_a_person_is_told_whole_and_nothing_of_another(subject: Subject, street: Street):
    planter = Planter(street)
    one, another = (planted(planter, subject) for _ in range(2))
    everything = told(one.person)
    assert [place for place, words in one.told.items() if words not in everything] == []
    assert [place for place, words in {**another.told, **another.untold}.items() if words in everything] == []
    assert [place for place, words in one.untold.items() if words in everything] == []
