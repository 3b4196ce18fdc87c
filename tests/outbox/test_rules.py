"""What a message says, when it goes again, and where it may go at all."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils.translation import override

from hege.kernel.clock import SHANGHAI
from hege.kernel.refused import Refused
from hege.outbox.rules import (
    BACK_OFF,
    MOST_BYTES,
    TRIES,
    Answer,
    Channel,
    Event,
    MessageState,
    Outcome,
    after_quiet,
    check_address,
    check_mail,
    check_phone,
    fit,
    settled,
    words,
)

pytestmark = pytest.mark.once

AT = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)


def test_a_message_says_number_step_day_and_link():
    said = words(Event.TASK_GIVEN, "2026-0012", dt.date(2026, 3, 9), "https://hege.example.cn/1/")
    assert said == "【合格】2026-0012 有任务交办，请签收（2026-03-09） https://hege.example.cn/1/"
    with override("en"):
        assert "Hege" in words(Event.TASK_GIVEN, "2026-0012", None)


def test_a_text_is_cut_by_bytes_and_no_sign_in_two():
    assert fit("水表" * 400, 2048) == ("水表" * 400)[:682]
    assert len(fit("水表" * 400, 2048).encode()) <= 2048


@pytest.mark.parametrize(("sign", "size"), [("水", 3), ("é", 2), ("𡌛", 4), ("x", 1)])
def test_at_the_limit_of_wecom_a_sign_is_whole_or_not_there(sign: str, size: int):
    assert len(sign.encode()) == size
    most = MOST_BYTES[Channel.WECOM]
    for before in range(most - size - 1, most + 1):
        text = "x" * before + sign
        assert fit(text, most) == (text if before + size <= most else "x" * before)


def test_a_link_that_does_not_fit_is_left_off_and_not_cut():
    said = words(Event.TASK_GIVEN, "2026-0012", None, "https://hege.example.cn/1/")
    assert fit(said, len(said.encode())) == said
    assert fit(said, len(said.encode()) - 1) == "【合格】2026-0012 有任务交办，请签收"


def test_what_the_gateway_took_is_delivered_and_perhaps_twice_where_an_earlier_try_is_unsure():
    taken = Answer(Outcome.TAKEN, "0")
    assert settled(taken, tries=1, unsure=False, at=AT).state is MessageState.DELIVERED
    assert settled(taken, tries=2, unsure=True, at=AT).state is MessageState.PERHAPS_TWICE


def test_what_was_refused_waits_longer_each_time_and_then_is_given_up():
    refused, waited = Answer(Outcome.REFUSED, "93000"), []
    for tries in range(1, TRIES):
        now = settled(refused, tries=tries, unsure=False, at=AT)
        assert now.next_at is not None
        waited.append((now.next_at - AT) // dt.timedelta(minutes=1))
    assert waited == list(BACK_OFF)
    assert settled(refused, tries=TRIES, unsure=False, at=AT).state is MessageState.DEAD


def test_a_gateway_that_asks_for_patience_costs_no_try():
    now = settled(Answer(Outcome.BUSY, "429", 300), tries=3, unsure=False, at=AT)
    assert (now.state, now.next_at, now.tries) == (MessageState.WAITING, AT + dt.timedelta(minutes=5), 2)
    now = settled(Answer(Outcome.BUSY, "429", 9_999_999), tries=3, unsure=False, at=AT)
    assert now.next_at == AT + dt.timedelta(hours=1)


def test_after_silence_nobody_is_sure():
    assert settled(Answer(Outcome.SILENT), tries=1, unsure=False, at=AT).unsure
    assert not settled(Answer(Outcome.AWAY), tries=1, unsure=False, at=AT).unsure


@pytest.mark.parametrize(
    ("said", "goes"),
    [
        ("21:59", "02 21:59"), ("22:00", "03 07:00"), ("00:30", "02 07:00"), ("06:59", "02 07:00"), ("07:00", "02 07:00"),
        ("12:00", "02 12:00"),
    ],
)  # fmt: skip
def test_quiet_hours_over_midnight_are_half_open(said: str, goes: str):
    hour, minute = map(int, said.split(":"))
    at = dt.datetime(2026, 3, 2, hour, minute, tzinfo=SHANGHAI)
    quiet = dt.time(22), dt.time(7)
    assert f"{after_quiet(at, quiet).astimezone(SHANGHAI):%d %H:%M}" == goes
    assert after_quiet(at, None) == at


def test_quiet_hours_within_a_day_and_none_of_no_length():
    noon = dt.datetime(2026, 3, 2, 12, 30, tzinfo=SHANGHAI)
    assert after_quiet(noon, (dt.time(12), dt.time(14))).astimezone(SHANGHAI).hour == 14
    assert after_quiet(noon, (dt.time(12), dt.time(12))) == noon


GOOD = {
    Channel.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx",
    Channel.DINGTALK: "https://oapi.dingtalk.com/robot/send?access_token=xxx",
    Channel.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/xxx",
    Channel.SMS: "https://sms.example.cn/send",
    Channel.MAIL: "hege@example.cn",
}


@pytest.mark.parametrize("channel", list(GOOD))
def test_each_channel_takes_its_own_address(channel: Channel):
    assert (
        check_address(channel, f" {GOOD[channel]} ", production=True, sms_hosts=frozenset({"sms.example.cn"}))
        == GOOD[channel]
    )


@pytest.mark.parametrize(
    "address",
    [
        "http://qyapi.weixin.qq.com/send", "https://qyapi.weixin.qq.com.evil.cn/send", "https://evil.cn/",
        "https://qyapi.weixin.qq.com@evil.cn/", "https://evil.cn/?qyapi.weixin.qq.com", "https://qyapi.weixin.qq.com:8443/",
        "https://me@qyapi.weixin.qq.com/", "https://169.254.169.254/latest", "https://127.0.0.1/", "http://127.0.0.1/",
        "file:///etc/passwd", "", "qyapi.weixin.qq.com", "https://[::1", "https://qyapi.weixin.qq.com:port/",
        "https://qyapi.weixin.qq.com/a b", "https://qyapi.weixin.qq.com/\r\nX: y", "https://qyapi.weixin.qq.com/水",
    ],
)  # fmt: skip
def test_no_other_machine_is_an_address(address: str):
    with pytest.raises(Refused) as no:
        check_address(Channel.WECOM, address, production=True, sms_hosts=frozenset())
    assert no.value.field == "address"


def test_the_machine_itself_is_an_address_in_a_trial_alone():
    address = "http://127.0.0.1:20123/send"
    assert check_address(Channel.WECOM, address, production=False, sms_hosts=frozenset()) == address


def test_an_sms_gateway_is_none_until_the_operator_names_its_machine():
    with pytest.raises(Refused, match="HEGE_SMS_HOSTS"):
        check_address(Channel.SMS, "https://sms.example.cn/send", production=True, sms_hosts=frozenset())


@pytest.mark.parametrize("phone", ["", "1381234567", "23812345678", "１３８１２３４５６７８", "138123456789", "电话"])
def test_what_is_no_mobile_telephone_is_refused(phone: str):
    with pytest.raises(Refused):
        check_phone(phone, field="phone")
    assert check_phone("+86 138-1234-5678", field="phone") == "13812345678"


def test_what_is_no_mail_address_is_refused():
    with pytest.raises(Refused):
        check_mail("a@b\nBcc: c@d.cn", field="mail")
