"""Tickets for a rush: who gets them, what they open, and that no real street gives any."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.integrity.queries import faults
from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.members.models import Consent, Member, MemberDevice
from hege.procedures.actions import keep_watch
from hege.stories.demo import HUAXIN
from hege.stories.street import Stage, set_stage
from hege.stories.tickets import TILLS, make_tickets
from hege.vouchers.models import Batch, Merchant, Till
from tests.cast import Cast
from tests.rush import Answer, Phone

pytestmark = pytest.mark.django_db
ON = dt.date(2025, 12, 18)


def staged(on: dt.date) -> Stage:
    stage = set_stage(
        code=HUAXIN, name="华新镇", grid="华新综合网格", residence="华强居委", block="第一街区", premises="沿街", since=on - DAY,
        years=[on.year],
    )  # fmt: skip
    keep_watch(stage.street, on=on, by=None, at=at_noon(on))
    return stage


def told(**options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("demo", tickets=5, stock=2, json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


class Inside(Phone):
    """A browser of the test client, with the forms of the rush."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)

    def ask(self, path: str, said: dict[str, str] | None = None) -> Answer:
        answer = self.client.get(path) if said is None else self.client.post(path, said)
        return Answer(answer.status_code, answer.content.decode(), answer.headers.get("Location", ""))


def test_each_link_opens_one_browser_or_till_and_vouchers_go_to_as_many_as_there_are():
    staged(clock.today())
    found = told()
    assert (len(found["members"]), len(found["tills"]), found["stock"]) == (5, TILLS, 2)
    vouchers, claim = f"/m/{HUAXIN}/vouchers/", found["claim"].removeprefix("http://127.0.0.1:8000")
    forms = {phone: phone.form(vouchers, claim) for phone in (Inside().opened_by(link) for link in found["members"])}
    assert [phone.ask(claim, said).status for phone, said in forms.items()] == [302, 302, 422, 422, 422]
    assert Batch.objects.get(public_id=found["batch"]).claimed == 2
    till = Inside().opened_by(found["tills"][0])
    assert till.ask(f"/t/{HUAXIN}/").status == 200
    assert (MemberDevice.objects.count(), Till.objects.exclude(token_hash="").count()) == (5, 1)
    with pytest.raises(AssertionError):
        Inside().opened_by(found["tills"][0])


def test_tickets_are_given_again_beside_those_of_before():
    stage = staged(ON)
    first, second = (make_tickets(stage.street, n, at=at_noon(ON)) for n in (3, 4))
    assert [*Member.objects.order_by("number").values_list("number", flat=True)] == [*range(1, 8)]
    assert not {*first.cards, *first.tills} & {*second.cards, *second.tills}
    assert first.batch != second.batch
    assert (Merchant.objects.count(), Till.objects.count(), Consent.objects.count()) == (1, 2 * TILLS, 0)
    assert list(faults(stage.street)) == []


def test_a_hundred_members_are_as_many_statements_as_ten():
    stage, asked = staged(ON), []
    for n in (10, 100):
        with CaptureQueriesContext(connection) as statements:
            make_tickets(stage.street, n, at=at_noon(ON))
        asked.append(len(statements))
    assert asked[1] <= asked[0] + 2  # SQLite takes so many values in a statement


@pytest.mark.parametrize("count", [0, -1, 20_001])
def test_none_or_too_many_are_refused(count: int):
    stage = staged(ON)
    with pytest.raises(Refused, match="20000"):
        make_tickets(stage.street, count, at=at_noon(ON))
    assert not Member.objects.exists()


def test_a_real_street_gives_none(cast: Cast):
    with pytest.raises(Refused, match="示例街道"):
        make_tickets(cast.street, 5, at=at_noon(ON))
    with pytest.raises(CommandError, match="示例街道"):
        told(street=cast.street.code)
    with pytest.raises(CommandError, match=HUAXIN):
        told()
    assert not Member.objects.exists()


def test_a_demo_that_is_not_filled_yet_gives_none():
    stage = staged(ON)
    set_stage(
        code="310118110", name="白鹤镇", grid="白鹤综合网格", residence="鹤祥居委", block="第一街区", premises="沿街", since=ON - DAY,
        years=[ON.year], suffix="-baihe",
    )  # fmt: skip
    with pytest.raises(CommandError, match="还没有建完"):
        told(street=stage.street.code)
