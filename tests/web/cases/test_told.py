"""告知了谁: a case says who was told of it, when, by what, and how far that came; of who reported it says nothing."""

from __future__ import annotations

import pytest

from hege.cases.models import Case
from hege.cases.reports.actions import reject_report, submit_report
from hege.cases.rules import ReportKind
from hege.cases.tasks.actions import add_task
from hege.kernel import clock
from hege.outbox.actions import set_gateway, set_wish
from hege.outbox.models import Message
from hege.outbox.queries import told_about
from hege.outbox.rules import Channel, Event, MessageState
from hege.people.models import Role
from tests.cast import NOW
from tests.web.office import Office

pytestmark = pytest.mark.django_db
PHONE, MAIL = "13812345678", "clerk@example.cn"


@pytest.fixture
def case(office: Office) -> Case:
    """A case of which the clerk was told by every channel there is, each message come as far as another."""
    cast, now = office.cast, clock.now()
    addresses = {
        Channel.MAIL: "hege@example.cn",
        Channel.SMS: "http://127.0.0.1:9/",
        Channel.WECOM: "http://127.0.0.1:9/",
    }
    for channel, address in addresses.items():
        set_gateway(cast.street, channel=channel, address=address, by=cast.administrator, at=NOW)
    set_wish(cast.clerk, channels=list(addresses), mail=MAIL, phone=PHONE, by=cast.clerk, at=NOW)
    add_task(office.things.case, party=cast.office, title="装分表", days=5, by=cast.coordinator, at=now)
    states = (MessageState.PERHAPS_TWICE, MessageState.DEAD)
    for channel, state in zip((Channel.MAIL, Channel.SMS), states, strict=True):
        Message.objects.filter(channel=channel).update(state=state, answer="310000")
    return office.things.case


def card(office: Office, case: Case) -> str:
    return (
        office.get(Role.COORDINATOR, "cases:detail", case.public_id)
        .partition('id="told"')[2]
        .partition("</section>")[0]
    )


def test_who_was_told_by_what_and_how_far_it_came_without_any_address(office: Office, case: Case):
    said = card(office, case)
    for word in (
        Event.TASK_GIVEN.label,
        office.cast.clerk.full_name,
        "邮件 · 已送达，可能两次",
        "短信 · 没送到",
        "企业微信群机器人 · 待发",
    ):
        assert str(word) in said, word
    assert not [word for word in (PHONE, MAIL, "310000") if word in said]


def test_whoever_reported_is_not_among_them(office: Office, case: Case):
    before, now = card(office, case), clock.now()
    said = {"text": "水费涨了", "reporter_name": "王", "reporter_phone": "13900000047"}
    report = submit_report(office.cast.street, kind=ReportKind.SHOP, by=None, at=now, **said)  # type: ignore[arg-type]
    reject_report(report, reason="不属本街道", by=office.cast.coordinator, at=now)
    told = Message.objects.filter(user__isnull=True)
    assert told.update(number=case.number, about="cases.task") == 1  # as near to the case as it could come
    assert card(office, case) == before
    assert str(Event.PROGRESS.label) not in before


def test_a_case_asks_once_for_what_was_told_and_an_agreement_of_the_same_number_is_none_of_it(
    office: Office, case: Case, django_assert_num_queries: object
):
    Message.objects.filter(channel=Channel.WECOM).update(about="mediation.agreement")
    with django_assert_num_queries(1):  # type: ignore[operator]
        rows = told_about(case.street, case.number, "cases.task", "conferences.decision", most=100)
        assert {row.channel for row in rows if row.user} == {Channel.BELL, Channel.MAIL, Channel.SMS}
