"""发送通道: the administrator sets by what messages leave, and looks after those that did not arrive."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from hege.outbox.models import Gateway, Message
from hege.outbox.queries import the_gateway
from hege.outbox.rules import Channel, Event, MessageState
from hege.outbox.sealing import Opened, unsealed
from hege.people.models import Role
from hege.trail.models import TrailLine
from tests.cast import NOW
from tests.web.office import Office

pytestmark = pytest.mark.django_db
ADMIN = Role.ADMINISTRATOR
ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693axxx6"


def opened(office: Office, channel: str = "wecom") -> Opened | None:
    gateway = the_gateway(office.cast.street, channel)
    assert gateway is not None
    return unsealed(gateway.sealed, street=office.cast.street.pk, channel=channel)


def lost(office: Office, **to: object) -> Message:
    said = {
        "event": Event.PROGRESS,
        "about": "cases.report",
        "about_id": "1",
        "channel": Channel.SMS,
        "answer": "310000", "number": "abc234def567",
    }  # fmt: skip
    return Message.objects.create(
        street=office.cast.street, at=NOW, state=MessageState.DEAD, **said, **(to or {"reporter_of": "abc234def567"})
    )


def test_an_address_is_kept_sealed_and_shown_by_its_machine_alone(office: Office):
    office.done(ADMIN, "gateways:change", "wecom", address=ADDRESS, a_minute=20, most_bytes=2048, on="yes")
    assert opened(office) == Opened(ADDRESS, "")
    assert "693axxx6" not in Gateway.objects.get().sealed
    for page in (office.get(ADMIN, "gateways:index"), office.get(ADMIN, "gateways:change", "wecom")):
        assert "qyapi.weixin.qq.com" in page
        assert "693axxx6" not in page
    assert "693axxx6" not in str(TrailLine.objects.values_list("data", flat=True))


def test_limits_change_without_the_address_being_typed_again(office: Office):
    office.done(ADMIN, "gateways:change", "dingtalk", address="https://oapi.dingtalk.com/robot/send?access_token=x",
                secret="SEC1", on="yes")  # fmt: skip
    office.done(ADMIN, "gateways:change", "dingtalk", a_month=1000, on="no")
    assert opened(office, "dingtalk") == Opened("https://oapi.dingtalk.com/robot/send?access_token=x", "SEC1")
    row = Gateway.objects.get()
    assert (row.a_month, row.on) == (1000, False)
    assert "暂时停用" in office.get(ADMIN, "gateways:index")


def test_a_secret_stays_with_its_machine_and_is_asked_for_with_another(office: Office, settings: LazySettings):
    settings.SMS_HOSTS = ["sms.example.cn", "other.example.cn"]
    first, second, elsewhere = (
        f"https://{where}" for where in ("sms.example.cn/1", "sms.example.cn/2", "other.example.cn/")
    )
    office.done(ADMIN, "gateways:change", "sms", address=first, secret="SEC1", on="yes")
    office.done(ADMIN, "gateways:change", "sms", address=second, on="yes")
    assert opened(office, "sms") == Opened(second, "SEC1")
    said = office.refused(ADMIN, "gateways:change", "sms", address=elsewhere, on="yes")
    assert "原来的密钥不会发给它" in said
    assert opened(office, "sms") == Opened(second, "SEC1")
    office.done(ADMIN, "gateways:change", "sms", address=elsewhere, secret="SEC2", on="yes")
    assert opened(office, "sms") == Opened(elsewhere, "SEC2")
    office.done(ADMIN, "gateways:change", "sms", no_secret="on", on="yes")
    assert opened(office, "sms") == Opened(elsewhere, "")


def test_an_address_of_another_machine_is_refused_in_words(office: Office):
    said = office.refused(ADMIN, "gateways:change", "wecom", address="https://evil.example/send", on="yes")
    assert "主机只能是：qyapi.weixin.qq.com" in said
    assert not Gateway.objects.exists()


def test_there_is_no_gateway_of_the_bell_nor_of_what_nobody_knows(office: Office):
    assert [office.status(ADMIN, "gateways:change", name) for name in ("bell", "fax")] == [404, 404]


def test_of_a_reporter_the_list_says_that_it_was_one(office: Office):
    message = lost(office)
    page = office.get(ADMIN, "gateways:index")
    assert "反映人 · 短信" in page
    assert "310000" in page
    assert "abc234def567" not in page
    assert "abc234def567" not in office.get(ADMIN, "gateways:withdraw", message.public_id)


def test_what_did_not_arrive_is_sent_again_or_given_up_with_a_reason(office: Office):
    first, second = lost(office), lost(office, user=office.cast.clerk)
    assert office.cast.clerk.full_name in office.get(ADMIN, "gateways:index")
    office.done(ADMIN, "gateways:resend", first.public_id)
    office.refused(ADMIN, "gateways:withdraw", second.public_id, reason=" ")
    office.done(ADMIN, "gateways:withdraw", second.public_id, reason="当面说过")
    states = [Message.objects.get(pk=row.pk).state for row in (first, second)]
    assert states == [MessageState.WAITING, MessageState.WITHDRAWN]
    assert "没有。试过 8 次还不成的才到这里。" in office.get(ADMIN, "gateways:index")
    assert "不用再处理" in office.refused(ADMIN, "gateways:withdraw", second.public_id, reason="再说")
