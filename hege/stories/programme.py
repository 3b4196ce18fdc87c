"""The newspaper's second article (四季暖“蜂”行动): a year for riders, its alliance, its activities, played day by day.

All figures are samples; persons are roles and invented nicknames.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from django.db.models import Sum

from hege.cases import actions as cases
from hege.cases.models import Case, Report, TimelineLine
from hege.cases.reports.actions import begin_verifying, verify_report
from hege.kernel.calendar import DAY
from hege.kernel.clock import EPOCH, SHANGHAI
from hege.kernel.refused import Refused
from hege.members.actions import join_with_card
from hege.members.models import Member
from hege.members.rules import ConsentKind, MemberWork
from hege.people.models import Party, Role
from hege.places.staff.actions import add_office
from hege.points.actions import expire_points
from hege.procedures.actions import claim_for_points, close_case, open_case, post_hours
from hege.programme.activities.actions import (
    cancel_signup,
    check_in,
    check_out,
    close_attendances,
    sign_up,
    staff_check_in,
    take_offer,
)
from hege.programme.activities.models import Signup
from hege.programme.activities.queries import code_now, figures_of
from hege.programme.activities.rules import SignupState
from hege.programme.alliance.actions import add_offering, join_alliance, look_at_station, open_station
from hege.programme.alliance.models import AllianceUnit, Station
from hege.programme.deeds.actions import post_round, report_deed
from hege.programme.deeds.models import Deed
from hege.programme.seasons.actions import plan_activity, plan_season, publish_activity
from hege.programme.seasons.almanac import Festival, days_of
from hege.programme.seasons.models import Activity, Season, Topic
from hege.programme.seasons.rules import ActivityDraft, SeasonDraft, TopicDraft
from hege.programme.settlements.queries import lists_of, open_of
from hege.stories.crisis import Step
from hege.stories.programme_money import Settling
from hege.stories.programme_places import show_places
from hege.stories.programme_thanks import thanks_events
from hege.stories.programme_year import (
    ACTIVITIES,
    BATCHES,
    CINEMA,
    CLINIC,
    DEEDS,
    OFFERINGS,
    RIDERS,
    SEASONS,
    SHOPS,
    STATIONS,
    TRIALS,
    TRIED_ON,
    TRYING,
    UNITS,
    WITHOUT_FESTIVAL,
    ActivityPlan,
    BatchPlan,
    season_begins,
)
from hege.stories.street import Acting, Stage
from hege.trail.models import TrailLine
from hege.vouchers.actions import approve_batch, draft_batch, expire_claims
from hege.vouchers.models import Batch, Claim, Merchant, Till
from hege.vouchers.moving import moving_code, scanned_code
from hege.vouchers.queries import figures_of as vouchers_of
from hege.vouchers.rules import Terms, Worth
from hege.vouchers.sealing import unsealed
from hege.vouchers.tills.actions import add_merchant, add_till, open_till, redeem, redeem_offline
from hege.vouchers.tills.queries import standing, till_by_token
from hege.vouchers.tills.rules import Queued

#: What happens on a day: the order within the day, and what it is.
Event = tuple[dt.date, int, Callable[[], object]]
LAUNCHED_ON = dt.date(2025, 11, 21)  # the day of the newspaper page
PLANNED_ON = dt.date(2025, 11, 8)
#: The day on which a demo finds itself, and on which the pictures of the programme were drawn.
MIDDLE_OF_WINTER = dt.date(2025, 12, 18)
LAST_ON = dt.date(2026, 11, 6)  # of the year that was planned


def instant(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """An instant of a day by the clocks of Shanghai, in UTC."""
    return dt.datetime.combine(day, dt.time(hour, minute), SHANGHAI).astimezone(dt.UTC)


class Proven(NamedTuple):
    """Vouchers by what became of them; fen that shops are owed, on lists, paid and on none; deeds whose member could be told."""

    claims: int
    redeemed: int
    ended: int
    held: int
    owed_fen: int
    settled_fen: int
    paid_fen: int
    open_fen: int
    told: list[str]


@dataclass
class Programme:
    """The programme of one street, a year from its launch.

    ``shift`` moves every day, so that a demo stands in the middle of winter whenever it is played: topics move by whole
    months then, and what hangs on a festival goes to it, or is called by another name.
    """

    stage: Stage
    tell: Callable[[Step], None] = lambda step: None
    shift: dt.timedelta = dt.timedelta(0)
    steps: list[Step] = field(default_factory=list)
    units: list[AllianceUnit] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)
    seasons: list[Season] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    shops: list[Merchant] = field(default_factory=list)
    tills: list[Till] = field(default_factory=list)
    batches: dict[int, Batch] = field(default_factory=dict)
    deeds: dict[int, Deed] = field(default_factory=dict)
    case: Case | None = None

    def acting(self, role: Role, on: dt.date) -> Acting:
        """Somebody of a role at noon of a day of the story."""
        return self.stage.acting(role, on + self.shift)

    def told(self, on: dt.date, title: str, says: str, **figures: int) -> None:
        """One step of the story."""
        step = Step(on + self.shift, title, says, figures)
        self.steps.append(step)
        self.tell(step)

    def play(self, until: dt.date = dt.date.max) -> None:
        """Everything that happens from the launch on, in the order of days, up to a day of the story, that day included."""
        for day, _order, do in self.events():
            if day <= until:
                do()

    def events(self) -> list[Event]:
        """All that happens from the launch on, in its order."""
        events = [*self._evenings(), *self._vouchers(), *self._watching(), *self._chores(), *self._settling()]
        events += thanks_events(self)
        return sorted(events, key=lambda event: event[:2])

    # -- before it begins --------------------------------------------------------------------------------------------------

    def until_the_launch(self) -> None:
        """The alliance, its stations, the year, and the first activities published: what the newspaper reports."""
        self.join_the_alliance()
        self.open_stations()
        self.plan_the_year()
        self.open_shops()
        self.try_the_tills()
        self.let_members_join()

    def join_the_alliance(self) -> None:
        """Four units, and what each brings."""
        on = PLANNED_ON
        for name in UNITS:
            unit = join_alliance(
                self.stage.street, party=self._party(name), from_on=on + self.shift, contact="示例联系人",
                **self.acting(Role.COORDINATOR, on),
            )  # fmt: skip
            self.units.append(unit)
        for n, kind, words, fen in OFFERINGS:
            add_offering(
                self.units[n],
                kind=kind,
                words=words,
                amount_fen=fen,
                from_on=on + self.shift,
                **self.acting(Role.COORDINATOR, on),
            )
        self.told(
            on,
            "“通达四方”能量联盟成立",
            f"{len(UNITS)} 家单位，{len(OFFERINGS)} 样东西",
            units=len(UNITS),
            offerings=len(OFFERINGS),
        )

    def _party(self, name: str) -> Party:
        found = Party.objects.filter(street=self.stage.street, name=name).first()
        who = self.acting(Role.COORDINATOR, PLANNED_ON)
        return found or add_office(self.stage.street, name=name, inside=False, **who)

    def open_stations(self) -> None:
        """Where riders may rest, with hours and what is there."""
        on = PLANNED_ON
        for name, address, facilities, hours, lon_e6, lat_e6 in STATIONS:
            station = open_station(
                self.stage.street, name=name, place=self.stage.block, address=address, facilities=facilities, hours=hours,
                lon_e6=lon_e6, lat_e6=lat_e6, unit=self.units[0], **self.acting(Role.COORDINATOR, on),
            )  # fmt: skip
            look_at_station(station, looked_on=on + self.shift, **self.acting(Role.GRID_WORKER, on))
            self.stations.append(station)
        self.told(on, "驿站开门", f"{len(STATIONS)} 处，写明几点开、有什么", stations=len(STATIONS))

    def plan_the_year(self) -> None:
        """Four seasons, twelve topics, and all activities; those of the first weeks published by another person."""
        on = PLANNED_ON
        self.seasons = [
            plan_season(self.stage.street, draft=draft, **self.acting(Role.CLERK, on)) for draft in _seasons(self.shift)
        ]
        rows = Topic.objects.filter(street=self.stage.street).select_related("season__street", "street")
        topics = {topic.number: topic for topic in rows}
        numbers = {month: number for season in SEASONS for number, month, _name in season.topics}
        for plan in ACTIVITIES:
            unit = None if plan.unit is None else self.units[plan.unit]
            station = next((one for one in self.stations if plan.where.startswith(one.name)), None)
            topic = topics[numbers[plan.on.month]]
            made = plan_activity(
                topic, draft=_activity(plan, topic.season, self.shift), unit=unit, station=station,
                **self.acting(Role.CLERK, on),
            )  # fmt: skip
            self.activities.append(made)
        published = self.publish_until(dt.date(2026, 2, 4), on=on + DAY)
        self.told(
            on, "全年排好", f"四季十二个专题，{len(ACTIVITIES)} 项活动；先发布 {published} 项", seasons=len(SEASONS),
            topics=sum(len(season.topics) for season in SEASONS), activities=len(ACTIVITIES), published=published,
        )  # fmt: skip

    def publish_until(self, day: dt.date, *, on: dt.date) -> int:
        """Publish the activities that begin before a day and are not published; how many."""
        count = 0
        for n, (plan, activity) in enumerate(zip(ACTIVITIES, self.activities, strict=True)):
            if on < plan.on < day and activity.published_at is None:
                self.activities[n] = publish_activity(activity, **self.acting(Role.COORDINATOR, on))
                count += 1
        return count

    # -- members, and what they come to -------------------------------------------------------------------------------------

    def let_members_join(self) -> None:
        """Riders join at the desk of the launch, each with a card; some have joined before, to try the tills."""
        on = LAUNCHED_ON
        self._join(on, RIDERS[len(self.members) :])
        self.told(on, "启动，成员加入", f"{len(RIDERS)} 位成员，各项同意分开问", members=len(RIDERS))

    def _join(self, on: dt.date, riders: Sequence[tuple[str, MemberWork]]) -> None:
        agreed = {ConsentKind.MESSAGES: True, ConsentKind.BOARD: True, ConsentKind.PICTURES: False}
        for called, work in riders:
            consents = {**agreed, ConsentKind.NAME_PUBLIC: len(self.members) % 3 == 0}
            self.members.append(
                join_with_card(self.stage.street, called=called, work=work, consents=consents, **self.acting(Role.CLERK, on))
            )  # fmt: skip

    def _evenings(self) -> Iterable[Event]:
        """Signing up, giving a place back, coming, not coming, and the count afterwards, of each activity."""
        for n, plan in enumerate(ACTIVITIES):
            if plan.capacity is None:
                continue
            yield plan.on - 4 * DAY, 1, partial(self._sign_up, n)
            yield plan.on - 2 * DAY, 1, partial(self._give_back, n)
            yield plan.on, 5, partial(self._come, n)
            yield plan.on + DAY, 0, partial(self._count, n)

    def _ready(self, n: int) -> bool:
        return self.activities[n].published_at is not None

    def _sign_up(self, n: int) -> None:
        plan = ACTIVITIES[n]
        if not self._ready(n):
            return
        capacity = plan.capacity or 0
        for k in range(min(len(self.members), capacity + 2, 7)):
            member = self.members[(5 * n + k) % len(self.members)]
            party = 2 if plan.party_max > 1 and k == 0 else 1
            with suppress(Refused):  # a strike may still delay somebody: then they come another time
                sign_up(self.activities[n], member=member, party=party, by=None, at=self.at(plan.on - 4 * DAY, 12, k))

    def _signups(self, n: int, *states: SignupState) -> list[Signup]:
        rows = Signup.objects.filter(street=self.stage.street, activity=self.activities[n], state__in=states)
        return list(
            rows.select_related("activity__street__trail_head", "member", "street__trail_head").order_by("queued")
        )

    def _give_back(self, n: int) -> None:
        """Where somebody waits, somebody gives a place back, and who is asked takes it."""
        on = ACTIVITIES[n].on - 2 * DAY
        if not self._signups(n, SignupState.WAITING):
            return
        cancel_signup(self._signups(n, SignupState.CONFIRMED)[0], by=None, at=self.at(on, 12))
        for offered in self._signups(n, SignupState.OFFERED)[:1]:
            take_offer(offered, by=None, at=self.at(on, 13))

    def _come(self, n: int) -> None:
        """All but one come, by the code on the wall; the last one by hand of the office."""
        if not self._ready(n):
            return
        activity, came = self._activity(n), self._signups(n, SignupState.CONFIRMED)
        absent = came[1:2] if n % 4 == 2 else []
        begins, ends = activity.starts_at - dt.timedelta(minutes=5), activity.ends_at
        for signup in came:
            if signup in absent:
                continue
            if signup is came[-1]:
                staff_check_in(activity, member=signup.member, by=self.stage.users[Role.CLERK], at=begins)
            else:
                check_in(activity, member=signup.member, code=code_now(activity, at=begins), by=None, at=begins)
        for signup in came[:-1]:
            if signup not in absent:
                check_out(activity, member=signup.member, code=code_now(activity, at=ends), by=None, at=ends)

    def _activity(self, n: int) -> Activity:
        return Activity.objects.select_related("street__trail_head", "season").get(pk=self.activities[n].pk)

    def _count(self, n: int) -> None:
        on = ACTIVITIES[n].on + DAY
        if not self._ready(n):
            return
        close_attendances(self.stage.street, by=None, at=self.at(on, 12))
        activity = self._activity(n)
        post_hours(activity, by=None, at=self.at(on, 12))
        seen = figures_of(self.stage.street, [activity.pk])[activity.pk]
        self.told(
            on, f"办完：{activity.title}", f"{seen.attended + seen.late} 人到，{seen.absent} 人没来",
            capacity=activity.capacity or 0, taken=activity.taken, attended=seen.attended, late=seen.late, absent=seen.absent,
        )  # fmt: skip

    # -- vouchers -----------------------------------------------------------------------------------------------------------

    def open_shops(self) -> None:
        """Shops that take vouchers, each with a till on its phone; the street pays all but one for all whose vouchers they are."""
        on = TRIED_ON - 2 * DAY
        who = self.acting(Role.CLERK, on)
        for n, name in enumerate(SHOPS):
            shop = add_merchant(
                self.stage.street, name=name, payee=f"{name}经营部", host=self.units[0].party if n else None,
                from_on=on + self.shift, **who,
            )  # fmt: skip
            link = add_till(shop, label="前台手机", **who)
            token = open_till(link, secret=f"phone of {name}", by=None, at=who["at"])
            till = till_by_token(token, self.stage.street.code)
            assert till is not None
            self.shops.append(shop)
            self.tills.append(till)
        self.told(on, "商户开通收券台", f"{len(SHOPS)} 家，手机就能收", tills=len(SHOPS))

    def try_the_tills(self) -> None:
        """Before the launch some riders try each till with a voucher of its own."""
        self._join(TRIED_ON - DAY, RIDERS[:TRYING])
        for n, plan in enumerate(TRIALS):
            batch = self.batches[-1 - n] = self._given_out(plan)
            batch = Batch.objects.select_related("street__trail_head").get(pk=batch.pk)
            for k, member in enumerate(self.members):
                claim = claim_for_points(batch, member=member, by=None, at=self.at(TRIED_ON, 10, k))
                at = self.at(TRIED_ON + DAY, 12 + n, k)
                code = scanned_code(_secret(claim), at)
                redeem(self.tills[plan.shop], number=claim.number, code=code, nonce=f"try{n}-{k}", by=None, at=at)
        used = TRYING * len(TRIALS)
        self.told(TRIED_ON + DAY, "试收", f"{TRYING} 位骑手在每家试用一张，{used} 张都收下了", redeemed=used)

    def _settling(self) -> Iterable[Event]:
        """Month by month, what shops are owed is frozen, confirmed or disputed, and paid."""

        def told(on: dt.date, title: str, says: str, fen: int) -> None:
            self.told(on - self.shift, title, says, fen=fen)

        settling = Settling(
            self.stage, {till.merchant_id: till for till in self.tills}, disputes=self.shops[CLINIC].pk,
            in_parts=self.shops[CINEMA].pk, told=told,
        )  # fmt: skip
        for on, do in settling.events(PLANNED_ON + self.shift, LAST_ON + self.shift):
            yield on - self.shift, 10, do

    def _vouchers(self) -> Iterable[Event]:
        for n, plan in enumerate(BATCHES):
            yield plan.released_on - DAY, 2, partial(self._give_out, n)
            yield plan.released_on, 3, partial(self._claim, n)
            yield _first(plan, after=plan.released_on + 3 * DAY), 4, partial(self._redeem, n)

    def _give_out(self, n: int) -> None:
        self.batches[n] = self._given_out(BATCHES[n])

    def _given_out(self, plan: BatchPlan) -> Batch:
        """A batch made by one and approved by another, the day before it is released."""
        on = plan.released_on - DAY
        terms = Terms(
            title=plan.title, kind=plan.kind, stock=plan.stock, value_fen=plan.value_fen, percent=plan.percent,
            cost_fen=plan.cost_fen, budget_fen=plan.stock * plan.cost_fen, point_price=plan.point_price,
            releases_at=self.at(plan.released_on, 10), claim_until_at=self.at(plan.use_until_on - DAY, 18),
            use_from_on=plan.released_on + self.shift, use_until_on=plan.use_until_on + self.shift,
            weekdays=self._weekdays(plan.weekdays), hours=plan.hours,
        )  # fmt: skip
        payer = self.units[plan.payer].party
        batch = draft_batch(
            self.stage.street,
            terms=terms,
            merchants=[self.shops[plan.shop]],
            payer=payer,
            **self.acting(Role.CLERK, on),
        )
        return approve_batch(batch, **self.acting(Role.COORDINATOR, on))

    def _weekdays(self, weekdays: tuple[int, ...]) -> tuple[int, ...]:
        """The days of the week of the story as they fall where it is moved to."""
        return tuple(sorted((day + self.shift.days) % 7 for day in weekdays))

    def _claim(self, n: int) -> None:
        """Half of the riders claim; one try more than each may have is refused."""
        plan, claimed, refused = BATCHES[n], 0, 0
        batch = Batch.objects.select_related("street__trail_head").get(pk=self.batches[n].pk)
        for k, member in enumerate(self.members[n % 2 :: 2] * 2):
            try:
                claim_for_points(batch, member=member, by=None, at=self.at(plan.released_on, 10, k))
                claimed += 1
            except Refused:
                refused += 1
        self.told(
            plan.released_on,
            f"发券：{plan.title}",
            f"{claimed} 张领走，多领的 {refused} 次没有领成",
            claimed=claimed,
            refused=refused,
        )

    def _redeem(self, n: int) -> None:
        """Two in three are used: at the till, the last of them noted without a network and sent twice afterwards."""
        plan, till = BATCHES[n], self.tills[BATCHES[n].shop]
        on = _first(plan, after=plan.released_on + 3 * DAY)
        rows = Claim.objects.filter(street=self.stage.street, batch=self.batches[n]).select_related(
            "batch", "member", "street"
        )
        used = [claim for k, claim in enumerate(rows.order_by("pk")) if k % 3]
        for k, claim in enumerate(used[:-1]):
            at = self.at(on, 12, k)
            redeem(
                till, number=claim.number, code=scanned_code(_secret(claim), at), nonce=f"n{n}-{k}", bill_fen=_bill(plan),
                by=None, at=at,
            )  # fmt: skip
        for claim in used[-1:]:
            at = self.at(on, 12, 50)
            ms = (at - EPOCH) // dt.timedelta(milliseconds=1)
            noted = Queued(f"off{n}", claim.number, moving_code(_secret(claim), at), ms)._replace(bill_fen=_bill(plan))
            for hour in (19, 20):  # the second sending changes nothing
                redeem_offline(till, scans=[noted], ahead=dt.timedelta(0), by=None, at=self.at(on, hour))
        self.told(
            on, f"用券：{plan.title}", f"{len(used)} 张用掉，最后一张没有网络，先记下、后补送", redeemed=len(used)
        )

    # -- what riders notice -------------------------------------------------------------------------------------------------

    def _watching(self) -> Iterable[Event]:
        for n, (on, _who, _what, _where) in enumerate(DEEDS):
            yield on, 6, partial(self._notice, n)
            yield on + DAY, 6, partial(self._verify, n)
        first = DEEDS[0][0]
        yield first + 2 * DAY, 7, self._open_a_case
        yield first + 9 * DAY, 7, self._close_the_case

    def _notice(self, n: int) -> None:
        on, who, text, where = DEEDS[n]
        self.deeds[n] = report_deed(
            self.members[who], text=text, where=where, place=self.stage.block, by=None, at=self.at(on, 15, n)
        )

    def _verify(self, n: int) -> None:
        if n not in self.deeds:
            return
        who = self.acting(Role.GRID_WORKER, DEEDS[n][0] + DAY)
        verify_report(begin_verifying(self.deeds[n].report, **who), finding="到现场看过，属实。", **who)

    def _open_a_case(self) -> None:
        on = DEEDS[0][0] + 2 * DAY
        report = Report.objects.select_related("street__trail_head", "place").get(pk=self.deeds[0].report_id)
        case = open_case(
            self.stage.street, title="路口盲道被占", summary="公众反映，网格员核实属实。", reports=[report], place=self.stage.block,
            **self.acting(Role.COORDINATOR, on),
        )  # fmt: skip
        lead = self.stage.parties["城建中心"]
        case = cases.dispatch_case(case, lead=lead, days=5, text="请清理并划线。", **self.acting(Role.COORDINATOR, on))
        case = cases.sign_for(case, **self.acting(Role.CLERK, on))
        self.case = cases.first_contact(case, text="已到现场，明天清理。", **self.acting(Role.CLERK, on))
        self.told(on, "随手报成了案件", f"案件 {self.case.number}：来源写的是公众，哪一页都不写是骑手报的", cases=1)

    def _close_the_case(self) -> None:
        on = DEEDS[0][0] + 9 * DAY
        if self.case is None:
            return
        case = cases.give_feedback(self.case, text="车清走了，划了停车线。", **self.acting(Role.CLERK, on))
        case = cases.inspect_case(case, finding="现场看过，盲道通了。", **self.acting(Role.CHECKER, on))
        self.case = close_case(case, text="办结。", **self.acting(Role.COORDINATOR, on))
        self.told(on, "案件办结", "从反映到办结 9 天", closed=1)

    # -- what comes by itself -----------------------------------------------------------------------------------------------

    def _chores(self) -> Iterable[Event]:
        """Each Monday a round of points; each day what expires; each season the next activities published."""
        day = LAUNCHED_ON
        while day <= LAST_ON:
            if day.weekday() == 0:
                yield day, 8, partial(self._round, day)
            if day.day == 1:
                yield day, 9, partial(self._expire, day)
                yield day, 0, partial(self.publish_until, day + 100 * DAY, on=day)
            day += DAY

    def _round(self, day: dt.date) -> None:
        made = post_round(self.stage.street, by=None, at=self.at(day, 3))
        if made is not None and made.number is not None:
            self.told(day, "一轮积分", f"第 {made.number} 轮：至少三个人一起入账，看不出哪一件", rounds=1)

    def _expire(self, day: dt.date) -> None:
        expire_claims(self.stage.street, by=None, at=self.at(day, 4))
        expire_points(self.stage.street, on=day + self.shift, by=None, at=self.at(day, 4))

    def proven(self) -> Proven:
        """What the last line says: what became of each voucher, and whether anything tells who reported what."""
        batches = list(self.batches.values())
        found = vouchers_of(batches)
        street = self.stage.street
        owed = standing(street).aggregate(fen=Sum("owed_fen"))["fen"] or 0
        lists = lists_of(street).aggregate(settled=Sum("total_fen"), paid=Sum("paid_fen"))
        waits = sum(one.fen for one in open_of(street).values())
        return Proven(
            claims=sum(one.claims for one in found.values()), redeemed=sum(one.used for one in found.values()),
            ended=sum(one.ended for one in found.values()), held=sum(one.held for one in found.values()), owed_fen=owed,
            settled_fen=lists["settled"] or 0, paid_fen=lists["paid"] or 0, open_fen=waits,
            told=[deed.public_id for deed in self.deeds.values() if _told(deed)],
        )  # fmt: skip

    def at(self, day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
        """An instant of a day of the story, by the clocks of Shanghai."""
        return instant(day + self.shift, hour, minute)


def _told(deed: Deed) -> bool:
    """Whether a line of the trail or of the case that is about a report names its member."""
    member = deed.member
    about = TrailLine.objects.filter(street=deed.street, thing="cases.report", thing_id=str(deed.report_id))
    said = [str(data) for data in about.values_list("data", flat=True)]
    lines = TimelineLine.objects.filter(street=deed.street, case__reports=deed.report_id)
    said += [f"{text}{of}" for text, of in lines.values_list("text", "said")]
    return any(f"'{member.shown_number}'" in text or member.called in text for text in said)


def _first(plan: BatchPlan, *, after: dt.date) -> dt.date:
    """The first day from one on, on which vouchers of a batch are taken."""
    return next(day for n in range(7) if (day := after + n * DAY).weekday() in plan.weekdays)


def _bill(plan: BatchPlan) -> int | None:
    """What the customer would pay without the voucher, in fen, where that matters."""
    return None if plan.kind is Worth.FREE else 10_000


def _secret(claim: Claim) -> str:
    secret = unsealed(claim.secret, street=claim.street_id, number=claim.number)
    assert secret is not None
    return secret


def _seasons(shift: dt.timedelta) -> Iterable[SeasonDraft]:
    """The four seasons, each from its own term to that of the next one."""
    years = (2025, 2026, 2026, 2026, 2026)
    begins = [season_begins(plan.begins, year) for plan, year in zip((*SEASONS, SEASONS[0]), years, strict=True)]
    for plan, from_on, until_on in zip(SEASONS, begins, begins[1:], strict=False):
        topics = tuple(
            TopicDraft(number, _month(2025 if month > 10 else 2026, month, shift), name)
            for number, month, name in plan.topics
        )
        yield SeasonDraft(plan.name, from_on + shift, until_on + shift, plan.slogan, plan.budget_fen, topics)


def _month(year: int, month: int, shift: dt.timedelta) -> dt.date:
    """The first day of a month, as many months on as the middle of winter has moved."""
    middle = MIDDLE_OF_WINTER + shift
    n = year * 12 + month - 1 + (middle.year - MIDDLE_OF_WINTER.year) * 12 + middle.month - MIDDLE_OF_WINTER.month
    return dt.date(n // 12, n % 12 + 1, 1)


def _day_of(plan: ActivityPlan, season: Season | SeasonDraft, shift: dt.timedelta) -> tuple[dt.date, Festival | None]:
    """The day of an activity. In a year that was moved, one of a festival keeps it where its season has that festival still
    to come, and loses it elsewhere."""
    if not shift or plan.festival is None or plan.on <= MIDDLE_OF_WINTER:
        return plan.on + shift, None if shift else plan.festival
    first, last = max(season.from_on, MIDDLE_OF_WINTER + shift + DAY), season.until_on - DAY
    for year in range(first.year, last.year + 1):
        for day, found in days_of(year).items():
            if plan.festival in found and first <= day <= last:
                return day, plan.festival
    return plan.on + shift, None


def _activity(plan: ActivityPlan, season: Season | SeasonDraft, shift: dt.timedelta) -> ActivityDraft:
    hour, minute, minutes = plan.hours
    on, festival = _day_of(plan, season, shift)
    starts_at = instant(on, hour, minute)
    title = plan.title if festival is plan.festival else WITHOUT_FESTIVAL.get(plan.title, plan.title)
    return ActivityDraft(
        title=title, board=plan.board, starts_at=starts_at, ends_at=starts_at + dt.timedelta(minutes=minutes),
        where=plan.where, capacity=plan.capacity, party_max=plan.party_max, budget_fen=plan.budget_fen,
        festival=festival,
    )  # fmt: skip


def play_winter(stage: Stage, today: dt.date, *, tell: Callable[[Step], None]) -> None:
    """The programme of a demo's street: today is in the middle of its winter."""
    story = Programme(stage, tell, today - MIDDLE_OF_WINTER)
    story.until_the_launch()
    story.play(MIDDLE_OF_WINTER - DAY)
    show_places(story, planned_on=PLANNED_ON, looked_on=MIDDLE_OF_WINTER - 3 * DAY)
