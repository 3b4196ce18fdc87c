"""A channel believes the gateway's own code and nothing else."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import smtplib
import socket
import threading
import time
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail as letters

from hege.outbox.channels import SEND, posting
from hege.outbox.channels.parcel import Parcel
from hege.outbox.rules import Channel, Outcome
from tests.outbox.gateways import FakeGateway, Reply, fake_gateway

pytestmark = pytest.mark.once

AT = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
CODE = {Channel.WECOM: "errcode", Channel.DINGTALK: "errcode", Channel.FEISHU: "code", Channel.SMS: "code"}


def parcel(address: str, **more: str) -> Parcel:
    said = {"text": "【合格】2026-0012 有任务交办", "secret": "", "to": "13812345678", "key": "k2k3k4k5k6k7", **more}
    return Parcel(address=address, at=AT, **said)


def answered(channel: Channel, reply: Reply) -> tuple[Outcome, str]:
    with fake_gateway(lambda _one: reply) as gateway:
        answer = SEND[channel](parcel(gateway.address))
    return answer.outcome, answer.code


@pytest.mark.parametrize("channel", list(CODE))
def test_delivered_is_what_the_gateways_own_code_says(channel: Channel):
    name = CODE[channel]
    assert answered(channel, (200, {name: 0}, {})) == (Outcome.TAKEN, "0")
    assert answered(channel, (200, {name: 310000, "errmsg": "13812345678"}, {})) == (Outcome.REFUSED, "310000")
    nothing: object
    for nothing in ({}, {name: "0"}, {name: None}, {name: False}, [], b"", b"ok", b"\xff\xfe", b"[" * 16_000):
        assert answered(channel, (200, nothing, {})) == (Outcome.REFUSED, "HTTP 200")
    assert answered(channel, (500, {name: 0}, {})) == (Outcome.REFUSED, "HTTP 500")


@pytest.mark.parametrize("channel", list(CODE))
def test_a_redirect_is_not_followed(channel: Channel):
    with fake_gateway() as other, fake_gateway(lambda _one: (302, {}, {"Location": other.address})) as gateway:
        assert SEND[channel](parcel(gateway.address)).outcome is Outcome.REFUSED
    assert other.handed == []


def test_patience_is_asked_for_by_status_or_by_code():
    with fake_gateway(lambda _one: (429, {}, {"Retry-After": "120"})) as gateway:
        assert SEND[Channel.SMS](parcel(gateway.address)).seconds == 120
    for channel, code in ((Channel.WECOM, 45009), (Channel.DINGTALK, 130101), (Channel.FEISHU, 11232)):
        assert answered(channel, (200, {CODE[channel]: code}, {})) == (Outcome.BUSY, str(code))


def test_a_gateway_that_is_not_there_was_handed_nothing():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert SEND[Channel.WECOM](parcel(f"http://127.0.0.1:{port}/")).outcome is Outcome.AWAY


def test_a_gateway_that_hangs_up_or_says_nothing_may_have_taken_it(monkeypatch: pytest.MonkeyPatch):
    assert answered(Channel.WECOM, None) == (Outcome.SILENT, "silent")
    monkeypatch.setattr(posting, "TIMEOUT", 1)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        assert SEND[Channel.FEISHU](parcel(address)).outcome is Outcome.SILENT


def test_a_gateway_that_sends_a_sign_now_and_then_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(posting, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as slow:

        def drip() -> None:
            line, _address = slow.accept()
            with suppress(OSError), line:
                for sign in b"HTTP/1.1 200 OK\r\n" + 100 * b"X: y\r\n":
                    line.send(bytes([sign]))
                    time.sleep(0.1)

        dripping = threading.Thread(target=drip)
        dripping.start()
        began = time.monotonic()
        answer = SEND[Channel.SMS](parcel(f"http://127.0.0.1:{slow.getsockname()[1]}/"))
        assert (answer.outcome, time.monotonic() - began < 5) == (Outcome.SILENT, True)
        dripping.join()


def test_a_machine_that_cannot_be_called_so_was_handed_nothing():
    assert SEND[Channel.SMS](parcel(f"http://{64 * 'a'}.cn/")).outcome is Outcome.AWAY


def handed(channel: Channel, **more: str) -> FakeGateway:
    with fake_gateway() as gateway:
        SEND[channel](parcel(gateway.address, **more))
    return gateway


def test_each_channel_is_handed_its_own_form_with_the_id_of_the_message():
    text = "【合格】2026-0012 有任务交办"
    bodies = {channel: handed(channel).handed[0] for channel in CODE}
    assert {one.key for one in bodies.values()} == {"k2k3k4k5k6k7"}
    assert bodies[Channel.WECOM].body == {
        "msgtype": "text",
        "text": {"content": text, "mentioned_mobile_list": ["13812345678"]},
    }
    assert bodies[Channel.DINGTALK].body["at"] == {"atMobiles": ["13812345678"], "isAtAll": False}
    assert bodies[Channel.FEISHU].body == {"msg_type": "text", "content": {"text": text}}
    assert bodies[Channel.SMS].body == {"id": "k2k3k4k5k6k7", "to": "13812345678", "text": text}


def test_a_robot_with_a_secret_is_signed_for():
    secret = "SEC0123456789"
    dingtalk = parse_qs(urlsplit(handed(Channel.DINGTALK, secret=secret).handed[0].path).query)
    instant = str(int(AT.timestamp()) * 1000)
    digest = hmac.digest(secret.encode(), f"{instant}\n{secret}".encode(), "sha256")
    assert dingtalk == {"key": ["abc"], "timestamp": [instant], "sign": [base64.b64encode(digest).decode()]}
    feishu = handed(Channel.FEISHU, secret=secret).handed[0].body
    digest = hmac.digest(f"{int(AT.timestamp())}\n{secret}".encode(), b"", "sha256")
    assert (feishu["timestamp"], feishu["sign"]) == (str(int(AT.timestamp())), base64.b64encode(digest).decode())
    assert handed(Channel.SMS, secret=secret).handed[0].headers["Authorization"] == f"Bearer {secret}"


def test_without_a_number_no_sms_leaves():
    with fake_gateway() as gateway:
        assert SEND[Channel.SMS](parcel(gateway.address, to="")).outcome is Outcome.REFUSED
    assert gateway.handed == []


def test_a_letter_carries_the_id_of_the_message():
    sent = SEND[Channel.MAIL](parcel("hege@example.cn", to="clerk@example.cn"))
    assert sent.outcome is Outcome.TAKEN
    (letter,) = letters.outbox
    assert (letter.from_email, letter.to) == ("hege@example.cn", ["clerk@example.cn"])
    assert letter.extra_headers == {"Message-ID": "<k2k3k4k5k6k7@example.cn>"}


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (smtplib.SMTPDataError(550, b"13812345678"), Outcome.REFUSED), (smtplib.SMTPDataError(421, b""), Outcome.BUSY),
        (smtplib.SMTPServerDisconnected(), Outcome.SILENT), (smtplib.SMTPRecipientsRefused({}), Outcome.REFUSED),
        (ConnectionRefusedError(), Outcome.AWAY),
    ],
)  # fmt: skip
def test_what_the_mail_server_says_is_told_apart(trouble: Exception, outcome: Outcome, monkeypatch: pytest.MonkeyPatch):
    def send(_letter: object) -> int:
        raise trouble

    monkeypatch.setattr("django.core.mail.EmailMessage.send", send)
    answer = SEND[Channel.MAIL](parcel("hege@example.cn", to="clerk@example.cn"))
    assert answer.outcome is outcome
    assert "138" not in answer.code
