"""Who gets a place, until when an offered one is kept, who came, and for how long (报名、候补、签到、时长)."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hege.kernel.checks import check_another
from hege.kernel.clock import SHANGHAI
from hege.kernel.ids import ALPHABET
from hege.kernel.refused import Refused

#: An offered place is kept so long, and never into the last hours before the start: then nobody could be asked instead.
OFFER_KEPT = dt.timedelta(hours=12)
LAST_ANSWER = dt.timedelta(hours=3)
#: A shorter time to answer is none.
SHORTEST_OFFER = dt.timedelta(minutes=30)

#: From when before the start, and until when after the end, somebody may check in or out.
AROUND = dt.timedelta(minutes=30)
#: So long after the start nobody is late.
GRACE = dt.timedelta(minutes=10)

#: The code on the wall is a new one every so many seconds; beside the present one so many are taken, because a phone takes
#: a moment to open a page.
STEP, SLACK, SYMBOLS = 30, 1, 10
#: A code that stood on the wall in the last minutes is called old, any other wrong.
REMEMBERED = 20
#: Who opened the page in time may take so long to press its button.
PRESSED_WITHIN = dt.timedelta(minutes=5)

#: What a strike weighs, and for how many days.
LATE_WEIGHS, ABSENT_WEIGHS = 1, 2
STRIKE_DAYS = 60
#: By how much the sign-up of somebody begins later, by the weight of the strikes that run; the last one counts on.
DELAYS = (dt.timedelta(0), dt.timedelta(hours=3), dt.timedelta(hours=12), dt.timedelta(hours=24))

LONGEST_REASON = 300


class SignupState(TextChoices):
    """How a sign-up stands (报名状态)."""

    CONFIRMED = "confirmed", _("已报上")
    WAITING = "waiting", _("候补中")
    OFFERED = "offered", _("等答复")
    CANCELLED = "cancelled", _("已取消")
    DECLINED = "declined", _("没有要")
    LAPSED = "lapsed", _("过期没答")


#: These take up places.
HOLDS_PLACES = frozenset({SignupState.CONFIRMED, SignupState.OFFERED})
#: These have something to come; the others are over, and may begin anew at the end of the queue.
LIVE = HOLDS_PLACES | {SignupState.WAITING}

NEXT_STATE: Mapping[SignupState, Set[SignupState]] = {
    SignupState.WAITING: {SignupState.OFFERED, SignupState.CONFIRMED, SignupState.CANCELLED},
    SignupState.OFFERED: {SignupState.CONFIRMED, SignupState.DECLINED, SignupState.LAPSED, SignupState.CANCELLED},
    SignupState.CONFIRMED: {SignupState.CANCELLED},
    **dict.fromkeys(
        (SignupState.CANCELLED, SignupState.DECLINED, SignupState.LAPSED),
        frozenset({SignupState.CONFIRMED, SignupState.WAITING}),
    ),
}


class Presence(TextChoices):
    """Whether somebody came (到场情况)."""

    ATTENDED = "attended", pgettext_lazy("到场情况", "到了")
    LATE = "late", _("迟到")
    ABSENT = "absent", _("缺席")
    EXCUSED = "excused", _("请假")


class Way(TextChoices):
    """Which way somebody goes."""

    IN = "in", _("签到")
    OUT = "out", _("签退")


class How(TextChoices):
    """By what a scan came (怎么记的)."""

    CODE = "code", _("自己扫码")
    STAFF = "staff", _("工作人员")


class ScanResult(TextChoices):
    """What became of a scan (扫码结果)."""

    COUNTED = "counted", _("记上了")
    OLD_CODE = "old_code", _("码过期")
    WRONG_CODE = "wrong_code", _("码不对")
    TOO_EARLY = "too_early", _("还没开始签到")
    TOO_LATE = "too_late", _("签到已经结束")
    NO_PLACE = "no_place", _("没有报上名")
    ALREADY_IN = "already_in", _("已经签到")
    NOT_IN = "not_in", _("没有签到过")


class EntryState(TextChoices):
    """How far an entry by hand has come (手工补录)."""

    WAITING = "waiting", _("等第二个人")
    AGREED = "agreed", _("已同意")
    REFUSED = "refused", _("没同意")


# -- places and the waiting list -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms one signs up for an activity. ``capacity``: places in persons, None where nobody need sign up.

    Instants are half-open: open from ``opens_at`` until before ``closes_at``.
    """

    runs: bool
    capacity: int | None
    taken: int
    party_max: int
    waiting_list: bool
    opens_at: dt.datetime
    closes_at: dt.datetime
    starts_at: dt.datetime
    ends_at: dt.datetime

    @property
    def free(self) -> int:
        """Places nobody has and nobody is asked about."""
        return max(0, (self.capacity or 0) - self.taken)


class Waiter(NamedTuple):
    """Who waits: the key of the sign-up, and how many persons come."""

    key: int
    party: int


def next_offers(waiting: Iterable[Waiter], free: int) -> list[int]:
    """Whom the free places are offered to: in the order of asking, each whose party still fits (候补递补).

    Who does not fit keeps the turn and is passed over only for who does.
    """
    offers = []
    for waiter in waiting:
        if waiter.party <= free:
            offers.append(waiter.key)
            free -= waiter.party
    return offers


def answer_by(starts_at: dt.datetime, *, at: dt.datetime) -> dt.datetime | None:
    """Until when an offer made now may be taken: before the last hours ahead of the start; None where too little is left."""
    until = min(at + OFFER_KEPT, starts_at - LAST_ANSWER)
    return until if until - at >= SHORTEST_OFFER else None


def offers_end(starts_at: dt.datetime) -> dt.datetime:
    """From this instant on no place is offered any more."""
    return starts_at - LAST_ANSWER - SHORTEST_OFFER


def delay(weight: int) -> dt.timedelta:
    """By how much strikes of so much weight put a sign-up off."""
    return DELAYS[min(max(weight, 0), len(DELAYS) - 1)]


def opens_for(terms: Terms, weight: int) -> dt.datetime:
    """When the sign-up opens for somebody with strikes: later, but never later than half of its time, so that nobody is
    shut out."""
    return terms.opens_at + min(delay(weight), max((terms.closes_at - terms.opens_at) // 2, dt.timedelta(0)))


def expires_on(closed_on: dt.date) -> dt.date:
    """The first day on which a strike of that day counts no more."""
    return closed_on + dt.timedelta(days=STRIKE_DAYS)


def check_open(terms: Terms, *, weight: int = 0, at: dt.datetime) -> None:
    """Whether one may sign up now, whatever places there are."""
    if not terms.runs:
        raise Refused(_("这场活动不办了，不能报名。请到菜单里看看别的活动。"))
    if terms.capacity is None:
        raise Refused(_("这场不用报名，到时候直接来就行。"))
    opens_at = opens_for(terms, weight)
    if at < terms.opens_at:
        raise Refused(_("还没开始报名，%(when)s 起可以报。"), when=_when(terms.opens_at))
    if at >= terms.closes_at:
        raise Refused(_("报名在 %(when)s 截止了。请到菜单里看看别的活动。"), when=_when(terms.closes_at))
    if at < opens_at:
        raise Refused(
            _("您有迟到或缺席的记录，这场从 %(when)s 起可以报。记错了请找工作人员撤销。"), when=_when(opens_at)
        )


def check_party(terms: Terms, party: int) -> None:
    """How many come together."""
    most = min(terms.party_max, terms.capacity or terms.party_max)
    if party < 1:
        raise Refused(_("至少 1 个人，请改人数。"), field="party")
    if party > most:
        raise Refused(_("这场每次最多报 %(most)d 个人，请改人数。"), most=most, field="party")


def check_sign_up(
    terms: Terms, *, state: SignupState | None, party: int, weight: int = 0, at: dt.datetime
) -> SignupState:
    """How somebody stands who signs up now: with a place, or on the waiting list. ``state``: how they stood before.

    Who waits may ask again once no place is offered any more, and gets one that is free.
    """
    check_not_in(state)
    check_open(terms, weight=weight, at=at)
    check_party(terms, party)
    if party <= terms.free:
        return SignupState.CONFIRMED
    if state is SignupState.WAITING:
        raise Refused(_("您已经排在候补里，还没有够 %(n)d 个人的位子。"), n=party)
    if not terms.waiting_list:
        raise Refused(_("还剩 %(free)d 个位子，不够 %(n)d 个人，这场没有候补。"), free=terms.free, n=party)
    if answer_by(terms.starts_at, at=at) is None:
        raise Refused(
            _("还剩 %(free)d 个位子，不够 %(n)d 个人；%(when)s 起候补也停了。"),
            free=terms.free, n=party, when=_when(offers_end(terms.starts_at)),
        )  # fmt: skip
    return SignupState.WAITING


def check_not_in(state: SignupState | None) -> None:
    """Nobody has two places."""
    if state is SignupState.CONFIRMED:
        raise Refused(_("您已经报上了，不用再报。"))
    if state is SignupState.OFFERED:
        raise Refused(_("有位子留给您了，请先答复要还是不要。"))


def check_offer(
    state: SignupState, *, offer: int | None, current: int, until: dt.datetime | None, at: dt.datetime
) -> None:
    """Whether an offer may still be answered: the last one that was made (``offer`` is the one the page showed), in time."""
    if state is SignupState.CONFIRMED:
        raise Refused(_("这个位子已经是您的了，不用再答复。"))
    if state is not SignupState.OFFERED or (offer is not None and offer != current):
        raise Refused(_("这次递补已经不算数了，请看这场现在的情况。"))
    if until is None or at >= until:
        raise Refused(_("答复在 %(when)s 截止，位子已经让给后面的人。您可以重新报名排候补。"), when=_when(until))


def check_cancel(terms: Terms, state: SignupState, *, at: dt.datetime) -> None:
    """Whether a sign-up may be taken back: until the start, so that somebody else can come."""
    if state not in LIVE:
        raise Refused(_("您现在没有报这场，不用取消。"))
    if at >= terms.starts_at:
        raise Refused(_("活动在 %(when)s 开始了，不能再取消。来不了请告诉工作人员。"), when=_when(terms.starts_at))


# -- checking in and out -----------------------------------------------------------------------------------------------


def step_of(at: dt.datetime) -> int:
    """The half minute an instant falls in."""
    return int(at.timestamp()) // STEP


def wall_code(key: bytes, activity: str, step: int) -> str:
    """The code on the wall of an activity (签到码) during one half minute; ``key`` is the installation's for this purpose."""
    number = int.from_bytes(hmac.digest(key, f"{activity} {step}".encode(), "sha256"))
    symbols = []
    for _n in range(SYMBOLS):
        number, digit = divmod(number, len(ALPHABET))
        symbols.append(ALPHABET[digit])
    return "".join(symbols)


def read_code(keys: Collection[bytes], activity: str, code: str, *, at: dt.datetime) -> ScanResult:
    """Whether a code stands on the wall now, or stood there a moment ago."""
    now, result = step_of(at), ScanResult.WRONG_CODE
    for step in range(now - REMEMBERED, now + SLACK + 1):
        for key in keys:
            if hmac.compare_digest(wall_code(key, activity, step).encode(), code.encode()):
                result = ScanResult.COUNTED if step >= now - SLACK else ScanResult.OLD_CODE
    return result


class Pass(NamedTuple):
    """Somebody went in or out, when."""

    way: Way
    at: dt.datetime


def is_in(passes: Sequence[Pass]) -> bool:
    """Whether somebody is in after the passes that counted, in their order."""
    return bool(passes) and passes[-1].way is Way.IN


def scan_result(terms: Terms, *, way: Way, has_place: bool, inside: bool, at: dt.datetime) -> ScanResult:
    """What becomes of a scan: in until the end, out a while longer."""
    if at < terms.starts_at - AROUND:
        return ScanResult.TOO_EARLY
    if at >= terms.ends_at + (AROUND if way is Way.OUT else dt.timedelta(0)):
        return ScanResult.TOO_LATE
    if not has_place:
        return ScanResult.NO_PLACE
    if way is Way.IN:
        return ScanResult.ALREADY_IN if inside else ScanResult.COUNTED
    return ScanResult.COUNTED if inside else ScanResult.NOT_IN


def check_scan(result: ScanResult, terms: Terms, *, since: dt.datetime | None = None) -> None:
    """Refuse what was not taken, in words. ``since``: of one who is in already, since when."""
    match result:
        case ScanResult.OLD_CODE:
            raise Refused(_("这个码过期了，墙上的码每半分钟换一次。请对着墙上重新扫。"))
        case ScanResult.WRONG_CODE:
            raise Refused(_("这个码不是这场的签到码。请对着会场墙上的码重新扫，或者找工作人员签到。"))
        case ScanResult.TOO_EARLY:
            raise Refused(_("还没开始签到，%(when)s 起可以签。"), when=_when(terms.starts_at - AROUND))
        case ScanResult.TOO_LATE:
            raise Refused(_("活动在 %(when)s 结束，签到已经停了。有出入请找工作人员。"), when=_when(terms.ends_at))
        case ScanResult.NO_PLACE:
            raise Refused(_("您没有报上这场。请找工作人员看看还有没有位子。"))
        case ScanResult.ALREADY_IN:
            raise Refused(_("已经签到了，%(when)s 签的，不用再签。"), when=_when(since))
        case ScanResult.NOT_IN:
            raise Refused(_("还没有签到，不能签退。请先签到。"))


# -- who came, and for how long ------------------------------------------------------------------------------------------


def minutes_within(passes: Iterable[Pass]) -> int:
    """Whole minutes between going in and going out, all times together (时长). Who never went out has none."""
    total, since = dt.timedelta(0), None
    for one in passes:
        if one.way is Way.IN and since is None:
            since = one.at
        elif one.way is Way.OUT and since is not None:
            total, since = total + (one.at - since), None
    return total // dt.timedelta(minutes=1)


def presence_of(
    passes: Iterable[Pass], starts_at: dt.datetime, *, placed_at: dt.datetime | None = None, excused: bool = False
) -> Presence:
    """Whether somebody came, and in time: by the first time in.

    Who was given the place only after the start (``placed_at``) is not late; who is excused neither late nor absent.
    """
    first = next((one.at for one in passes if one.way is Way.IN), None)
    if first is not None and first <= max(starts_at, placed_at or starts_at) + GRACE:
        return Presence.ATTENDED
    if excused:
        return Presence.EXCUSED
    return Presence.ABSENT if first is None else Presence.LATE


def strike_weight(state: SignupState, presence: Presence) -> int:
    """What a strike for it weighs, 0 for none: only who had a place and did not come in time gets one."""
    if state is not SignupState.CONFIRMED:
        return 0
    return {Presence.LATE: LATE_WEIGHS, Presence.ABSENT: ABSENT_WEIGHS}.get(presence, 0)


def closes_at(ends_at: dt.datetime) -> dt.datetime:
    """From this instant on the attendance of an activity is added up."""
    return ends_at + AROUND


def check_excuse(terms: Terms, state: SignupState, presence: Presence | None) -> None:
    """Whether somebody may be excused: who has or had a place and has not come."""
    if not terms.runs:
        raise Refused(_("这场活动不办了，不用请假。"))
    if state is not SignupState.CONFIRMED:
        raise Refused(_("没有位子的人不用请假。"))
    if presence is Presence.EXCUSED:
        raise Refused(_("已经请过假了。"))
    if presence is Presence.ATTENDED:
        raise Refused(_("这位已经到了，不用请假。"))


def check_entry(terms: Terms, *, minutes: int, scanned: int, at: dt.datetime) -> None:
    """Whether minutes may be entered by hand: after the end, and with what was scanned no more than it lasted (手工补录)."""
    if at < closes_at(terms.ends_at):
        raise Refused(_("%(when)s 签到停了以后才能补录，请先用签到。"), when=_when(closes_at(terms.ends_at)))
    lasted = (terms.ends_at - terms.starts_at) // dt.timedelta(minutes=1)
    if scanned >= lasted:
        raise Refused(_("这场办了 %(lasted)d 分钟，扫码已经记满，不用补。"), lasted=lasted)
    if not 1 <= minutes <= lasted - scanned:
        raise Refused(
            _("这场办了 %(lasted)d 分钟，扫码记了 %(scanned)d 分钟，请补 1 到 %(most)d 分钟。"),
            lasted=lasted, scanned=scanned, most=lasted - scanned, field="minutes",
        )  # fmt: skip


def check_agrees(state: EntryState, *, entered_by: int | None, by: int) -> None:
    """An entry by hand counts once another person has agreed to it."""
    if state is not EntryState.WAITING:
        raise Refused(_("这条补录已经有人答复过了。"))
    check_another(by=by, first=entered_by, sentence=_("补录要由另一个人点头，录的人自己不能同意。"))


def check_lift(*, lifted: bool, expired: bool) -> None:
    """Whether a strike may be lifted."""
    if lifted:
        raise Refused(_("这条记录已经撤销了。"))
    if expired:
        raise Refused(_("这条记录已经过期，不再推迟报名，不用撤销。"))


def _when(instant: dt.datetime | None) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if instant else ""
