"""消息: the bell counts what one has not looked at; looking is a button; how one is told is one's own business."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from hege.cases.tasks.actions import add_task
from hege.kernel import clock
from hege.outbox.actions import set_gateway, tell
from hege.outbox.models import Message, Wish
from hege.outbox.queries import unread_of
from hege.outbox.rules import Channel, Event, Telling
from hege.people.models import Role
from hege.procedures.actions import keep_watch
from tests.cast import FRAME_QUERIES, NOW
from tests.web.html import Page
from tests.web.office import Office

pytestmark = pytest.mark.django_db
WISH = reverse("account:wish")


def give(office: Office, days: int = 5) -> str:
    """A task for the clerk's office; the number of its case."""
    case = office.things.case
    add_task(case, party=office.cast.office, title="装分表", days=days, by=office.cast.coordinator, at=clock.now())
    return case.number


def bell(office: Office, role: Role) -> str:
    """What stands behind the bell of a page."""
    html = office.get(role, "today:index")
    found = html.partition('class="hg-bell-n num">')[2].partition("<")[0]
    assert f'href="{office.path("messages:index")}"' in html
    return found


def test_a_task_rings_the_bell_of_who_acts_for_the_party_and_nobody_elses(office: Office):
    assert bell(office, Role.CLERK) == ""
    number = give(office)
    assert (bell(office, Role.CLERK), bell(office, Role.CHECKER)) == ("1", "")
    page = office.get(Role.CLERK, "messages:index")
    assert "有任务交办，请签收" in page
    assert number in page
    assert "装分表" not in page  # no word of the matter


def rows_of(page: str) -> list[str]:
    """The lines of the list."""
    return page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]


def test_what_was_told_of_one_matter_is_one_line_that_opens_to_all_of_it(office: Office):
    cast, street = office.cast, office.cast.street
    for n in range(3):
        for number in ("2026-0001", "2026-0002"):
            about = ("cases.task", f"{number} {n}")
            tell(street, [Telling(Event.TASK_DUE, about, number, "/", [cast.clerk.pk])], at=clock.now())
    for thing, number in (("arrears.earlywarning", "ZB-1"), ("people.street", "×4")):
        tell(street, [Telling(Event.WARNING_NEW, (thing, 1), number, "/", [cast.clerk.pk])], at=clock.now())
    several, warned, second, first = rows_of(office.get(Role.CLERK, "messages:index"))
    assert "有新预警 ×4" in several
    assert ("ZB-1" in warned, "更早的" in warned) == (True, False)
    for line, number in ((second, "2026-0002"), (first, "2026-0001")):
        assert (line.count(number), line.count("更早的 2 条"), line.count("3 条没看")) == (1, 1, 1)
        assert line.count("/open/") == 3
    newest, *_earlier = Message.objects.filter(number="2026-0001").order_by("-pk")
    office.client(Role.CLERK).post(office.path("messages:open", newest.public_id))
    assert "2 条没看" in rows_of(office.get(Role.CLERK, "messages:index"))[3]


def test_the_list_of_matters_asks_four_times_however_many_there_are(office: Office, django_assert_max_num_queries: Any):
    cast, street = office.cast, office.cast.street
    for n in range(60):
        telling = Telling(Event.TASK_DUE, ("cases.task", n), f"2026-{n % 30:04}", "/", [cast.clerk.pk])
        tell(street, [telling], at=clock.now())
    client, where = office.client(Role.CLERK), office.path("messages:index")
    with django_assert_max_num_queries(FRAME_QUERIES + 4):
        page = client.get(where).content.decode()
    assert page.count("更早的 1 条") == len(rows_of(page)) == 20


def test_looking_is_a_button_that_goes_to_the_matter_and_a_link_changes_nothing(office: Office):
    give(office)
    message = unread_of(office.cast.clerk, office.cast.street).get()
    where = office.path("messages:open", message.public_id)
    client = office.client(Role.CLERK)
    assert client.get(where).status_code == 405
    assert bell(office, Role.CLERK) == "1"
    answer = client.post(where)
    assert answer.headers["Location"] == message.link
    assert client.get(message.link).status_code == 200
    assert bell(office, Role.CLERK) == ""


def test_anothers_message_does_not_exist(office: Office):
    give(office)
    message = unread_of(office.cast.clerk, office.cast.street).get()
    where = office.path("messages:open", message.public_id)
    assert office.client(Role.COORDINATOR).post(where).status_code == 404
    assert message.public_id not in office.get(Role.COORDINATOR, "messages:index")


def test_all_that_stood_on_the_page_is_read_at_once_and_what_came_after_is_not(office: Office):
    give(office)
    page = Page(office.get(Role.CLERK, "messages:index"))
    (until,) = next(form.values["until"] for form in page.forms if "until" in form.values)
    give(office, days=6)
    office.done(Role.CLERK, "messages:read", until=until)
    assert bell(office, Role.CLERK) == "1"
    answer = office.post(Role.CLERK, "messages:read")
    assert answer.status_code == 302
    assert bell(office, Role.CLERK) == "1"


def test_every_link_of_a_message_opens_for_whom_it_was_told(office: Office):
    give(office)
    for days in (0, 7, 20, 27):
        at = clock.now() + dt.timedelta(days=days)
        keep_watch(office.cast.street, on=clock.day_of(at), by=None, at=at)
    told = Message.objects.filter(channel=Channel.BELL)
    assert len({message.event for message in told}) >= 6
    for role in Role:
        for message in told.filter(user=office.cast.of(role)):
            assert office.client(role).get(message.link).status_code == 200, message


def test_by_what_one_is_told_is_chosen_among_what_the_street_has(office: Office):
    client = office.client(Role.CLERK)
    assert "现在只有站内提醒" in client.get(WISH).content.decode()
    set_gateway(
        office.cast.street, channel=Channel.WECOM, address="http://127.0.0.1:9/", by=office.cast.administrator, at=NOW
    )
    page = client.get(WISH).content.decode()
    assert "企业微信群机器人" in page
    assert "短信" not in page.partition("<form")[2].partition("手机号")[0]
    said = {"channels": ["wecom"], "phone": "138 1234 5678", "quiet_from": "22:00", "quiet_until": "7:00"}
    assert client.post(WISH, said).status_code == 302
    wish = Wish.objects.get(user=office.cast.clerk)
    assert (wish.channels, wish.phone, wish.quiet) == (["wecom"], "13812345678", (dt.time(22), dt.time(7)))
    assert 'value="22:00"' in client.get(WISH).content.decode()
    give(office)
    assert Message.objects.filter(user=office.cast.clerk, channel="wecom").count() == 1


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"phone": "12"}, "请写 11 位手机号。"),
        ({"mail": "nobody"}, "这不是邮件地址，请核对。"),
        ({"quiet_from": "22:00"}, "免打扰的开始和结束要一起写"),
        ({"quiet_from": "25:00", "quiet_until": "7:00"}, "请写时刻"),
        ({"channels": ["sms"], "phone": "13812345678"}, "sms"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(office: Office, said: dict, complaint: str):
    answer = office.client(Role.CLERK).post(WISH, said)
    assert answer.status_code == 422
    assert complaint in answer.content.decode()


def test_a_message_of_another_street_is_not_counted_here(office: Office, other_street):
    tell(other_street, [Telling(Event.WARNING_NEW, ("x", 1), to=[office.cast.clerk.pk])], at=NOW)
    assert bell(office, Role.CLERK) == ""
