"""What a street may give to members in thanks (致谢), in which words, by whom, and how it comes to them.

District departments and below set up no commendation items (评比达标表彰): no award is tied to a ceremony, nobody is ranked,
nothing is worth money. What is left is thanks, and the page says so. Source: 评比达标表彰活动管理办法 (2018, national), art. 5
and 8, and the practice of districts.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY
from hege.kernel.checks import check_another, check_line, check_move
from hege.kernel.refused import Refused, refusal_of
from hege.kernel.several import several

LONGEST_TITLE, LONGEST_WORDS, LONGEST_NUMBER, LONGEST_REASON = 60, 1000, 60, 300


class ThanksKind(TextChoices):
    """What is given (致谢种类): none of them is an award."""

    LIKE = "like", _("点赞")
    THANKS = "thanks", _("致谢")
    LETTER = "letter", _("感谢信")
    NOTICE = "notice", _("通报表扬")
    STORY = "story", _("先锋故事")


class ThanksState(TextChoices):
    """How far it has come (致谢进度)."""

    PROPOSED = "proposed", _("待复核")
    REVIEWED = "reviewed", _("已复核")
    IN_PUBLICITY = "in_publicity", _("公示中")
    GIVEN = "given", _("已送达")
    REVOKED = "revoked", _("已撤回")
    DROPPED = "dropped", _("不再办")


NEXT_STATE: Mapping[ThanksState, Set[ThanksState]] = {
    ThanksState.PROPOSED: {ThanksState.REVIEWED, ThanksState.DROPPED},
    ThanksState.REVIEWED: {ThanksState.IN_PUBLICITY, ThanksState.DROPPED},
    ThanksState.IN_PUBLICITY: {ThanksState.GIVEN, ThanksState.DROPPED},
    ThanksState.GIVEN: {ThanksState.REVOKED},
    ThanksState.REVOKED: frozenset(),
    ThanksState.DROPPED: frozenset(),
}
#: What anybody may speak against.
OPEN_TO_OBJECTION = frozenset({ThanksState.IN_PUBLICITY, ThanksState.GIVEN})
#: What anybody finds by its number.
SHOWN = frozenset({ThanksState.IN_PUBLICITY, ThanksState.GIVEN, ThanksState.REVOKED})

#: Lists of volunteers' records are shown for seven days at least (志愿服务记录与证明出具办法, 2020); no law names another term
#: for thanks.
PUBLICITY_DAYS, LONGEST_PUBLICITY_DAYS = 7, 60
MOST_OBJECTIONS_A_DAY = 5

#: Words of commendation: whoever writes one into a title names the approval it rests on.
NEEDS_APPROVAL = ("表彰", "评选", "称号", "奖")
#: Words of a rank that a street does not give out, whatever the approval.
NEVER = ("国家级", "全国", "中国", "第一名", "冠军", "排名")


class Facts(NamedTuple):
    """What a proposal rests on: of one season, never which nor when.

    ``deeds``: what they noticed and another verified; ``minutes``: by scans, or entered by hand and agreed to by another; ``attended``: activities.
    """

    deeds: int
    minutes: int
    attended: int


class Act(Enum):
    """What people do to thanks, with the state it leads to."""

    REVIEW = ThanksState.REVIEWED
    SHOW = ThanksState.IN_PUBLICITY
    GIVE = ThanksState.GIVEN
    REVOKE = ThanksState.REVOKED
    DROP = ThanksState.DROPPED


@dataclass(frozen=True, slots=True)
class Stands:
    """How thanks stand on a day: all that the rules of their steps ask.

    ``proposed_by``: a user's key. ``shown_until_on``: the first day on which they may be given, None before publicity.
    ``active``: whether the member is still one.
    """

    state: ThanksState
    today: dt.date
    proposed_by: int | None = None
    shown_until_on: dt.date | None = None
    open_objections: int = 0
    upheld_objections: int = 0
    active: bool = True


def check_act(act: Act, *, stands: Stands, by: int | None) -> None:
    """Whether this person may do this today: asked by each action, and by each page for its buttons. ``by``: a user's key."""
    to: ThanksState = act.value
    check_move(stands.state, to, NEXT_STATE, _("这份致谢现在是“%(state)s”，不能变为“%(to)s”。"))
    if act in _OF_ANOTHER:
        check_another(by=by, first=stands.proposed_by, sentence=_("这份致谢是您自己提的，要由另一个人来办。"))
    for check in _ASKS.get(act, ()):
        check(stands)


#: What nobody does to thanks that they proposed themselves.
_OF_ANOTHER = frozenset({Act.REVIEW, Act.GIVE})


def _check_member(stands: Stands) -> None:
    if not stands.active:
        raise Refused(_("这位成员已经退出，不能再致谢；请改为“不再办”。"))


def _check_shown(stands: Stands) -> None:
    if stands.shown_until_on is not None and stands.today < stands.shown_until_on:
        raise Refused(_("公示到 %(day)s 为止，期满才能送达。"), day=(stands.shown_until_on - DAY).isoformat())
    if stands.open_objections:
        raise Refused(several("还有 %(n)d 条异议没有处理，不能送达。"), n=stands.open_objections)
    if stands.upheld_objections:
        raise Refused(_("异议成立，请改为“不再办”，核实后另提。"))


_ASKS: Mapping[Act, Sequence[Callable[[Stands], None]]] = {
    Act.REVIEW: (_check_member,),
    Act.SHOW: (_check_member,),
    Act.GIVE: (_check_member, _check_shown),
}


def open_acts(stands: Stands, *, by: int | None) -> list[Act]:
    """What this person may do today, in the order of the way; roles aside."""
    return [act for act in Act if refusal_of(check_act, act=act, stands=stands, by=by) is None]


def check_title(title: str, *, approval_no: str = "", field: str = "title") -> str:
    """The title, without blanks around it. A word of commendation asks for the number of its approval; a rank is refused.

    Blanks and signs within a word do not hide it. ``field``: where the title was typed.
    """
    said = check_line(title, _("请写明标题。"), name=field, most=LONGEST_TITLE)
    bare = "".join(sign for sign in unicodedata.normalize("NFKC", said) if sign.isalnum())
    for word in NEVER:
        if word in bare:
            raise Refused(_("标题里不能写“%(word)s”：街道只致谢，不排名、不授国家级名号。"), word=word, field=field)
    for word in NEEDS_APPROVAL:
        if word in bare and not approval_no:
            raise Refused(
                _("标题里写了“%(word)s”，请填批准文号；没有批准的，请改成“感谢”“点赞”这样的话。"),
                word=word, field="approval_no",
            )  # fmt: skip
    return said


def check_approval(number: str) -> str:
    """The number of an approval (批准文号), which may be empty: a document's number has words and figures."""
    said = check_line(number, name="approval_no", most=LONGEST_NUMBER)
    has = [any(sign.isdigit() for sign in said), any(sign.isalpha() for sign in said)]
    if said and not all(has):
        raise Refused(_("批准文号要写全，例如：沪评组〔2025〕7号。"), field="approval_no")
    return said


def check_facts(facts: Facts) -> None:
    """Thanks rest on something: who has done nothing in the season is not thanked for it."""
    if not any(facts):
        raise Refused(_("这位成员这一季没有查实的事、没有时长，也没有参加活动，没有可以致谢的事。"), field="member")


def check_publicity(days: int) -> None:
    """No fewer than seven days (志愿服务记录与证明出具办法)."""
    if not PUBLICITY_DAYS <= days <= LONGEST_PUBLICITY_DAYS:
        raise Refused(
            _("公示天数要在 %(least)d 到 %(most)d 之间。"),
            least=PUBLICITY_DAYS,
            most=LONGEST_PUBLICITY_DAYS,
            field="days",
        )


def first_day_after(publicity_from: dt.date, days: int) -> dt.date:
    """The first day on which thanks may be given: publicity takes in whole days, that on which it began not."""
    return publicity_from + (days + 1) * DAY


def check_objectable(state: ThanksState, *, lately: int) -> None:
    """Anybody may speak against what is shown or was given (异议); a flood of one day is refused."""
    if state not in OPEN_TO_OBJECTION:
        raise Refused(_("这份致谢现在是“%(state)s”，不用再提异议。"), state=state.label)
    if lately >= MOST_OBJECTIONS_A_DAY:
        raise Refused(several("这一份今天已经收到 %(n)d 条异议，都会有人看。还有要说的请打电话。"), n=lately)


def check_decidable(*, decided: bool, proposed_by: int | None, by: int | None) -> None:
    """An objection is decided once, and never by who proposed what it is about."""
    if decided:
        raise Refused(_("这条异议已经处理过。"))
    check_another(by=by, first=proposed_by, sentence=_("异议说的是您自己提的致谢，要由另一个人来处理。"))


class Decision(TextChoices):
    """What became of an objection (异议处理)."""

    UPHELD = "upheld", _("异议成立")
    NOT_UPHELD = "not_upheld", _("异议不成立")


def named_in_public(*, number: str, called: str, agreed: bool) -> str:
    """How a member is named where anybody may look: by number, with the name only where they agreed (PIPL art. 25)."""
    return f"{called}（{number}）" if agreed and called else number
