"""Several cases dispatched at once: what was done is counted, what was left is told with why."""

from __future__ import annotations

import re

import pytest

from hege.cases.actions import dispatch_case, file_case
from hege.cases.models import Case
from hege.cases.rules import CaseState
from hege.kernel import clock
from hege.people.models import Role
from tests.web.office import Office, complaints, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(office: Office) -> list[Case]:
    """Three cases that nobody leads yet."""
    cast, place = office.cast, office.things.place
    return [
        file_case(cast.street, title=f"第 {n} 件", place=place, by=cast.coordinator, at=clock.now()) for n in (1, 2, 3)
    ]


def offered(office: Office) -> dict[str, str]:
    """Each case that waits, by its title, as the form names it."""
    page = office.get(Role.COORDINATOR, "cases:dispatch_all")
    return {title: value for value, title in re.findall(r'value="([a-z0-9]{12}\.\d+)".*?：(第 \d 件)（', page, re.S)}


def test_what_is_ticked_is_dispatched_and_what_somebody_else_changed_meanwhile_is_left_with_why(
    office: Office, waiting: list[Case]
):
    assert "一起派遣" in office.get(Role.COORDINATOR, "cases:index", show="all")
    values, cast = offered(office), office.cast
    dispatch_case(waiting[1], lead=cast.utility, days=3, by=cast.coordinator, at=clock.now())
    sent = {"cases": list(values.values()), "lead": cast.office.pk, "days": 5}
    answer = office.client(Role.COORDINATOR).post(office.path("cases:dispatch_all"), sent)
    assert answer.status_code == 302, complaints(answer)
    page = words(office.client(Role.COORDINATOR).get(answer.headers["Location"]))
    assert "办好 2 件，没办成 1 件：第 2 件：" in page
    assert (
        list(Case.objects.filter(pk__in=[c.pk for c in waiting]).order_by("pk").values_list("state", flat=True))
        == [CaseState.DISPATCHED] * 3
    )
    assert waiting[1].parties.get(until_on__isnull=True).party == cast.utility
    assert offered(office) == {}
    again = office.client(Role.COORDINATOR).post(office.path("cases:dispatch_all"), sent)
    assert again.status_code == 422
    assert len(complaints(again)) == 3


@pytest.mark.parametrize("ticked", [[], ["a" * 12 + ".1"], ["nonsense"]])
def test_none_ticked_and_none_of_theirs_is_refused(office: Office, waiting: list[Case], ticked: list[str]):
    sent = {"cases": ticked, "lead": office.cast.office.pk, "days": 5}
    answer = office.client(Role.COORDINATOR).post(office.path("cases:dispatch_all"), sent)
    assert answer.status_code == 422
    assert not Case.objects.filter(pk__in=[c.pk for c in waiting], state=CaseState.DISPATCHED).exists()
