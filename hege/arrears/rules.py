"""Who holds the money: pure arithmetic over what moved between accounts; and what an office may set itself."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.billing.applying.rules import DebtKind, Part, code_of
from hege.billing.chart import AccountKind
from hege.billing.rules import Tolerance
from hege.kernel.calendar import DAY, Calendar, add_working_days
from hege.kernel.clock import start_of
from hege.kernel.refused import Refused
from hege.ledger.rules import Level


class ThresholdKind(TextChoices):
    """What an office may set itself (阈值): terms differ by city and change, so they are data."""

    OVERDUE_WORKING_DAYS = "overdue_working_days", _("账单到期后满几个工作日算逾期")
    HELD_DAYS = "held_days", _("代收款压了多少天算久未交")
    REMITTED_PERCENT = "remitted_percent", _("解缴不足收款的百分之几算偏低")
    GROWING_PERIODS = "growing_periods", _("欠费连续增加几期")
    PAID_PERCENT = "paid_percent", _("商铺已交超过应交的百分之几")
    UNPROVEN_PERCENT = "unproven_percent", _("无证据部分超过逾期欠费的百分之几")
    READING_DAYS = "reading_days", _("分表多少天没有读数")
    LIFE_YEARS_TO_DN25 = "life_years_to_dn25", _("口径 25 毫米及以下水表的使用年限")
    LIFE_YEARS_TO_DN50 = "life_years_to_dn50", _("口径 32 至 50 毫米水表的使用年限")
    DEMAND_TERM_DAYS = "demand_term_days", _("催缴后的合理期限（天）")
    NOTICE_HOURS = "notice_hours", _("停水前书面通知（小时）")
    DEFERRAL_WARNING_DAYS = "deferral_warning_days", _("暂缓到期前几个工作日提醒")
    RESTORE_HOURS = "restore_hours", _("缴清后恢复供水的时限（小时）")
    METER_ERROR_PERCENT = "meter_error_percent", _("使用中水表的允许误差（百分之几）")
    UNUSUAL_TIMES = "unusual_times", _("账单达到平常的几倍算可疑")
    DOUBT_DAYS = "doubt_days", _("账单疑点在账期结束后提醒多少天")
    LINK_ENDING_DAYS = "link_ending_days", _("给外单位的链接到期前几天提醒")


# What holds until an office says otherwise, on every day there is; what each rests on is ``GROUNDS``.
DEFAULT_THRESHOLDS: dict[ThresholdKind, int] = {
    ThresholdKind.OVERDUE_WORKING_DAYS: 0,
    ThresholdKind.HELD_DAYS: 30,
    ThresholdKind.REMITTED_PERCENT: 80,
    ThresholdKind.GROWING_PERIODS: 3,
    ThresholdKind.PAID_PERCENT: 90,
    ThresholdKind.UNPROVEN_PERCENT: 50,
    ThresholdKind.READING_DAYS: 45,
    ThresholdKind.LIFE_YEARS_TO_DN25: 6,
    ThresholdKind.LIFE_YEARS_TO_DN50: 4,
    ThresholdKind.DEMAND_TERM_DAYS: 15,
    ThresholdKind.NOTICE_HOURS: 48,
    ThresholdKind.DEFERRAL_WARNING_DAYS: 3,
    ThresholdKind.RESTORE_HOURS: 24,
    ThresholdKind.METER_ERROR_PERCENT: 4,
    ThresholdKind.UNUSUAL_TIMES: 10,
    ThresholdKind.DOUBT_DAYS: 365,
    ThresholdKind.LINK_ENDING_DAYS: 2,
}


class Ground(NamedTuple):
    """What a default rests on (依据), and the day from which that is in force; None where no rule names the figure."""

    source: Any
    since: dt.date | None = None


_CIVIL_CODE, _METER_RULE = dt.date(2021, 1, 1), dt.date(2020, 3, 31)
_OWN = Ground(_("没有规定，合格的默认值"))
# Civil Code art. 654 and 656 ask for a reasonable period and prior notice without a figure; 15 days for units, 48 hours and
# restoring within 24 hours are the figures of several cities' water regulations. Class 2 meters in use: JJG 162-2019; the day
# it came into force is a book shop's word, not the regulation's own page.
GROUNDS: Mapping[ThresholdKind, Ground] = {
    **dict.fromkeys(ThresholdKind, _OWN),
    ThresholdKind.OVERDUE_WORKING_DAYS: Ground(_("民法典第二百零三条：到期日遇休息日顺延，过后即逾期"), _CIVIL_CODE),
    ThresholdKind.LIFE_YEARS_TO_DN25: Ground(_("国家计量检定规程 162-2019《饮用冷水水表》"), _METER_RULE),
    ThresholdKind.LIFE_YEARS_TO_DN50: Ground(_("国家计量检定规程 162-2019《饮用冷水水表》"), _METER_RULE),
    ThresholdKind.METER_ERROR_PERCENT: Ground(_("国家计量检定规程 162-2019，2 级表使用中"), _METER_RULE),
    ThresholdKind.DEMAND_TERM_DAYS: Ground(
        _("民法典第六百五十四条“合理期限”；天数取多个城市供水条例对单位的规定"), _CIVIL_CODE
    ),
    ThresholdKind.NOTICE_HOURS: Ground(_("民法典第六百五十六条“事先通知”；时数取多个城市的供水条例"), _CIVIL_CODE),
    ThresholdKind.RESTORE_HOURS: Ground(_("取多个城市供水条例里缴清以后恢复供水的时限")),
}

# Below these a term would be no term at all: the law asks for a reasonable period and for notice (art. 654, 656).
LEAST_THRESHOLDS: dict[ThresholdKind, int] = {
    ThresholdKind.GROWING_PERIODS: 2,
    ThresholdKind.DEMAND_TERM_DAYS: 7,
    ThresholdKind.NOTICE_HOURS: 24,
    ThresholdKind.LIFE_YEARS_TO_DN25: 1,
    ThresholdKind.LIFE_YEARS_TO_DN50: 1,
    ThresholdKind.UNUSUAL_TIMES: 2,
}
# Above these a check would never speak.
MOST_THRESHOLDS: dict[ThresholdKind, int] = {ThresholdKind.METER_ERROR_PERCENT: 20}

Thresholds = Mapping[ThresholdKind, int]


def check_threshold(kind: ThresholdKind, value: int) -> None:
    """A threshold is not negative, and a legal term is not set away."""
    least, most = LEAST_THRESHOLDS.get(kind, 0), MOST_THRESHOLDS.get(kind)
    if value < least:
        raise Refused(_("“%(kind)s”不能小于 %(least)d。"), kind=kind.label, least=least, field="value")
    if most is not None and value > most:
        raise Refused(_("“%(kind)s”不能大于 %(most)d。"), kind=kind.label, most=most, field="value")


def check_back_dating(from_on: dt.date, *, today: dt.date, reason: str) -> None:
    """A figure that is to hold from a day gone by judges days anew that were judged: somebody has to say why."""
    if from_on < today and not reason.strip():
        raise Refused(
            _("%(day)s 已经过去，那天起已按原来的数判过；请写明为什么要从那天起按新的算。"),
            day=from_on.isoformat(), field="reason",
        )  # fmt: skip


def tolerance_of(thresholds: Thresholds) -> Tolerance:
    """What the checks of a bill let pass, out of the thresholds."""
    return Tolerance(thresholds[ThresholdKind.METER_ERROR_PERCENT], thresholds[ThresholdKind.UNUSUAL_TIMES])


class ThresholdRow(NamedTuple):
    """One value an office has set: of what, how much, from which day on, recorded when (None: before that was kept)."""

    kind: ThresholdKind
    value: int
    from_on: dt.date
    recorded_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ThresholdTable:
    """All that an office has ever set, in the order in which it was recorded: each day is judged by what held on it.

    Of two values from one day the later word counts. Without a row the default holds.
    """

    rows: Sequence[ThresholdRow] = ()

    def on(self, day: dt.date, *, known_at: dt.datetime | None = None) -> Thresholds:
        """What holds on a day; ``known_at``: of that, what had been recorded by an instant."""
        held = [
            row
            for row in sorted(self.rows, key=attrgetter("from_on"))  # stable: of one day the later word comes last
            if row.from_on <= day and (known_at is None or row.recorded_at is None or row.recorded_at <= known_at)
        ]
        return {**DEFAULT_THRESHOLDS, **{row.kind: row.value for row in held}} if held else DEFAULT_THRESHOLDS

    def tolerance(self, day: dt.date) -> Tolerance:
        """What the checks of a bill let pass whose period ends on a day."""
        return tolerance_of(self.on(day))

    def until_on(self, kind: ThresholdKind, from_on: dt.date) -> dt.date | None:
        """The first day on which a value that is set now from a day on no longer holds, because another one begins."""
        return min((row.from_on for row in self.rows if row.kind is kind and row.from_on > from_on), default=None)

    def with_one_more(self, row: ThresholdRow) -> ThresholdTable:
        """As it would be with another row."""
        return ThresholdTable([*self.rows, row])


@dataclass(frozen=True, slots=True)
class Owner:
    """What an account is and whose it is."""

    kind: AccountKind
    tenancy_id: int | None = None
    party_id: int | None = None
    code: str = ""
    name: str = ""
    from_on: dt.date | None = None
    until_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class UnitMoney:
    """One tenancy's account in fen: a new tenant never inherits, so a unit may have several."""

    tenancy_id: int
    code: str
    name: str
    from_on: dt.date | None
    until_on: dt.date | None
    charged: int
    paid: int
    direct: int
    owed: int
    advance: int
    passed_over: int
    acknowledged: int

    @property
    def unproven(self) -> int:
        """Owed, but nobody has shown whether it was paid."""
        return self.owed - self.acknowledged


@dataclass(frozen=True, slots=True)
class AgentMoney:
    """One collecting agent's account in fen."""

    party_id: int
    name: str
    collected: int
    remitted: int
    held: int
    fronted: int


@dataclass(frozen=True, slots=True)
class Money:
    """Who holds the money of one supply point, in fen, each term gross: no debtor's credit hides another's debt."""

    payable: int
    owed: int
    acknowledged: int
    unproven: int
    advances: int
    passed_over: int
    held: int
    fronted: int
    unshared: int
    common: int
    loss: int
    unexplained: int
    late_fees: int
    units: tuple[UnitMoney, ...]
    agents: tuple[AgentMoney, ...]

    @property
    def difference(self) -> int:
        """Payable less what explains it; zero as long as the account set is closed."""
        shops, agents = self.owed - self.advances - self.passed_over, self.held - self.fronted
        return self.payable - (shops + agents + self.unshared + self.common + self.loss + self.unexplained)

    @property
    def shops(self) -> int:
        """How many units, however many tenants have followed each other in one."""
        return len({u.code for u in self.units})

    @property
    def collected(self) -> int:
        return sum(a.collected for a in self.agents)

    @property
    def remitted(self) -> int:
        return sum(a.remitted for a in self.agents)

    def as_json(self) -> dict[str, Any]:
        """The figures as ``hege money --json`` prints them."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("units", "agents")}
        names = ("code", "charged", "paid", "owed", "advance", "passed_over", "acknowledged")
        plain["units"] = [
            {name: getattr(u, name) for name in names}
            | {"from": u.from_on and u.from_on.isoformat(), "until": u.until_on and u.until_on.isoformat()}
            for u in self.units
        ]
        return plain


@dataclass(frozen=True, slots=True)
class Holding:
    """The two layers: what is confirmed, and what would be if every claim held."""

    on: dt.date
    confirmed: Money
    with_claims: Money


class Standing(TextChoices):
    """How a shop stands at a glance: one square, one shop."""

    PAID = "paid", _("已付有凭证")
    CLAIMED = "claimed", _("只有口述")
    UNPAID = "unpaid", _("承认未付")
    UNKNOWN = "unknown", _("没有证据")


def standing(sure: UnitMoney, told: UnitMoney) -> Standing:
    """How a tenancy stands, from its confirmed account and the one with claims: nothing owed, admitted, said, or nothing."""
    if not sure.owed:
        return Standing.PAID
    if sure.acknowledged:
        return Standing.UNPAID
    return Standing.CLAIMED if told.owed < sure.owed else Standing.UNKNOWN


def standings(holding: Holding) -> list[tuple[UnitMoney, Standing]]:
    """The tenancies that run on the holding's day, by unit code, with how each stands."""
    told = {u.tenancy_id: u for u in holding.with_claims.units}
    return [
        (u, standing(u, told[u.tenancy_id]))
        for u in holding.confirmed.units
        if u.until_on is None or u.until_on > holding.on
    ]


@dataclass(frozen=True, slots=True)
class Stop:
    """One shop on a round of visits (走访): how its account stands, none before its first share; what of it, in fen, makes
    one go there; when it was seen last."""

    code: str
    name: str
    standing: Standing | None
    fen: int
    seen_on: dt.date | None


def stops(holding: Holding, roster: Mapping[str, str], seen: Mapping[str, dt.date]) -> list[Stop]:
    """The shops behind a supply point in the order of their codes; by unit code ``roster`` has the names of those there are
    today, ``seen`` the last visits."""
    told = {u.tenancy_id: u.paid for u in holding.with_claims.units}
    accounts = {u.code: (u, s) for u, s in standings(holding)}
    found = []
    for code, name in sorted(roster.items()):
        unit, state = accounts.get(code, (None, None))
        fen = 0
        if unit is not None:
            said = max(0, told[unit.tenancy_id] - unit.paid)
            fen = said if state is Standing.CLAIMED else unit.acknowledged or unit.unproven
        found.append(Stop(code, name, state, fen, seen.get(code)))
    return found


def is_left(stop: Stop, *, since: dt.date) -> bool:
    """Whether a round that began on a day still leads there: nobody has been there in it, and the account says neither
    that all is paid nor who admits what, or nobody has ever been there."""
    if stop.seen_on is None:
        return True
    return stop.seen_on < since and stop.standing not in (Standing.PAID, Standing.UNPAID)


#: What moved between an account and all accounts of a kind, debits less credits in fen, by account key and that kind.
Sides = Mapping[tuple[int, str], int]


def who_holds(
    owners: Mapping[int, Owner], moved: Iterable[tuple[int, int, int]], acknowledged: Mapping[int, int]
) -> Money:
    """``money_of`` what moved between accounts: ``moved`` are ``(debit account, credit account, fen)`` sums."""
    kind_of = {pk: owner.kind.value for pk, owner in owners.items()}
    sides: dict[tuple[int, str], int] = defaultdict(int)
    for debit, credit, fen in moved:
        sides[debit, kind_of[credit]] += fen
        sides[credit, kind_of[debit]] -= fen
    return money_of(owners, sides, acknowledged)


def money_of(owners: Mapping[int, Owner], sides: Sides, acknowledged: Mapping[int, int]) -> Money:
    """Work out who holds the money (钱在谁手里) from what moved on each account, by the kind of the other side.

    ``acknowledged`` is the latest written admission by tenancy. Holds for every date and every subset of whole
    transactions closed under dependence:
    payable = owed − advances − passed over + held − fronted + unshared + common + loss + unexplained.
    """
    balance: dict[int, int] = defaultdict(int)
    by_kind: dict[AccountKind, int] = defaultdict(int)
    for (pk, _against), fen in sides.items():
        balance[pk] += fen
    # Names of its own for the kinds: the loop below runs for every account of a page.
    agent, tenancy = AccountKind.AGENT, AccountKind.TENANCY
    to_agent, to_payable = agent.value, AccountKind.PAYABLE.value
    for pk, owner in owners.items():
        by_kind[owner.kind] += balance[pk]
    units, agents = [], []
    for pk, owner in owners.items():
        if owner.kind is tenancy and owner.tenancy_id is not None:
            direct = -sides.get((pk, to_payable), 0)
            paid = direct - sides.get((pk, to_agent), 0)
            owed, over = max(0, balance[pk]), max(0, -balance[pk])
            passed_over = min(over, max(0, direct))
            units.append(
                UnitMoney(
                    tenancy_id=owner.tenancy_id,
                    code=owner.code,
                    name=owner.name,
                    from_on=owner.from_on,
                    until_on=owner.until_on,
                    charged=balance[pk] + paid,
                    paid=paid,
                    direct=direct,
                    owed=owed,
                    advance=over - passed_over,
                    passed_over=passed_over,
                    acknowledged=min(owed, acknowledged.get(owner.tenancy_id, 0)),
                )
            )
        elif owner.kind is agent and owner.party_id is not None:
            remitted = -sides.get((pk, to_payable), 0)
            collected, held, fronted = balance[pk] + remitted, max(0, balance[pk]), max(0, -balance[pk])
            agents.append(AgentMoney(owner.party_id, owner.name, collected, remitted, held, fronted))
    units.sort(key=lambda u: (u.code, u.from_on or dt.date.min))
    agents.sort(key=lambda a: (-a.held, a.party_id))
    owed_fen, known = sum(u.owed for u in units), sum(u.acknowledged for u in units)
    return Money(
        payable=-by_kind[AccountKind.PAYABLE],
        owed=owed_fen,
        acknowledged=known,
        unproven=owed_fen - known,
        advances=sum(u.advance for u in units),
        passed_over=sum(u.passed_over for u in units),
        held=sum(a.held for a in agents),
        fronted=sum(a.fronted for a in agents),
        unshared=by_kind[AccountKind.UNSHARED],
        common=by_kind[AccountKind.COMMON],
        loss=by_kind[AccountKind.LOSS],
        unexplained=by_kind[AccountKind.UNEXPLAINED],
        late_fees=-by_kind[AccountKind.PAYABLE_LATE_FEE],
        units=tuple(units),
        agents=tuple(agents),
    )


class BillSeen(NamedTuple):
    """A bill that stands, as the rules see it; an opening balance is the oldest debt and due on its own day.

    ``due_on`` is the last day on which it can be paid in time: a due day on a day off has moved (Civil Code art. 203).
    """

    number: str
    issued_on: dt.date
    due_on: dt.date
    fen: int
    opening: bool = False

    @property
    def code(self) -> str:
        """How it is called among the debts of its meter."""
        kind = DebtKind.OPENING if self.opening else DebtKind.BILL
        return code_of(kind, self.issued_on.isoformat() if self.opening else self.number)


#: What money and credits met of each bill and opening, day by day, by its code; of one that nobody paid it says nothing.
Paid = Mapping[str, Sequence[Part]]


class Flow(NamedTuple):
    """What moved on a day between two kinds of account, with the agent (party key) where one is in it; fen > 0."""

    on: dt.date
    debit: AccountKind
    credit: AccountKind
    debit_party: int | None
    credit_party: int | None
    fen: int


def unpaid_bills(bills: Iterable[BillSeen], paid: Paid, *, on: dt.date = dt.date.max) -> list[tuple[BillSeen, int]]:
    """The bills that are not fully paid at the end of a day and what is left of each, in fen, the oldest due first.

    Which payment met which is not decided here: ``billing.applying``.
    """
    rows = sorted((b for b in bills if b.fen > 0), key=lambda b: (b.due_on, b.issued_on, b.number))
    left = ((bill, bill.fen - sum(part.fen for part in paid.get(bill.code, ()) if part.on <= on)) for bill in rows)
    return [(bill, fen) for bill, fen in left if fen > 0]


def overdue_from(due_on: dt.date, working_days: int, calendar: Calendar) -> dt.date:
    """The first day an unpaid bill counts as overdue: the one after its last day in time and so many working days more.

    A due day on a day off moves to the next working day (Civil Code art. 203); the working days count from there. What
    ends near a holiday waits for the year's notice.
    """
    last_on = calendar.last_day_of(due_on)
    return calendar.in_time_until(add_working_days(last_on, working_days, calendar)) + DAY


def paid_up_on(
    bills: Iterable[BillSeen], paid: Paid, *, asked: Set[BillSeen], since: dt.date, on: dt.date
) -> dt.date | None:
    """The day from whose end nothing is left to pay of the bills that were ``asked`` for, seen on a day; None if some is.

    Looks from ``since`` on. A payment taken back opens the debt again.
    """
    rows, paid_up = [b for b in bills if b in asked], None
    changes = {since, *(part.on for bill in rows for part in paid.get(bill.code, ()))}
    for day in sorted((d for d in changes if since <= d <= on), reverse=True):
        if unpaid_bills([b for b in rows if b.issued_on <= day], paid, on=day):
            break
        paid_up = day
    return paid_up


def restore_due_at(*, paid_up_on: dt.date | None, agreed_on: dt.date | None, hours: int) -> dt.datetime | None:
    """When cut water must run again (恢复供水期限): so many hours after the debt was paid or the utility agreed, what came first.

    The books know the day, not the hour: counted from its end. None while neither has happened.
    """
    days = [day for day in (paid_up_on, agreed_on) if day is not None]
    return start_of(min(days) + DAY) + dt.timedelta(hours=hours) if days else None


def still_held(moves: Iterable[tuple[dt.date, int]]) -> list[tuple[dt.date, int]]:
    """What an agent still holds by the day it came in, oldest first; remittances consume the oldest receipts.

    ``moves`` are ``(day, fen)``: above zero came in, below zero went out. Nothing is left where money was fronted.
    """
    rows = sorted(moves)
    out = -sum(fen for _day, fen in rows if fen < 0)
    left = []
    for day, fen in rows:
        if fen <= 0:
            continue
        used = min(out, fen)
        out -= used
        if used < fen:
            left.append((day, fen - used))
    return left


def paid_to_utility(flows: Iterable[Flow], *, from_on: dt.date | None = None, until_on: dt.date | None = None) -> int:
    """What has reached the utility from agents and shops in a half-open period, in fen; reversals taken off."""
    payers = (AccountKind.AGENT, AccountKind.TENANCY)
    return sum(
        f.fen
        * (
            (f.debit is AccountKind.PAYABLE and f.credit in payers)
            - (f.credit is AccountKind.PAYABLE and f.debit in payers)
        )
        for f in flows
        if (from_on is None or f.on >= from_on) and (until_on is None or f.on < until_on)
    )


def payable_on(flows: Iterable[Flow], day: dt.date) -> int:
    """What is owed to the utility at the end of a day, in fen."""
    return sum(
        f.fen * ((f.credit is AccountKind.PAYABLE) - (f.debit is AccountKind.PAYABLE)) for f in flows if f.on <= day
    )


def reached(paid_fen: int, direct_fen: int, collected_total: int, remitted_total: int) -> tuple[int, int]:
    """How much of one shop's money has come to the utility and how much is still held (到账推算), in fen.

    The agent never says whose money is passed on, so what was remitted is taken as coming from every
    shop by what each paid: a computed share, never a fact. What the shop paid the utility itself has arrived.
    ``paid_fen`` is what it paid the agent. The two always sum to what it paid; part fen stay held.
    """
    arrived = paid_fen if remitted_total >= collected_total else paid_fen * max(0, remitted_total) // collected_total
    return direct_fen + arrived, paid_fen - arrived


# -- shop by shop ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShopRow:
    """One tenancy: its confirmed account, what it only says, how often either, and who saw it last."""

    money: UnitMoney
    claimed: int
    receipts: int
    words: int
    contested: int
    visited_on: dt.date | None
    visited_by: str

    @property
    def to_agent(self) -> int:
        return self.money.paid - self.money.direct

    @property
    def unproven(self) -> int:
        """Owed, not admitted, and not even claimed to be paid."""
        return max(0, self.money.unproven - max(0, self.claimed))

    def fits(self, tab: str) -> bool:
        """Whether the row stands under a tab."""
        return {
            "owing": self.money.owed > 0,
            "acknowledged": self.money.acknowledged > 0,
            "claimed": self.claimed > 0,
            "unproven": self.unproven > 0,
        }.get(tab, True)


def shop_rows(
    holding: Holding, counts: Mapping[tuple[int | None, str, str], int], visits: Mapping[str, tuple[dt.date, str]]
) -> list[ShopRow]:
    """The row of each tenancy, who owes most first, then who claims most, then by code. ``counts`` are standing payments by
    tenancy, kind and level, ``visits`` the last one of each shop, by its code."""
    told = {unit.tenancy_id: unit.paid for unit in holding.with_claims.units}
    levels: dict[int | None, Counter[str]] = defaultdict(Counter)
    for (tenancy_id, _kind, level), n in counts.items():
        levels[tenancy_id][level] += n
    rows = []
    for unit in holding.confirmed.units:
        visit = visits.get(unit.code)
        seen = visit if visit and _during(unit, visit[0]) else (None, "")
        here = levels[unit.tenancy_id]
        claimed = told.get(unit.tenancy_id, unit.paid) - unit.paid
        proven, words, contested = here[Level.CONFIRMED], here[Level.CLAIMED], here[Level.CONTESTED]
        rows.append(ShopRow(unit, claimed, proven, words, contested, *seen))
    return sorted(rows, key=lambda r: (-r.money.owed, -r.claimed, r.money.code, r.money.from_on or dt.date.min))


def _during(unit: UnitMoney, day: dt.date) -> bool:
    return (unit.from_on is None or day >= unit.from_on) and (unit.until_on is None or day < unit.until_on)
