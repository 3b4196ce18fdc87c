"""Which fields there are to be classed, and what is held on a person (个人信息; Personal Information Protection Law art. 45)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.constants import LOOKUP_SEP
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hege.kernel import clock
from hege.kernel.money import yuan
from hege.kernel.refused import Refused
from hege.kernel.saying import told as said_in_words
from hege.members.models import Member
from hege.people.models import Party, Street, User
from hege.privacy.rules import TABLE, About, Subject, word, word_on_trail
from hege.privacy.trail_words import THINGS, VERBS

#: What a line of the trail carries as proof of rows: digests, which say nothing of anybody.
PROOFS = ("sealed", "stands")
TRAIL_WORDS = {"verb": VERBS, "thing": THINGS}


def our_models() -> Iterator[type[models.Model]]:
    """Every model of ours."""
    return (model for app in apps.get_app_configs() if app.name.startswith("hege.") for model in app.get_models())


def fields_of_models() -> dict[str, list[str]]:
    """The fields of every model of ours, by its label."""
    return {model._meta.label: [f.name for f in model._meta.concrete_fields] for model in our_models()}


def field_at(model: Any, path: str) -> Any:
    """The field at the end of a path; ``FieldDoesNotExist`` where it leads nowhere."""
    *steps, last = path.split(LOOKUP_SEP)
    for name in steps:
        model = model._meta.get_field(name).related_model
    return model._meta.pk if last == "pk" else model._meta.get_field(last)


class Held(NamedTuple):
    """The rows of one model that are about a person: what they are, for what, until when, and what they say, in words."""

    model: str
    name: str | Promise
    why: str | Promise
    kept: Promise
    rows: list[dict[str, str]]
    more: bool


def held_on(person: User | Party | Member, *, most: int | None = None) -> list[Held]:
    """Everything that is held on a person as far as it is theirs to know, the latest rows first; at most so many of a kind.

    One statement for each way a row can be about them. What protects another is not in the table's ``told``.
    """
    subject = Subject(person._meta.label)
    held = []
    for label, rows in TABLE.items():
        for about in rows.about:
            if about.subject is subject and (said := _said(apps.get_model(label), about, person, most)):
                some = said[:most]
                held.append(
                    Held(label, about.name or rows.name, rows.why, rows.kept.words, some, len(said) > len(some))
                )
    return held


def rows_of(held: list[Held]) -> int:
    """How many rows a copy has."""
    return sum(len(one.rows) for one in held)


def rows_about(model: Any, about: About, person: User | Party | Member) -> models.QuerySet[Any]:
    """The rows of a model that are about a person in one way; of a party or a member, those of its street."""
    rows: models.QuerySet[Any] = model._default_manager.all()
    if not isinstance(person, User) and "street" in {field.name for field in model._meta.concrete_fields}:
        rows = rows.filter(street=person.street_id)
    key = getattr(person, about.key)
    if not about.during:
        return rows.filter(**dict(about.only), **{about.path: key})
    day, until = F(about.during), f"{about.path}{LOOKUP_SEP}until_on"
    tenancy = {f"{about.path}{LOOKUP_SEP}party": key, f"{about.path}{LOOKUP_SEP}from_on__lte": day}
    return rows.filter(Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gt": day}), **tenancy)


def _said(model: Any, about: About, person: User | Party | Member, most: int | None) -> list[dict[str, str]]:
    """What each row says, by the word for it; nothing for what is empty."""
    names = about.told.split()
    columns = [(str(word(name)), field_at(model, name)) for name in names]
    rows = rows_about(model, about, person).order_by("-pk").values_list(*names)
    some = rows if most is None else rows[: most + 1]
    told = ([(head, in_words(field, value)) for (head, field), value in zip(columns, row, strict=True)] for row in some)
    return [{head: words for head, words in row if words} for row in told]


def in_words(field: Any, value: Any) -> str:
    """A value of a field as a person reads it: choices by their word, fen as yuan."""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value or ""))
    if field.name.endswith("_fen") and value is not None:
        return yuan(value)
    if field.name in TRAIL_WORDS:
        return str(TRAIL_WORDS[field.name].get(value, value))
    return _plainly(value)


def _plainly(value: Any) -> str:
    """Instants in Shanghai's time; what a line of the trail says by its words, without its proofs."""
    match value:
        case None:
            return ""
        case bool():
            return _("是") if value else _("否")
        case dt.datetime():
            return f"{value.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"
        case list():
            return _("、").join(map(_plainly, value))
        case str():
            return said_in_words(value)
        case dict():
            said = ((word_on_trail(key), _plainly(inner)) for key, inner in value.items() if key not in PROOFS)
            return _("；").join(f"{what}{_('：')}{words}" for what, words in said if words)
    return str(value)


def the_person(username: str) -> User:
    """Somebody who signs in, by that name; ``Refused`` where there is nobody."""
    found = User.objects.filter(username=username).first()
    if found is None:
        raise Refused(_("没有登录名为 %(name)s 的人。"), name=username)
    return found


def the_party(street: Street, named: str) -> Party:
    """A party by its name or number; of several with one name the numbers are said, none is guessed."""
    rows = Party.objects.filter(street=street).select_related("street")
    found = list(rows.filter(Q(name=named) | Q(public_id=named)).order_by("pk"))
    if not found:
        raise Refused(_("街道里没有叫 %(name)s 的当事人或单位。"), name=named)
    if len(found) > 1:
        numbers = "、".join(party.public_id for party in found)
        raise Refused(_("叫 %(name)s 的不止一个，请写编号：%(numbers)s。"), name=named, numbers=numbers)
    return found[0]
