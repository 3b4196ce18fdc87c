"""Messages are told in the act's transaction and go on their way in order, each by one worker."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.transaction import atomic, set_rollback

from hege.cli.work import holder, send_what_is_due
from hege.outbox.actions import claim, resend_message, set_gateway, settle, tell, withdraw_message
from hege.outbox.channels import SEND
from hege.outbox.channels.parcel import Parcel
from hege.outbox.models import Message
from hege.outbox.queries import not_arrived, unread_of, waiting
from hege.outbox.rules import LEASE, TRIES, Answer, Channel, Event, MessageState, Outcome, Telling
from hege.people.models import Membership, User
from hege.trail.models import TrailLine
from tests.cast import NOW, Cast
from tests.outbox.conftest import wishes
from tests.outbox.gateways import FakeGateway

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


def telling(*to: User, number: str = "2026-0001", about_id: int = 1, **more: object) -> Telling:
    path = f"/310117006/cases/tasks/{about_id}/"
    return Telling(Event.TASK_GIVEN, ("cases.task", about_id), number, path, [u.pk for u in to], **more)  # type: ignore[arg-type]


def send(at: dt.datetime = NOW) -> int:
    return send_what_is_due(me=holder(), now=lambda: at)


def states() -> list[str]:
    return list(Message.objects.exclude(channel=Channel.BELL).order_by("pk").values_list("state", flat=True))


def test_everybody_has_the_bell_and_what_they_wish_for_where_the_street_has_it(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM, Channel.SMS)
    tell(cast.street, [telling(cast.clerk, cast.coordinator)], at=NOW)
    rows = Message.objects.order_by("channel", "user").values_list("channel", "user", "state")
    bells = [
        (Channel.BELL, user.pk, MessageState.DELIVERED)
        for user in sorted((cast.clerk, cast.coordinator), key=lambda u: u.pk)
    ]
    assert list(rows) == [*bells, (Channel.WECOM, cast.clerk.pk, MessageState.WAITING)]
    assert unread_of(cast.clerk, cast.street).count() == 1


def test_the_same_is_told_once_and_another_round_of_it_again(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM)
    for _n in range(2):
        tell(cast.street, [telling(cast.clerk)], at=NOW)
    assert Message.objects.count() == 2
    tell(cast.street, [telling(cast.clerk, round="1")], at=NOW)
    assert Message.objects.count() == 4


def test_what_the_act_takes_back_was_never_told(cast: Cast):
    with atomic():
        tell(cast.street, [telling(cast.clerk)], at=NOW)
        set_rollback(True)
    assert not Message.objects.exists()


def test_quiet_hours_hold_back_everything_but_the_bell(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM, quiet_from=dt.time(11), quiet_until=dt.time(14))  # NOW is noon
    tell(cast.street, [telling(cast.clerk)], at=NOW)
    assert send() == 0
    assert unread_of(cast.clerk, cast.street).count() == 1
    assert send(NOW + 120 * MINUTE) == 1


def test_a_message_holds_number_step_and_link_and_calls_whom_it_is_for(cast: Cast, gateway: FakeGateway, settings):
    settings.SITE = "https://hege.example.cn"
    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk, day=dt.date(2026, 12, 1))], at=NOW)
    send()
    text = "【合格】2026-0001 有任务交办，请签收（2026-12-01） https://hege.example.cn/310117006/cases/tasks/1/"
    assert gateway.handed[0].body["text"] == {"content": text, "mentioned_mobile_list": ["13812345678"]}
    assert states() == [MessageState.DELIVERED]


def test_order_is_kept_in_a_matter_and_others_need_not_wait(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM)
    for n, number in enumerate(("A", "A", "B")):
        tell(cast.street, [telling(cast.clerk, number=number, about_id=n)], at=NOW)
    gateway.reply = lambda one: (200, {"errcode": 40058}, {}) if "/0/" in str(one.body) else (200, {"errcode": 0}, {})
    send()
    assert states() == [MessageState.WAITING, MessageState.WAITING, MessageState.DELIVERED]
    gateway.reply = lambda _one: (200, {"errcode": 0}, {})
    send(NOW + 2 * MINUTE)
    told = [str(one.body["text"]["content"])[-2] for one in gateway.handed]
    assert told == ["0", "2", "0", "1"]


def test_what_was_tried_in_vain_ends_on_the_list_and_what_waits_behind_it_goes(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk)], at=NOW)
    gateway.reply = lambda _one: (200, {"errcode": 93000, "errmsg": "invalid webhook url"}, {})
    at = NOW
    for _n in range(TRIES):
        assert send(at) == 1
        at += dt.timedelta(hours=7)
    (dead,) = not_arrived(cast.street)
    assert (dead.answer, dead.tries, send(at)) == ("93000", TRIES, 0)
    assert waiting(at, [cast.street]) == (None, 1)


def test_a_dead_one_is_sent_again_under_its_id_or_given_up_with_a_reason(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk), telling(cast.clerk, number="B", about_id=2)], at=NOW)
    Message.objects.filter(channel=Channel.WECOM).update(state=MessageState.DEAD, tries=TRIES)
    first, second = not_arrived(cast.street)
    resend_message(first, by=cast.administrator, at=NOW)
    withdraw_message(second, reason="电话里说过了", by=cast.administrator, at=NOW)
    send()
    assert states() == [MessageState.DELIVERED, MessageState.WITHDRAWN]
    assert gateway.keys == [first.key]
    assert [*TrailLine.objects.order_by("pk").values_list("verb", flat=True)][-2:] == [
        "resend_message",
        "withdraw_message",
    ]


def test_two_workers_never_have_the_same_message(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk)], at=NOW)
    assert claim(holder="one", at=NOW) is not None
    assert claim(holder="two", at=NOW + LEASE - MINUTE / 60) is None


def test_one_that_was_begun_by_a_worker_that_is_gone_goes_again_under_its_id_and_says_so(
    cast: Cast, gateway: FakeGateway
):
    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk)], at=NOW)
    begun = claim(holder="one", at=NOW)
    assert begun is not None
    send(NOW + LEASE)
    assert (states(), gateway.keys) == ([MessageState.PERHAPS_TWICE], [begun.key])
    settle(begun, Answer(Outcome.REFUSED, "late"), at=NOW + 2 * LEASE)  # the first worker was only slow
    assert states() == [MessageState.PERHAPS_TWICE]


def test_after_silence_the_message_goes_again_and_says_so(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk)], at=NOW)
    gateway.reply = lambda _one: None
    send()
    gateway.reply = lambda _one: (200, {"errcode": 0}, {})
    send(NOW + 2 * MINUTE)
    assert (states(), len(set(gateway.keys)), len(gateway.keys)) == ([MessageState.PERHAPS_TWICE], 1, 2)


def test_a_message_at_which_the_worker_stumbles_holds_up_no_other(
    cast: Cast, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def send_or_stumble(parcel: Parcel) -> Answer:
        if "/1/" in parcel.text:
            raise RuntimeError(parcel.to)
        return Answer(Outcome.TAKEN, "0")

    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk, number=str(n), about_id=n) for n in (1, 2)], at=NOW)
    monkeypatch.setitem(SEND, Channel.WECOM, send_or_stumble)
    send()
    assert states() == [MessageState.WAITING, MessageState.DELIVERED]
    assert Message.objects.get(state=MessageState.WAITING).unsure
    assert ("RuntimeError" in caplog.text, "138" in caplog.text) == (True, False)


def limit(cast: Cast, gateway: FakeGateway, **limits: int | bool) -> None:
    set_gateway(cast.street, channel=Channel.WECOM, address="", by=cast.administrator, at=NOW, **limits)  # type: ignore[arg-type]


def test_a_gateway_sends_no_more_in_a_minute_or_a_month_than_it_may(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk, number=str(n), about_id=n) for n in range(6)], at=NOW)
    limit(cast, gateway, a_minute=2)
    assert (send(), send(NOW + MINUTE / 2), send(NOW + 2 * MINUTE)) == (2, 0, 2)
    limit(cast, gateway, a_month=5)
    assert (send(NOW + 5 * MINUTE), send(NOW + dt.timedelta(days=3)), send(NOW + dt.timedelta(days=12))) == (1, 0, 1)


def test_a_gateway_that_is_switched_off_sends_nothing_and_nobody_is_late(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk)], at=NOW)
    limit(cast, gateway, on=False)
    assert send() == 0
    assert waiting(NOW + dt.timedelta(days=1), [cast.street]).since is None


def test_a_text_is_no_longer_than_the_gateway_takes(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM)
    limit(cast, gateway, most_bytes=30)
    tell(cast.street, [telling(cast.clerk)], at=NOW)
    send()
    assert len(gateway.handed[0].body["text"]["content"].encode()) <= 30


def test_who_has_no_post_in_the_street_any_more_is_told_nothing_of_it(cast: Cast, gateway: FakeGateway):
    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk)], at=NOW)
    Membership.objects.filter(user=cast.clerk).update(until_on=NOW.date())
    send()
    assert (states(), gateway.handed) == ([MessageState.WAITING], [])
    assert Message.objects.get(channel=Channel.WECOM).answer == "no post"


def test_without_its_key_an_address_opens_nothing(cast: Cast, gateway: FakeGateway, settings):
    wishes(cast.clerk, Channel.WECOM)
    tell(cast.street, [telling(cast.clerk)], at=NOW)
    settings.SECRET_KEY = "another"
    send()
    assert (states(), gateway.handed) == ([MessageState.WAITING], [])


def test_the_trail_names_the_machine_of_a_gateway_and_never_its_address(cast: Cast, gateway: FakeGateway):
    told = TrailLine.objects.filter(verb="set_gateway").latest("pk").data
    assert told["host"] == gateway.address[7:].partition("/")[0]
    assert "key=abc" not in str(TrailLine.objects.values_list("data", flat=True))
