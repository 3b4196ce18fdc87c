"""Telephones and what is secret stand in full where they are needed and nowhere else; which those are, the table says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar
from unittest.mock import patch

import pytest
from django.apps import apps
from django.db import models

from hege.cases.reports.actions import begin_verifying, verify_report
from hege.kernel import clock
from hege.members.models import Consent, Member
from hege.members.rules import ConsentKind
from hege.outbox.models import Message
from hege.outbox.rules import Channel, Event, MessageState
from hege.people.models import Role
from hege.privacy.rules import HASH, TABLE, PrivacyClass
from hege.programme.deeds.models import Deed
from hege.web.access import MAY
from tests.integrity.tampering import tamper
from tests.routes import FOR_THE_MACHINE, Route
from tests.web.streets import (
    ELSEWHERE,
    OF_MEMBERS,
    OF_TILLS,
    OFFICE,
    Reader,
    Streets,
    each,
    opening,
    told,
    typical,
    undone,
    verb_of,
)
from tests.web.test_matrix import FRESH

pytestmark = [pytest.mark.once, pytest.mark.pages, pytest.mark.slow]

#: Who is a member is their own affair: how they are called is looked for as a telephone is.
CALLED = ("members.Member", "called")
#: Where whoever agreed to it stands by name: the season's board, thanks in publicity and given.
OPTED_IN = ("member:board", "letters:publicity", "letters:letter", "letters:print")
#: Where the columns of a model, or one of them, are shown in full: pages by their names. A telephone stands masked
#: everywhere else.
SHOWN: dict[str | tuple[str, str], tuple[str, ...]] = {
    ("members.Member", "phone"): ("members:detail",),
    CALLED: (
        "members:index",
        "members:roles",
        "members:detail",
        "members:amend",
        "thanks:index",
        "thanks:detail",
        "members:letter",
        "activities:strikes",
        "vouchers:detail",  # who holds one
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

#: What no other member reads, and nobody else.
THEIRS = [CALLED, ("members.Member", "phone"), ("members.JoinCode", "phone")]

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
        said, unsaid = told(self.ask("get", path, reader)), ""
        if route.name in OPTED_IN:  # until they take that back
            with undone():
                Consent.objects.bulk_create(
                    Consent(street=one.street, member=one, kind=kind, given=False, wording="", at=clock.now())
                    for one in Member.objects.filter(number=1) for kind in ConsentKind
                )  # fmt: skip
                unsaid = told(self.client_of(reader).get(path))
        for column in THEIRS:
            page = unsaid if column == CALLED and route.name in OPTED_IN else said
            if self.tokens[column] in page:
                yield f"{reader or 'anybody'} reads {column}"


class Told(Streets):
    """Two streets in which a member's report was found true: who else it might have been is a third member."""

    deed: ClassVar[Deed]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.deed = Deed.objects.select_related("report").get(member=cls.near.rider)
        by: dict[str, Any] = {"by": cls.near.cast.grid_worker, "at": clock.now()}
        verify_report(begin_verifying(cls.deed.report, **by), finding="属实", **by)

    def changes(self, route: Route, reader: Reader, arguments: dict[str, str]) -> str:
        """Where the page of this report, or what is told of it, changes with who sent it."""
        path = route.path(
            **{**arguments, **({"report_id": self.deed.report.public_id} if "report_id" in arguments else {})}
        )
        now = clock.now()
        with patch("hege.kernel.clock.now", lambda: now):  # codes move on while pages are drawn
            first = self.ask("get", path, reader)
            with undone():
                Deed.objects.filter(pk=self.deed.pk).update(member=self.near.evenings.entry.member)
                second = self.client_of(reader).get(path)
        words = first.headers.get("Content-Type", "").startswith("text/")
        return f"{path} changes with who reported" if words and lasting(first) != lasting(second) else ""


def lasting(answer: Any) -> str:
    """All that an answer tells, but for tokens and what was signed to the second."""
    return re.sub(r'value="[^"]*:[\w-]+:[\w-]{20,}"', "", FRESH.sub("", told(answer)))


@each(OFFICE, parts=2)
class UntoldToTheOffice(Told):
    """No page of the office changes with which member reported, be it for who verifies or for who audits."""

    def each_page(self, route: Route) -> Iterator[str]:
        verb = verb_of(route)
        for role in dict.fromkeys([*typical(verb), *({Role.AUDITOR} & MAY[verb])]):
            user = self.near.cast.of(role)
            if wrong := self.changes(route, user, self.near.arguments(route, user)):
                yield f"{role.value}: {wrong}"


@each([*OF_MEMBERS, *OF_TILLS, *ELSEWHERE])
class UntoldToOthers(Told):
    """Nor does one that another member, a shop or everybody may open."""

    def each_page(self, route: Route) -> Iterator[str]:
        if route.name.startswith(FOR_THE_MACHINE):
            return
        marked = opening(route)
        reader: Reader = self.far.rider if marked.member else self.far.till if marked.till else None
        if wrong := self.changes(route, reader, (self.far if reader else self.near).arguments(route, reader)):
            yield wrong


def test_the_columns_are_those_of_the_table():
    some = {("people.Party", "phone"), ("cases.Reporter", "phone"), ("mediation.MediationRecord", "text")}
    assert some < {*texts()}
    assert {*texts(), *(label for label, _name in texts())} >= SHOWN.keys()
