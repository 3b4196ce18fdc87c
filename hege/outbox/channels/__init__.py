"""One small file a channel: hands a text to a gateway and says what became of it, by the gateway's own answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hege.outbox.channels import dingtalk, feishu, mail, sms, wecom
from hege.outbox.channels.parcel import Parcel
from hege.outbox.rules import Answer, Channel

SEND: Mapping[Channel, Callable[[Parcel], Answer]] = {
    Channel.MAIL: mail.send,
    Channel.WECOM: wecom.send,
    Channel.DINGTALK: dingtalk.send,
    Channel.FEISHU: feishu.send,
    Channel.SMS: sms.send,
}
