"""The table of privacy classes, held against the models there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from django.apps import apps
from django.db.models.constants import LOOKUP_SEP

from hege.privacy.queries import field_at, fields_of_models
from hege.privacy.rules import TABLE, WORDS, About, PrivacyClass, class_of, table_faults, word

pytestmark = pytest.mark.once


def ways() -> list[tuple[str, About]]:
    return [(model, about) for model, rows in TABLE.items() for about in rows.about]


def test_every_field_of_every_model_has_one_class_and_says_whom_it_is_told():
    assert list(table_faults(fields_of_models())) == []


def test_a_field_planted_in_a_model_has_no_class():
    planted = fields_of_models()
    planted["people.Party"].append("identity_number")
    assert list(table_faults(planted)) == ["people.Party.identity_number: is in no class"]


def test_a_model_planted_beside_the_others_has_no_class():
    assert list(table_faults({**fields_of_models(), "people.Rider": ["id"]})) == ["people.Rider: is in no class"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"p1": "id street public_id kind inside name"}, "name: is in 2 classes"),
        ({"p2": "name phone mail"}, "mail: there is no such field"),
        ({"about": ()}, "name: is told to whom it is about, or a reason says why not: one of the two"),
    ],
)
def test_a_table_that_says_too_much_or_too_little_is_told_of(change: dict, fault: str):
    table = {**TABLE, "people.Party": replace(TABLE["people.Party"], **change)}
    assert f"people.Party.{fault}" in list(table_faults(fields_of_models(), table))


def test_what_the_law_and_the_office_keep_closest_is_secret():
    secret = [
        ("people.User", "password"), ("people.Session", "session_key"), ("places.UnitLink", "token_hash"),
        ("cases.Reporter", "name"), ("cases.Reporter", "phone"), ("cases.Report", "unit"),
        ("mediation.MediationParty", "identity_number"), ("mediation.AgreementDraft", "account"),
        ("mediation.MediationRecord", "text"),
    ]  # fmt: skip
    assert {class_of(*field) for field in secret} == {PrivacyClass.SECRET}


@pytest.mark.parametrize(("model", "about"), ways(), ids=lambda said: said if isinstance(said, str) else said.path)
def test_a_row_leads_to_whom_it_is_about(model: str, about: About):
    found, subject = apps.get_model(model), apps.get_model(about.subject.value)
    end = field_at(found, f"{about.path}{LOOKUP_SEP}party" if about.during else about.path)
    assert found is subject or not end.is_relation or end.related_model is subject
    assert all(field_at(found, name) for name in [*about.told.split(), *filter(None, [about.during])])


def test_each_way_a_row_is_about_somebody_has_a_name_of_its_own():
    names = Counter((about.subject, str(about.name or TABLE[model].name)) for model, about in ways())
    assert [name for name, n in names.items() if n > 1] == []


def test_what_a_person_is_told_has_a_word_and_no_word_is_idle():
    told = {name for _model, about in ways() for name in about.told.split()}
    assert all(map(word, told))
    assert {*WORDS} - told - {name.rpartition("__")[2] for name in told} == set()
