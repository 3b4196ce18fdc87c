"""What files teach: whose a word on a paper is, which column is which. Of one street, shown on a page, changed and
forgotten there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from hege.imports.columns import ColumnMapping, Memory, as_json, headings_digest, sender_of
from hege.imports.layouts import Layout
from hege.imports.models import NameSort, RememberedMapping, RememberedName
from hege.imports.queries import each_in
from hege.imports.rules import Table
from hege.kernel.checks import check_same_street
from hege.kernel.database import atomic
from hege.kernel.spelling import fold
from hege.metering.models import SupplyPoint
from hege.people.models import Party, Street, User
from hege.places.models import Tenancy
from hege.trail import actions as trail


class Lesson(NamedTuple):
    """A word as it stands on a paper, and whose it is: a tenant's, a meter's, an agent's."""

    sort: NameSort
    word: str
    tenancy: Tenancy | None = None
    point: SupplyPoint | None = None
    party: Party | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What all spellings of it have in common."""
        return self.sort.value, fold(self.word)

    def as_told(self) -> list[str]:
        """For the trail: the sort, the word, the public name of what it belongs to."""
        whose = self.tenancy.unit.code if self.tenancy else self.point.code if self.point else ""
        return [self.sort.value, self.word, whose or (self.party.public_id if self.party else "")]


@atomic
def learn_names(
    street: Street, lessons: Iterable[Lesson], *, file_name: str, by: User | None, at: dt.datetime
) -> list[RememberedName]:
    """Remember whose some words are (记住); the last word on one counts, and what is known already says nothing.

    A few queries however many there are. Answers what is new or changed.
    """
    wanted = {lesson.key: lesson for lesson in lessons if lesson.word.strip()}
    for lesson in wanted.values():
        check_same_street(street.pk, lesson.tenancy, lesson.point, lesson.party)
    there = RememberedName.objects.select_for_update().filter(street=street)
    found = each_in(lambda some: there.filter(folded__in=some), (key[1] for key in wanted))
    known = {(name.sort, name.folded): name for name in found}
    new: list[RememberedName] = []
    changed: list[RememberedName] = []
    for key, lesson in wanted.items():
        name = known.get(key) or RememberedName(street=street, sort=key[0], folded=key[1])
        ends = (lesson.tenancy, lesson.point, lesson.party)
        ids = tuple(end.pk if end else None for end in ends)
        if name.pk and ids == (name.tenancy_id, name.point_id, name.party_id):
            continue
        name.tenancy, name.point, name.party = ends
        name.shown, name.file_name, name.by, name.at = lesson.word, file_name[-200:], by, at
        (changed if name.pk else new).append(name)
    made = RememberedName.objects.bulk_create(new)
    RememberedName.objects.bulk_update(changed, ["tenancy", "point", "party", "shown", "file_name", "by", "at"])
    if told := [*made, *changed]:
        names = [wanted[name.sort, name.folded].as_told() for name in told]
        trail.record("learn_names", told[0], street=street, by=by, at=at, names=names)
    return told


def learn_name(
    street: Street, lesson: Lesson, *, file_name: str = "", by: User | None, at: dt.datetime
) -> RememberedName | None:
    """Remember whose one word is; None where that is known."""
    told = learn_names(street, [lesson], file_name=file_name, by=by, at=at)
    return told[0] if told else None


@atomic
def forget_name(name: RememberedName, *, by: User | None, at: dt.datetime) -> None:
    """Forget whose a word is (忘掉); what was booked by it stays booked."""
    trail.record("forget_name", name, by=by, at=at, sort=name.sort, word=name.shown)
    name.delete()


def remember_mapping(
    street: Street,
    layout: Layout,
    table: Table,
    mapping: ColumnMapping,
    *,
    file_name: str,
    by: User | None,
    at: dt.datetime,
) -> RememberedMapping:
    """Remember what the columns of a sender's files of a kind are (记住对列办法): proposed again for equal headings."""
    said = as_json(layout, table.header, mapping)
    headings = headings_digest(table.header)
    memory = Memory(mapping.kind, sender_of(table), headings, said["columns"], said["constants"], file_name[-200:], at)
    return keep_mapping(street, memory, by=by, at=at)


@atomic
def keep_mapping(street: Street, memory: Memory, *, by: User | None, at: dt.datetime) -> RememberedMapping:
    """Keep a mapping as it is said now (改对列办法); of equal sender, kind and headings there is one. What is known already
    says nothing.
    """
    of: dict[str, Any] = {"kind": memory.kind.value, "sender": memory.sender, "headings": memory.headings}
    said = {"columns": dict(memory.columns), "constants": dict(memory.constants)}
    known = RememberedMapping.objects.filter(street=street, **of).first()
    if known is not None and {"columns": known.columns, "constants": known.constants} == said:
        return known
    told = {**said, "file_name": memory.file_name, "by": by, "at": at}
    kept, _new = RememberedMapping.objects.update_or_create(street=street, **of, defaults=told)
    said["columns"] = {head: word for head, word in said["columns"].items() if word}
    named = {"kind": of["kind"], "sender": of["sender"], **said}
    trail.record("remember_mapping", kept, street=street, by=by, at=at, **named)
    return kept


@atomic
def forget_mapping(mapping: RememberedMapping, *, by: User | None, at: dt.datetime) -> None:
    """Forget what columns were said to be (忘掉对列办法); what was booked by it stays booked."""
    trail.record("forget_mapping", mapping, by=by, at=at, kind=mapping.kind, sender=mapping.sender)
    mapping.delete()
