"""Thanks in the programme's story, and its ceremony in three parts: what is given, what nobody finds out, what is taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from hege.kernel.calendar import DAY
from hege.people.models import Role
from hege.programme.seasons.models import Activity
from hege.programme.thanks.actions import (
    certify_hours,
    decide_thanks_objection,
    give_thanks,
    object_to_thanks,
    propose_thanks,
    review_thanks,
    revoke_thanks,
    show_thanks,
)
from hege.programme.thanks.ceremonies.actions import publish_report, write_run_sheet
from hege.programme.thanks.ceremonies.rules import Part, SheetDraft
from hege.programme.thanks.models import Thanks
from hege.programme.thanks.rules import PUBLICITY_DAYS, Decision, ThanksKind

if TYPE_CHECKING:
    from hege.stories.programme import Event, Programme

D = dt.date


class ThanksPlan(NamedTuple):
    """Thanks to a member for a season, by their places in the story; ``given_on`` None: proposed, and shown at most."""

    member: int
    season: int
    kind: ThanksKind
    proposed_on: dt.date
    given_on: dt.date | None
    title: str
    words: str


WORDS = (
    "您一边送单，一边替大家留心。您说过的事，经另外的人看过、办过，来往的人因此更稳当。\n谢谢您。骑慢一点，平安到家。"
)
CAME = "天冷路远，您还是来听、来问，把会的教给后来的人。\n谢谢您。骑慢一点，平安到家。"
#: In the order of days. Those of winter come by post, those of spring are handed over at the ceremony.
THANKS = (
    ThanksPlan(9, 0, ThanksKind.LETTER, D(2025, 12, 1), D(2025, 12, 11), "谢谢您肯来、肯问、肯说", CAME),
    ThanksPlan(5, 0, ThanksKind.LETTER, D(2025, 12, 15), D(2026, 1, 6), "这个冬天，谢谢您替大家留心", WORDS),
    ThanksPlan(2, 0, ThanksKind.STORY, D(2025, 12, 17), None, "一个快递员的早晨", "天不亮出门，天黑才回。他说，路上看见了，说一声不费事。"),
    ThanksPlan(0, 1, ThanksKind.LETTER, D(2026, 4, 21), D(2026, 5, 8), "谢谢您让这条路好走一点", WORDS),
    ThanksPlan(2, 1, ThanksKind.NOTICE, D(2026, 4, 21), D(2026, 5, 8), "一季都来，一次不落", WORDS),
    ThanksPlan(7, 1, ThanksKind.LIKE, D(2026, 4, 22), D(2026, 5, 8), "为您点个赞", WORDS),
)  # fmt: skip
OBJECTED, REVOKED, REVOKED_ON = 4, 5, D(2026, 5, 20)
CERTIFIED, CERTIFIED_ON = 7, D(2025, 12, 12)

#: Of the launch, as the newspaper tells of it, and of the ceremony in May: minute of the day, part, who.
LAUNCH = (
    Part(570, "致敬奋斗：纪实短片", "宣传员"),
    Part(590, "启动四季暖“蜂”行动，“通达四方”能量联盟成立", "四家成员单位"),
    Part(610, "点赞先锋：谢谢这一年替大家留心的人", "街道"),
    Part(630, "“新”心相印，红领通途：两位书记的故事", "街区党支部、新就业群体党支部"),
    Part(650, "赋能送暖：发第一期四方能量券，笛子演奏", "区卫健工作党委"),
)
MAY = (
    Part(570, "致敬奋斗：一个夜班的二十分钟", "夜班骑手"),
    Part(600, "点赞先锋：念感谢信，只念编号", "街道"),
    Part(630, "赋能送暖：夏天的活动菜单", "四家成员单位"),
    Part(670, "一起唱首歌", "大家"),
)


def thanks_events(story: Programme) -> Iterator[Event]:
    """All that has to do with thanks: what is given in winter and in spring, the launch and the ceremony, hours on paper."""
    given: dict[int, Thanks] = {}
    for n, plan in enumerate(THANKS):
        yield plan.proposed_on, 10, partial(_propose, story, given, n)
        if plan.given_on is not None:
            yield plan.proposed_on + DAY, 10, partial(_show, story, given, n)
            yield plan.given_on, 10, partial(_give, story, given, n)
    yield THANKS[OBJECTED].proposed_on + 3 * DAY, 11, partial(_object, story, given)
    yield REVOKED_ON, 11, partial(_revoke, story, given)
    yield CERTIFIED_ON, 11, partial(_certify, story)
    launch, may = _at(story, "启动"), _at(story, "致敬奋斗")
    yield (
        D(2025, 11, 24),
        12,
        partial(
            _tell_of,
            story,
            launch,
            LAUNCH,
            D(2025, 11, 24),
            126,
            "启动了四季暖“蜂”行动，发布暖冬·感恩季活动菜单，发了第一期四方能量券。",
        ),
    )
    yield (
        D(2026, 5, 9),
        12,
        partial(
            _tell_of, story, may, MAY, D(2026, 5, 9), 143, "三个篇章一个上午：看短片，念感谢信，领夏天的活动菜单。"
        ),
    )


def _at(story: Programme, words: str) -> int:
    return next(n for n, activity in enumerate(story.activities) if words in activity.title)


def _propose(story: Programme, given: dict[int, Thanks], n: int) -> None:
    plan = THANKS[n]
    given[n] = propose_thanks(
        story.members[plan.member], season=story.seasons[plan.season], kind=plan.kind, title=plan.title, words=plan.words,
        **story.acting(Role.CLERK, plan.proposed_on),
    )  # fmt: skip
    facts = given[n].facts
    story.told(
        plan.proposed_on, f"提出致谢：{plan.title}", "凭这一季的件数和时长，不写哪一件、哪一天", deeds=facts.deeds,
        minutes=facts.minutes, attended=facts.attended,
    )  # fmt: skip


def _show(story: Programme, given: dict[int, Thanks], n: int) -> None:
    on = THANKS[n].proposed_on + DAY
    thanks = review_thanks(given[n], words="件数和时长与记录一致。", **story.acting(Role.CHECKER, on))
    given[n] = show_thanks(thanks, **story.acting(Role.COORDINATOR, on))
    story.told(on, "致谢公示", "另一个人复核过；谁都可以提异议", publicity_days=PUBLICITY_DAYS)


def _give(story: Programme, given: dict[int, Thanks], n: int) -> None:
    on = THANKS[n].given_on
    assert on is not None
    given[n] = give_thanks(given[n], **story.acting(Role.COORDINATOR, on))
    story.told(
        on,
        f"送达：{given[n].get_kind_display()} {given[n].number}",
        "有编号，有二维码，有签名；没有奖金，不排名",
        given=1,
    )


def _object(story: Programme, given: dict[int, Thanks]) -> None:
    on = THANKS[OBJECTED].proposed_on + 3 * DAY
    said = object_to_thanks(given[OBJECTED], words="他有两次来晚了。", by=None, at=story.at(on, 9))
    decide_thanks_objection(
        said,
        decision=Decision.NOT_UPHELD,
        words="迟到的两次没有算时长，件数和时长属实。",
        **story.acting(Role.COORDINATOR, on),
    )
    story.told(on, "对致谢的异议", "有人说了，另一个人看过记录，写明为什么不成立", objections=1)


def _revoke(story: Programme, given: dict[int, Thanks]) -> None:
    reason = "发错了人，已给本人说明，另发一份。"
    given[REVOKED] = revoke_thanks(given[REVOKED], reason=reason, **story.acting(Role.COORDINATOR, REVOKED_ON))
    story.told(REVOKED_ON, "撤回一份致谢", "理由一直看得到，签名随即查得到作废", revoked=1)


def _certify(story: Programme) -> None:
    since = min(season.from_on for season in story.seasons)
    made = certify_hours(
        story.members[CERTIFIED],
        from_on=since,
        last_on=CERTIFIED_ON + story.shift,
        **story.acting(Role.CLERK, CERTIFIED_ON),
    )
    story.told(CERTIFIED_ON, f"志愿服务记录证明 {made.number}", "时长全部来自扫码，免费出具", minutes=made.minutes)


def _tell_of(story: Programme, n: int, parts: tuple[Part, ...], on: dt.date, came: int, words: str) -> None:
    """The run sheet as it was, and what happened, read by another before everybody may."""
    activity = Activity.objects.select_related("street__trail_head").get(pk=story.activities[n].pk)
    draft = SheetDraft(parts, words=words, came=came)
    sheet = write_run_sheet(activity, draft=draft, **story.acting(Role.CLERK, on))
    publish_report(sheet, **story.acting(Role.COORDINATOR, on))
    story.told(on, f"小结公开：{activity.title}", "三个篇章；名字只写同意公开的人", came=came, parts=len(parts))
