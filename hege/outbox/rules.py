"""What a message says, when it is tried again, and to which addresses of the world one may be sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.clock import SHANGHAI
from hege.kernel.refused import Refused

TRIES = 8  # then nobody is kept waiting: the message goes to the list of those that did not arrive
#: Minutes to wait after the first, second, … try that failed; the last one counts on. Together half a day.
BACK_OFF = (1, 5, 15, 60, 120, 180, 360)
#: How long one try may take before another worker may think whoever began it dead.
LEASE = dt.timedelta(minutes=2)
TIMEOUT = 10  # seconds a gateway is waited for: far less than the lease


class Channel(TextChoices):
    """By what a message goes (渠道)."""

    BELL = "bell", _("站内提醒")
    MAIL = "mail", _("邮件")
    WECOM = "wecom", _("企业微信群机器人")
    DINGTALK = "dingtalk", _("钉钉群机器人")
    FEISHU = "feishu", _("飞书群机器人")
    SMS = "sms", _("短信")


#: What stands in the house itself needs no gateway.
OUTSIDE = tuple(channel for channel in Channel if channel is not Channel.BELL)
ROBOTS = (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU)
#: The only machines a robot's address may name; of mail and SMS the operator names theirs in the settings.
HOSTS: Mapping[Channel, frozenset[str]] = {
    Channel.WECOM: frozenset({"qyapi.weixin.qq.com"}),
    Channel.DINGTALK: frozenset({"oapi.dingtalk.com"}),
    Channel.FEISHU: frozenset({"open.feishu.cn", "open.larksuite.com"}),
}
#: In the place of an SMS gateway's address: there is none, messages are written to the log and reach nobody.
CONSOLE = "console"
#: The same: they are appended to files (JSON, one a line) for a machine of the office's own that sends them.
FOLDER = "folder"
LOOPBACK = frozenset({"127.0.0.1", "localhost"})
#: Limits of the channels as their makers write them, which a gateway begins with: bytes of a text, messages a minute.
MOST_BYTES: Mapping[Channel, int] = {
    Channel.WECOM: 2048,
    Channel.DINGTALK: 20_000,
    Channel.FEISHU: 20_000,
    Channel.SMS: 500,
}
A_MINUTE: Mapping[Channel, int] = {Channel.WECOM: 20, Channel.DINGTALK: 20, Channel.FEISHU: 100}


#: What stands before a count where a message tells of several things at once, in the place of a number.
SEVERAL = "×"


class Event(TextChoices):
    """What is told of (事由), as the message says it."""

    TASK_GIVEN = "task_given", _("有任务交办，请签收")
    TASK_HALF = "task_half", _("任务时间已过半")
    TASK_DUE = "task_due", _("任务快到期")
    TASK_OVERDUE = "task_overdue", _("任务已逾期")
    TASK_ANSWERED = "task_answered", _("任务有答复了，请核实")
    TASK_RETURNED = "task_returned", _("任务退回来了，请改派")
    LINK_ENDING = "link_ending", _("给外单位的链接快到期，还没有答复")
    AGENT_SAID = "agent_said", _("代收人说了一笔，请看")
    AGENT_ANSWERED = "agent_answered", _("您说的一笔有答复了")
    PASSED_ON = "passed_on", _("同事把一项任务转给您办")
    PASSED_AWAY = "passed_away", _("您手里的任务转给了同事")
    FOLLOWED = "followed", _("您关注的案件有新进展")
    URGED = "urged", _("有人催办，请尽快办理")
    ASKED = "asked_to_look", _("有人在案件里请您看一下")
    DUE_ASKED = "due_asked", _("有人申请改期，请审批")
    DUE_DECIDED = "due_decided", _("改期申请有答复了")
    HOLD_ASKED = "hold_asked", _("有人申请缓办，请审批")
    HOLD_DECIDED = "hold_decided", _("缓办申请有答复了")
    HOLD_OVER = "hold_over", _("缓办到期，时限接着走")
    VOID_ASKED = "void_asked", _("有人申请作废案件，请审批")
    VOID_DECIDED = "void_decided", _("作废申请有答复了")
    DEFERRAL_ENDING = "deferral_ending", _("暂缓停水快到期")
    CONDITION_BROKEN = "condition_broken", _("暂缓停水已失效")
    WARNING_NEW = "warning_new", _("有新预警")
    COMMITMENT_DUE = "commitment_due", _("议定事项快到期")
    INSTALMENT_DUE = "instalment_due", _("协议分期快到期")
    PROGRESS = "progress", _("您反映的事有进展")
    HONOUR_EXPIRING = "honour_expiring", _("荣誉快到期，请核对是否续期")
    HONOUR_SHOWN = "honour_shown", _("荣誉公示期满，请办理上榜")
    OBJECTION_WAITING = "objection_waiting", _("有异议等待处理")
    STATION_TO_LOOK_AT = "station_to_look_at", _("驿站很久没人看过，请去看")
    GATE_TO_LOOK_AT = "gate_to_look_at", _("门口图到了再看的日子，请去看")
    PASSWORD_EXPIRING = "password_expiring", _("一次性密码快失效")  # an event
    # told to members
    JOIN_CODE = "join_code", _("验证码")
    PLACE_CONFIRMED = "place_confirmed", _("报名成功")
    PLACE_OFFERED = "place_offered", _("候补到您了，请在期限前确认")
    ACTIVITY_SOON = "activity_soon", _("活动快开始了")
    ACTIVITY_CHANGED = "activity_changed", _("活动改了时间或地点")
    ACTIVITY_CANCELLED = "activity_cancelled", _("活动取消了")
    VOUCHER_EXPIRING = "voucher_expiring", _("能量券快到期")
    VOUCHERS_CLOSED = "vouchers_closed", _("能量券停用了")
    VOUCHER_GIVEN_BACK = "voucher_given_back", _("核销撤回，券还给您了")
    POINTS_POSTED = "points_posted", _("积分入账了")
    POINTS_EXPIRING = "points_expiring", _("积分快过期")
    THANKS_SHOWN = "thanks_shown", _("给您的一份致谢开始公示，请看看写得对不对")
    THANKED = "thanked", _("您收到一份致谢")
    APPOINTED = "appointed", _("聘书好了")


@dataclass(frozen=True, slots=True)
class Telling:
    """What some users are told of: ``about`` is the table and key of the thing, ``number`` names the matter, of which
    messages keep their order, ``link`` is a path; ``round`` tells apart what is told of one thing again."""

    event: Event
    about: tuple[str, object]
    number: str = ""
    link: str = ""
    to: Collection[int] = ()
    day: dt.date | None = None
    round: str = ""


class MessageState(TextChoices):
    """How far a message has come (发送状态)."""

    WAITING = "waiting", _("待发")
    SENDING = "sending", _("正在发")
    DELIVERED = "delivered", _("已送达")
    PERHAPS_TWICE = "perhaps_twice", _("已送达，可能两次")
    DEAD = "dead", _("没送到")
    WITHDRAWN = "withdrawn", _("不再发")
    WRITTEN = "written", _("没有发出，只写进日志")


UNSETTLED = (MessageState.WAITING, MessageState.SENDING)
ARRIVED = (MessageState.DELIVERED, MessageState.PERHAPS_TWICE)


class Outcome(Enum):
    """What became of one try."""

    TAKEN = "taken"  # the gateway's own answer says that it has the message
    REFUSED = "refused"  # it says that it has not
    BUSY = "busy"  # it asks for patience: no try of the message's
    AWAY = "away"  # nothing was handed over
    WRITTEN = "written"  # nobody was to send it: it stands in the log (``CONSOLE``)
    SILENT = "silent"  # handed over, and no answer: nobody knows
    OVER = "over"  # not handed over: nobody waits for it any more


@dataclass(frozen=True, slots=True)
class Answer:
    """A gateway's answer: ``code`` is its number or one of our words, never its text, which may repeat a telephone.

    Even a number may be one: it is hidden before it is kept (``actions.settle``).
    """

    outcome: Outcome
    code: str = ""
    seconds: int = 0  # to wait, where the gateway said so


@dataclass(frozen=True, slots=True)
class Settled:
    """How a message stands after a try."""

    state: MessageState
    next_at: dt.datetime | None
    unsure: bool
    tries: int


class Waiting(NamedTuple):
    """Since when the message waits that has waited longest, and how many did not arrive."""

    since: dt.datetime | None
    dead: int


def settled(answer: Answer, *, tries: int, unsure: bool, at: dt.datetime) -> Settled:
    """How a message stands after its ``tries``-th try; ``unsure``: an earlier one may have arrived though nobody knows."""
    match answer.outcome:
        case Outcome.TAKEN:
            return Settled(MessageState.PERHAPS_TWICE if unsure else MessageState.DELIVERED, None, unsure, tries)
        case Outcome.WRITTEN:
            return Settled(MessageState.WRITTEN, None, unsure, tries)
        case Outcome.OVER:
            return Settled(MessageState.WITHDRAWN, None, unsure, tries)
        case Outcome.BUSY:
            wait = dt.timedelta(seconds=min(max(answer.seconds, 60), 3600))
            return Settled(MessageState.WAITING, at + wait, unsure, tries - 1)
        case Outcome.SILENT:
            unsure = True
    if tries >= TRIES:
        return Settled(MessageState.DEAD, None, unsure, tries)
    minutes = BACK_OFF[min(tries, len(BACK_OFF)) - 1]
    return Settled(MessageState.WAITING, at + dt.timedelta(minutes=minutes), unsure, tries)


def after_quiet(at: dt.datetime, quiet: tuple[dt.time, dt.time] | None) -> dt.datetime:
    """The first instant from ``at`` on that lies outside somebody's quiet hours (免打扰), Shanghai time, half-open."""
    if quiet is None:
        return at
    begins, ends = quiet
    local = at.astimezone(SHANGHAI)
    asleep = begins <= local.time() < ends if begins < ends else not ends <= local.time() < begins
    if begins == ends or not asleep:
        return at
    day = local.date() if local.time() < ends else local.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, ends, SHANGHAI).astimezone(dt.UTC)


def words(event: Event, number: str, day: dt.date | None, href: str = "") -> str:
    """The whole message: number, step, day and link; no name, no sum, no word of anybody."""
    said = _("【合格】%(number)s %(step)s") % {"number": number, "step": event.label}
    if day is not None:
        said += _("（%(day)s）") % {"day": day.isoformat()}
    return f"{said} {href}".strip()


def fit(text: str, most_bytes: int) -> str:
    """A text within so many bytes of UTF-8, which is what gateways count: a link is left off whole, a sign is not cut in two."""
    if len(text.encode()) > most_bytes:
        text = text.partition(" http")[0]
    return text.encode()[:most_bytes].decode(errors="ignore")


def check_address(
    channel: Channel, address: str, *, production: bool, sms_hosts: frozenset[str], sms_folder: bool = False
) -> str:
    """Refuse an address that is none of the channel's: messages are sent nowhere else (发送地址).

    ``sms_folder``: whether the operator has named a folder for ``FOLDER``.
    """
    said = address.strip()
    if channel is Channel.MAIL:
        return check_mail(said, field="address")
    if channel is Channel.SMS and said == CONSOLE:
        return said
    if channel is Channel.SMS and said == FOLDER:
        if not sms_folder:
            raise Refused(_("要写进文件夹，先请系统管理员设好 HEGE_SMS_FOLDER。"), field="address")
        return said
    hosts = HOSTS.get(channel, sms_hosts)
    try:
        parts = urlsplit(said)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
        parts = urlsplit("")
    if host in LOOPBACK and not production and parts.scheme == "http" and said.isascii():
        return said
    if parts.scheme != "https" or host not in hosts or port not in (None, 443) or "@" in parts.netloc:
        named = str(_("、")).join(sorted(hosts)) or "HEGE_SMS_HOSTS"
        raise Refused(_("地址要以 https:// 开头，主机只能是：%(hosts)s。"), hosts=named, field="address")
    if not said.isascii() or not said.isprintable() or " " in said:
        raise Refused(_("地址里有空格或别的字符，请从机器人的设置页原样复制。"), field="address")
    return said


def check_mail(address: str, *, field: str) -> str:
    """Refuse what is no mail address."""
    try:
        validate_email(address)
    except ValidationError as wrong:
        raise Refused(_("这不是邮件地址，请核对。"), field=field) from wrong
    return address


def check_phone(phone: str, *, field: str) -> str:
    """A mobile telephone of the mainland, eleven digits; refuses anything else."""
    digits = phone.replace(" ", "").replace("-", "").removeprefix("+86")
    if not (digits.isascii() and digits.isdecimal() and len(digits) == 11 and digits.startswith("1")):
        raise Refused(_("请写 11 位手机号。"), field=field)
    return digits


def host_of(address: str) -> str:
    """What of a gateway's address may be shown: its machine."""
    return (address.partition("://")[2].partition("/")[0] or address.rpartition("@")[2])[:120]


def check_secret_stays(secret: str, former: str, address: str) -> None:
    """A secret is not handed to another machine than the one it was given for."""
    if secret and host_of(address) != host_of(former):
        raise Refused(_("换了主机，原来的密钥不会发给它：请写新的密钥；没有密钥的，勾上“不用密钥”。"), field="secret")


def check_resendable(state: MessageState) -> None:
    """Only what did not arrive is sent again, or given up."""
    if state is not MessageState.DEAD:
        raise Refused(_("这条消息不在没送到的里面，不用再处理。"))
