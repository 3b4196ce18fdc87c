"""Telephones and what is secret stand in full where they are needed and nowhere else; which those are, the table says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.apps import apps
from django.db import models

from hege.kernel import clock
from hege.outbox.models import Message
from hege.outbox.rules import Channel, Event, MessageState
from hege.privacy.rules import HASH, TABLE, PrivacyClass
from tests.integrity.tampering import tamper
from tests.routes import FOR_THE_MACHINE, Route
from tests.web.streets import ELSEWHERE, OF_MEMBERS, OFFICE, Streets, each, opening, told, typical, verb_of

pytestmark = [pytest.mark.once, pytest.mark.pages, pytest.mark.slow]

#: Who is a member is their own affair: how they are called is looked for as a telephone is.
CALLED = ("members.Member", "called")
#: The season's board, where whoever agreed to it stands.
OPTED_IN = "member:board"
#: Where the columns of a model, or one of them, are shown in full: pages by their names. A telephone stands masked
#: everywhere else.
SHOWN: dict[str | tuple[str, str], tuple[str, ...]] = {
    ("members.Member", "phone"): ("members:detail",),
    CALLED: (
        "members:index",
        "members:roles",
        "members:detail",
        "members:amend",
        "members:letter",
        "activities:strikes",
    ),
    "people.Party": ("offices:index", "offices:amend", "alliance:unit"),  # an office is called
    "cases.Reporter": ("reports:shown_reporter",),  # once it was looked up, with a reason on the trail
    "honours.Objector": ("honours:shown_objector",),  # the same
    "mediation.Dossier": ("mediation:file",),
    "mediation.MediationDocument": ("mediation:file",),
    "mediation.MediationRecord": ("mediation:file",),
    "mediation.MediationParty": ("mediation:particulars", "mediation:paper", "mediation:print_paper"),
    "mediation.AgreementDraft": ("mediation:draft",),
}

#: Columns that only some rows may hold.
ONLY: dict[tuple[str, str], dict[str, object]] = {
    ("outbox.Message", "reporter_of"): {"user__isnull": True, "member_of": ""},
    **{
        ("members.Member", name): {"number": 1} for name in ("called", "phone")
    },  # a telephone is one member's of a street
}


def texts() -> Iterator[tuple[str, str]]:
    """The columns of telephones, and of texts that are secret and no hash."""
    for label, rows in TABLE.items():
        for name, found in rows.fields():
            field: Any = apps.get_model(label)._meta.get_field(name)
            words = field.get_internal_type() in ("CharField", "TextField") and not field.choices
            secret = found is PrivacyClass.SECRET and rows.untold.get(name) != HASH
            if words and (secret or name == "phone" or (label, name) == CALLED) and found is not PrivacyClass.PUBLIC:
                yield label, name


class Planted(Streets):
    """Two streets with a token in each column."""

    tokens: ClassVar[dict[tuple[str, str], str]]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        Message.objects.create(
            street=cls.near.cast.street, event=Event.PROGRESS, about="cases.report", about_id="1", reporter_of="x",
            channel=Channel.SMS, state=MessageState.DEAD, at=clock.now(), answer="310000",
        )  # fmt: skip
        tamper("SELECT 1")  # rows that never change do, from here on
        cls.tokens = {}
        for number, (label, name) in enumerate(texts()):
            token = f"139{number:04}5678" if name == "phone" else f"密{number:04}密"
            cls.tokens[label, name] = token
            models.QuerySet(apps.get_model(label)).filter(**ONLY.get((label, name), {})).update(**{name: token})


@each(OFFICE, parts=2)
class Protected(Planted):
    """Every page of a street and every file it hands out, by a role that may open it and by the agent: lists of messages,
    gateways with their dead letters, the trail, jobs and workbooks are among them. Tables, logs, the trail's files and
    copies are gone through by tests/outbox/test_reporter.py, with the number of one reporter, and by
    tests/members/test_contagion.py."""

    def each_page(self, route: Route) -> Iterator[str]:
        for user in map(self.near.cast.of, typical(verb_of(route))):
            path = route.path(**self.near.arguments(route, user))
            said = told(self.ask("get", path, user))
            for (label, name), token in self.tokens.items():
                if token in said and route.name not in (*SHOWN.get(label, ()), *SHOWN.get((label, name), ())):
                    yield f"{user} reads {label}.{name}"


@each([*OF_MEMBERS, *ELSEWHERE])
class ProtectedFromMembers(Planted):
    """The same of what members and everybody may open: another member of the street, and who is let in nowhere."""

    def each_page(self, route: Route) -> Iterator[str]:
        if route.name.startswith(FOR_THE_MACHINE):
            return
        reader = self.far.rider if opening(route).member else None
        path = route.path(**(self.far if reader else self.near).arguments(route, reader))
        said = told(self.ask("get", path, reader))
        for label, name in [CALLED, ("members.Member", "phone"), ("members.JoinCode", "phone")]:
            if self.tokens[label, name] in said and route.name != OPTED_IN:
                yield f"{reader or 'anybody'} reads {label}.{name}"


def test_the_columns_are_those_of_the_table():
    some = {("people.Party", "phone"), ("cases.Reporter", "phone"), ("mediation.MediationRecord", "text")}
    assert some < {*texts()}
    assert {*texts(), *(label for label, _name in texts())} >= SHOWN.keys()
