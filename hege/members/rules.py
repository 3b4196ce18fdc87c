"""What a member is asked, what consents there are, and how secrets of theirs are made and kept."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterator, Mapping

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_words
from hege.kernel.ids import derived
from hege.kernel.keys import keys_for
from hege.kernel.refused import Refused

#: How long a printed card opens a browser; then another is printed.
CARD_FOR = dt.timedelta(days=30)
#: How long a browser that was let in stays so (``MemberDevice``).
DEVICE_FOR = dt.timedelta(days=400)
LONGEST_CALLED = 20
#: A code by SMS holds so long and for so many tries; another may be asked for after so long.
CODE_FOR, CODE_TRIES, CODE_AGAIN = dt.timedelta(minutes=10), 5, dt.timedelta(minutes=1)
#: What was proven by it may be used so long.
PROVEN_FOR = dt.timedelta(minutes=30)
#: Codes for one telephone in a day, and for one address in an hour: many phones share the address of their network.
MOST_FOR_A_PHONE, A_DAY = 5, dt.timedelta(days=1)
MOST_FOR_AN_ADDRESS, AN_HOUR = 60, dt.timedelta(hours=1)
#: How long a code at a station may be used; how many are made at once.
STATION_FOR, MOST_STATION_CODES = dt.timedelta(days=30), 24
#: The longest time for which a member is appointed at once.
LONGEST_TERM = dt.timedelta(days=2 * 366)


class MemberWork(TextChoices):
    """Kind of work (工种)."""

    COURIER = "courier", _("快递员")
    FOOD_RIDER = "food_rider", _("外卖骑手")
    RIDE_HAILING = "ride_hailing", _("网约车司机")
    TRUCK_DRIVER = "truck_driver", _("货车司机")


class JoinedHow(TextChoices):
    """How somebody joined (怎么加入的), and how a browser was let in."""

    CODE = "code", _("手机验证码")
    STATION = "station", _("驿站的码")
    CARD = "card", _("工作人员发的成员卡")


class ConsentKind(TextChoices):
    """What a member agrees to or not, each apart (分项同意)."""

    MESSAGES = "messages", _("短信提醒")
    BOARD = "board", _("在季度榜上出现")
    NAME_PUBLIC = "name_public", _("公开称呼")
    PICTURES = "pictures", _("活动照片里有我")


#: What each consent says; kept with the answer as it was shown.
WORDING: Mapping[ConsentKind, Promise] = {
    ConsentKind.MESSAGES: _("同意街道用短信通知我：候补到了位子、活动改期、券快到期。不同意也能参加。"),
    ConsentKind.BOARD: _("同意季度榜上出现我的称呼。不同意，榜上就没有我，积分和时长照记。"),
    ConsentKind.NAME_PUBLIC: _("同意致谢里公开我的称呼。不同意，就只写成员编号。"),
    ConsentKind.PICTURES: _("同意活动照片里有我，街道可以公开。不同意，请在现场说一声。"),
}


class InvitationKind(TextChoices):
    """A code that works once (一次性的码)."""

    STATION = "station", _("驿站的码")
    CARD = "card", _("成员卡")


class MemberRoleKind(TextChoices):
    """What a member may be appointed to (聘任): what one notices, tells others of, keeps an eye on; never a task with danger."""

    INFORMANT = "informant", _("信息员")
    PROMOTER = "promoter", _("宣传员")
    WATCHER = "watcher", _("守望者")


def shown_number(number: int) -> str:
    """A member's number as it is shown: ``0427``."""
    return f"{number:04d}"


def check_called(called: str) -> str:
    """How somebody is to be called (称呼), at most ``LONGEST_CALLED`` characters; a telephone is no name."""
    said = check_words(" ".join(called.split()), _("请写怎么称呼您。"), field="called")
    if len(said) > LONGEST_CALLED:
        raise Refused(_("称呼最多 %(n)s 个字。"), n=LONGEST_CALLED, field="called")
    if sum(sign.isdigit() for sign in said) > 4:
        raise Refused(_("称呼里不要写电话号码。"), field="called")
    return said


def kept_as(secret: str) -> Iterator[str]:
    """What the database keeps of a member's secret: keyed, so that a copy of it alone opens nothing; with today's key, then each former one."""
    for key in keys_for("hege member secret"):
        yield hmac.digest(key, secret.encode(), "sha256").hex()


def card_tokens(street_id: int, card: str) -> Iterator[str]:
    """The secret in the code on a member's card or at a station, 26 symbols: by today's key, then by each former one.

    ``card`` is the invitation's public id. So the card can be printed again, and no table holds what opens it.
    """
    return derived(f"member card:{street_id}:{card}", 26)


def device_tokens(street_id: int, member: int, secret: str) -> Iterator[str]:
    """What the cookie of a browser holds once it is let in: made of what the browser brought, so that a form sent twice
    lets it in once, and of HEGE_SECRET_KEY, so that whoever planted that in the browser knows nothing."""
    return derived(f"member device:{street_id}:{member}:{secret}", 43)


def digits_of(code: str) -> Iterator[str]:
    """The six digits of a code by SMS: made of its public id and HEGE_SECRET_KEY, so that neither the database nor the
    message holds them; by today's key, then by each former one."""
    for key in keys_for("hege join code"):
        number = int.from_bytes(hmac.digest(key, code.encode(), "sha256"))
        yield f"{number % 1_000_000:06d}"


def code_words(digits: str, street: str) -> str:
    """The whole SMS with a code (验证码短信)."""
    said = {"digits": digits, "street": street, "minutes": CODE_FOR.seconds // 60}
    return (
        _(
            "【合格】验证码 %(digits)s，%(minutes)s 分钟内有效，用于%(street)s暖蜂行动。不是您本人在办，请不要理会，也不要告诉别人。"
        )
        % said
    )


def check_may_ask(*, last: dt.datetime | None, for_phone: int, for_address: int, at: dt.datetime) -> None:
    """Whether another code may be sent: not too soon after the ``last`` for this telephone, and not too many (限次)."""
    if last is not None and at < last + CODE_AGAIN:
        wait = max(1, int((last + CODE_AGAIN - at).total_seconds()))
        raise Refused(_("刚发过一条，请等 %(n)s 秒再要。"), n=wait, field="phone")
    if for_phone >= MOST_FOR_A_PHONE:
        raise Refused(
            _("这个手机号一天最多要 %(n)s 次验证码。请明天再试，或者找工作人员领成员卡。"),
            n=MOST_FOR_A_PHONE,
            field="phone",
        )
    if for_address >= MOST_FOR_AN_ADDRESS:
        raise Refused(_("这个网络刚才要验证码的人太多了。请过一会儿再试，或者找工作人员领成员卡。"), field="phone")


def check_code(*, tries: int, over: bool) -> None:
    """A code may still be tried."""
    if over:
        raise Refused(_("验证码过了 10 分钟，不能用了。请重新要一个。"), field="digits")
    if tries >= CODE_TRIES:
        raise Refused(_("试了 %(n)s 次都不对，这个验证码不能用了。请重新要一个。"), n=CODE_TRIES, field="digits")


def check_proven(*, proven_at: dt.datetime | None, at: dt.datetime) -> None:
    """Whether somebody has just proven that they hold a telephone."""
    if proven_at is None or proven_at + PROVEN_FOR <= at:
        raise Refused(_("离验证手机号太久了，请重新要一个验证码。"))


def check_appointable(*, active: bool, from_on: dt.date, until_on: dt.date, held: bool) -> None:
    """Whether a member may be appointed: for a time that ends, at most two years, and not twice to the same at once."""
    if not active:
        raise Refused(_("已经退出，不能聘任。"))
    if until_on <= from_on:
        raise Refused(_("结束的日子要晚于开始的日子。"), field="until_on")
    if until_on - from_on > LONGEST_TERM:
        raise Refused(_("一次最多聘 %(n)s 天，到期可以再聘。"), n=LONGEST_TERM.days, field="until_on")
    if held:
        raise Refused(_("这段时间里已经聘过这个岗位，不用再聘。"), field="role")


def check_card(*, used: bool, ended: bool, over: bool) -> None:
    """A card opens one browser, once, while it lasts."""
    if used:
        raise Refused(_("这张卡已经用过了。换了手机，请让街道工作人员再打一张。"))
    if ended:
        raise Refused(_("这张卡已经作废。请让街道工作人员再打一张。"))
    if over:
        raise Refused(_("这张卡过期了。请让街道工作人员再打一张。"))
