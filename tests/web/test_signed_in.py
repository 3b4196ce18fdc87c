"""A session holds for who opened it, while the password is the one it was opened with and the sign-in is not locked."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from hege.cases.models import Report
from hege.people.models import Membership, Role, Session, User
from tests.cast import NOW, Cast, make_cast
from tests.web.office import Office, words

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def asks(office: Office) -> Any:
    return office.client(Role.COORDINATOR).get(office.path("cases:index"))


def has_to_sign_in(answer: Any) -> bool:
    return (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) == (302, "/sign-in/")


def spoiled(client: Client, **values: str | None) -> None:
    """A session in which some values are others, or not there."""
    session = client.session
    for name, value in values.items():
        session.pop(name) if value is None else session.update({name: value})
    session.save()


@pytest.mark.both
def test_a_password_changed_elsewhere_ends_the_session(office: Office):
    assert asks(office).status_code == 200
    user = office.cast.coordinator
    user.set_password("another-street-of-47-shops")
    user.save()
    before = Session.objects.count()
    assert has_to_sign_in(asks(office))
    assert Session.objects.count() == before - 1


def test_who_may_sign_in_no_more_is_let_in_no_more(office: Office):
    User.objects.filter(pk=office.cast.coordinator.pk).update(is_active=False)
    assert has_to_sign_in(asks(office))


@pytest.mark.both
@pytest.mark.parametrize(
    "said",
    [
        {HASH_SESSION_KEY: None},
        {HASH_SESSION_KEY: ""},
        {HASH_SESSION_KEY: "0" * 64},
        {"_auth_user_backend": "elsewhere.Backend"},
        {SESSION_KEY: None},
    ],
    ids=str,
)
def test_a_session_that_is_not_as_the_sign_in_left_it_opens_nothing(office: Office, said: dict[str, str | None]):
    spoiled(office.client(Role.COORDINATOR), **said)
    assert has_to_sign_in(asks(office))


def test_a_session_in_which_another_person_was_written_opens_nothing(office: Office):
    spoiled(office.client(Role.GRID_WORKER), **{SESSION_KEY: str(office.cast.coordinator.pk)})
    assert has_to_sign_in(office.client(Role.GRID_WORKER).get(office.path("cases:index")))


@pytest.mark.both
def test_who_holds_no_post_in_a_street_is_signed_in_and_finds_nothing_there(office: Office, other_street: Any):
    there = make_cast(other_street)
    answer = office.client(Role.COORDINATOR).get(f"/{there.street.code}/cases/")
    assert answer.status_code == 404
    assert there.street.name not in words(answer)
    assert asks(office).status_code == 200


def test_a_post_that_is_over_opens_nothing(office: Office):
    posts = Membership.objects.filter(user=office.cast.coordinator)
    posts.update(until_on=dt.date(2026, 2, 1))
    assert asks(office).status_code == 404


def test_the_page_of_a_street_names_the_post_held_there_and_the_other_street(office: Office, other_cast: Cast):
    Membership.objects.create(
        street=other_cast.street, user=office.cast.coordinator, role=Role.AUDITOR, from_on=dt.date(2026, 1, 1)
    )
    here, there = asks(office), office.client(Role.COORDINATOR).get(f"/{other_cast.street.code}/cases/")
    assert (str(Role.COORDINATOR.label) in words(here), str(Role.AUDITOR.label) in words(there)) == (True, True)
    assert f'href="/{other_cast.street.code}/"' in words(here)
    assert f'href="/{office.cast.street.code}/"' in words(there)


@pytest.mark.both
def test_the_menu_counts_anew_for_each_page_and_by_the_part_of_the_street(office: Office):
    def counted(role: Role) -> list[str]:
        page = words(office.client(role).get(office.path("reports:index")))
        return re.findall(r'href="[^"]*/reports/"[^>]*>.*?<span class="hg-n num">(\d+)</span>', page)[:1]

    before = counted(Role.GRID_WORKER)
    Report.objects.create(street=office.cast.street, kind="patrol", text="漏水。", submitted_at=NOW)
    assert [int(n) for n in counted(Role.GRID_WORKER)] == [int(before[0]) + 1]
    Membership.objects.filter(user=office.cast.grid_worker).update(path="elsewhere/")
    assert counted(Role.GRID_WORKER) == ["0"]
