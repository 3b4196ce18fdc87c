"""Who may be given which role, when it begins and ends, and what an administrator may do to somebody's sign-in."""

from __future__ import annotations

import datetime as dt
import re
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_words
from hege.kernel.refused import Refused

#: Roles that act for one office or person; without it they would see nothing, or everything.
ACT_FOR_A_PARTY = frozenset({"clerk", "agent"})


class SignIn(Enum):
    """What may become of a sign-in, as the trail calls it."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    FAILED = "sign_in_failed"
    LOCKED_OUT = "locked_out"


#: How long a browser stays signed in at most, however busy it is: a day's work.
LONGEST_SIGNED_IN = dt.timedelta(hours=12)
#: What a browser says of itself, and the name its owner knows it by; the first that is found, since most also call
#: themselves by the names of others.
_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("DingTalk", "DingTalk"), ("Edg", "Edge"), ("QQBrowser", "QQ"),
    ("HuaweiBrowser", "Huawei"), ("MiuiBrowser", "Xiaomi"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("OpenHarmony", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
#: How long a one-time password waits for its owner.
ONE_TIME_FOR = dt.timedelta(hours=24)
#: How long a request waits for a second person.
ASKED_FOR = dt.timedelta(days=7)
#: A second person takes two who look after the whole street.
TWO = 2
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}", re.ASCII)


def check_grant(*, granted_by: int | None, user: int, first: bool) -> None:
    """A role and its part of the grid are granted by another person; only a street's first is made by the system."""
    if granted_by is None and not first:
        raise Refused(_("岗位要由另一位管理员授予。"))
    if granted_by == user:
        raise Refused(_("不能给自己授予岗位，请另一位管理员办理。"))


def browser_of(user_agent: str) -> str:
    """What a browser is called, and what it runs on: "Chrome · Windows"; empty where it says nothing we know."""
    found = (next((name for sign, name in signs if sign in user_agent), "") for signs in (_BROWSERS, _SYSTEMS))
    return " · ".join(filter(None, found))


def check_username(username: str) -> None:
    """A sign-in name can be read out over the telephone and typed on any keyboard (登录名)."""
    if not _USERNAME.fullmatch(username):
        raise Refused(_("登录名用 3 到 60 个小写字母、数字、点或短横，例如 wangli01。"), field="username")


def check_acts_for(role: str, *, named: bool) -> None:
    """A clerk answers for an office, an agent for one party: which one has to be said."""
    if role in ACT_FOR_A_PARTY and not named:
        raise Refused(_("部门经办人和代收人要写明代表谁。"), field="party")


def check_start(from_on: dt.date, *, today: dt.date) -> None:
    """Nobody has held a right before it was granted: a role begins today or later."""
    if from_on < today:
        raise Refused(_("任职不能从今天以前算起。"), field="from_on")


def check_end(*, from_on: dt.date, until_on: dt.date, today: dt.date) -> None:
    """``until_on`` is the first day without the role; what was held up to today stays held."""
    if until_on < today:
        raise Refused(_("任职不能在今天以前就结束。"), field="until_on")
    if until_on <= from_on:
        raise Refused(_("任职至少要满一天；要马上停用，请停用他的登录。"), field="until_on")


def is_over(until_on: dt.date | None, *, today: dt.date) -> bool:
    """Whether a role has ended: ``until_on`` is the first day without it."""
    return until_on is not None and until_on <= today


def check_one_time(*, one_time: bool, given_at: dt.datetime | None, at: dt.datetime) -> None:
    """Refuse a one-time password that has waited too long (一次性密码过期): it opens the account to whoever finds it."""
    if one_time and (given_at is None or at >= given_at + ONE_TIME_FOR):
        raise Refused(
            _("一次性密码过了 %(n)d 小时，不能再用；请找管理员重发。"),
            n=ONE_TIME_FOR // dt.timedelta(hours=1), field="old",
        )  # fmt: skip


def check_reason(reason: str, *, what: str | Promise) -> str:
    """The reason somebody gave, without blanks around it; an empty one is refused. ``what``: of which act, in words."""
    return check_words(reason, _("请写明%(what)s的理由。") % {"what": what})


def check_administrator_left(others: int) -> None:
    """A street without an administrator could never get one again (至少一名管理员)."""
    if others < 1:
        raise Refused(_("这是街道唯一能办事的管理员，请先给另一位授予管理员岗位。"))


def check_second_person(*, wanted: bool, agreed: bool) -> None:
    """Where the street wants a second person (双人复核), nothing is done that nobody but who asks has agreed to."""
    if wanted and not agreed:
        raise Refused(_("本街道要双人复核，请提出申请，由另一位管理员同意。"))


def check_two_left(able: int) -> None:
    """Where the street wants a second person, one administrator alone could do nothing any more (至少两名管理员)."""
    if able < TWO:
        raise Refused(_("双人复核开着，要留下至少两名能办事的管理员。请先给另一位授予管理员岗位，或者先停用双人复核。"))


def check_two_administrators(able: int) -> None:
    """Two persons are asked for only where there are two: who look after the whole street and have signed in."""
    if able < TWO:
        raise Refused(_("双人复核要有两名管全街道、换过一次性密码的管理员，现在不到两名。请先给另一位授予管理员岗位。"))


def check_decide(*, by: int | None, asked_by: int, user: int | None, whole: bool) -> None:
    """Who agrees or refuses (双人复核) is neither who asked nor whom it concerns, and looks after the whole street."""
    if by == asked_by:
        raise Refused(_("自己提出的，要由另一位管理员复核。"))
    if by == user:
        raise Refused(_("这是关于您自己的，要由另一位管理员复核。"))
    if not whole:
        raise Refused(_("要由管全街道、没有定下离任日的管理员复核。"))


def check_withdraw(*, by: int | None, asked_by: int) -> None:
    """A request is withdrawn by who asked (撤回)."""
    if by != asked_by:
        raise Refused(_("只有提出的人能撤回；不同意，请写明理由。"))


def check_still_asked(*, holds: bool) -> None:
    """Nobody agrees to what was asked for by somebody who is no administrator any more."""
    if not holds:
        raise Refused(_("提出的人已经不是能登录的管理员了；还要办的，请由现任管理员重新提出。"))


def check_waits(*, waits: bool, until_at: dt.datetime, at: dt.datetime) -> None:
    """A request is decided once, and in time (过期)."""
    if not waits:
        raise Refused(_("这份申请已经办过了。"))
    if at >= until_at:
        raise Refused(_("这份申请过了 %(n)d 天没有人复核，已经过期；还要办的，请重新提出。"), n=ASKED_FOR.days)


def check_sign_in_of(*, by: int | None, user: int, elsewhere: bool) -> None:
    """Another person's sign-in, and only one that opens nothing outside the street: an account is one for all streets."""
    if by == user:
        raise Refused(_("自己的登录不能自己停用、重设；改密码请点右上角的姓名。"))
    if elsewhere:
        raise Refused(_("这个账号不只在本街道使用，登录和密码不由本街道管。可以结束他在本街道的岗位。"))
