"""The first half of the newspaper's case (二房东拖欠水费): from the street's drawers to the worst day. Sample data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from hege.arrears import queries as arrears_queries
from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.models import CutoffNotice, Deferral
from hege.arrears.cutoff.rules import ConditionDraft, ConditionKind, Consent, Delivery
from hege.arrears.early_warning.actions import raise_report, record_warnings
from hege.arrears.rules import Money
from hege.billing.agent.actions import leave_word, tell_as_agent
from hege.billing.agent.rules import AgentTells, AgentWordKind
from hege.billing.payee.actions import confirm_account, name_account
from hege.cases import actions as cases
from hege.cases.models import Task
from hege.cases.reports.actions import begin_verifying, merge_report, record_visit, submit_report, verify_report
from hege.cases.rules import PartyRole, PaysHow, ReceiptsHeld, ReportKind
from hege.cases.tasks.actions import add_task, answer_by_link, make_link
from hege.conferences import actions as conferences
from hege.conferences.models import Decision
from hege.imports.layouts import FileKind
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.metering.actions import locate_point
from hege.metering.models import SupplyPoint
from hege.metering.queries import the_point
from hege.people.models import Role
from hege.places.models import Tenancy, Unit
from hege.procedures import actions as procedures
from hege.stories.hours import at_noon
from hege.stories.street import OFFICES, PASSWORD, Acting, Stage, set_stage
from hege.stories.water_files import DEBT_FEN, HABITS, METER, Files, Habit, shop_code

WEEKLY, CONSENT = "每周一公示收缴明细", "商户代表会同意分摊办法"
ROUNDS = 11
EVERYBODY = [*OFFICES, "水务公司", "中大居委", "物业", "商户代表"]


@dataclass(frozen=True)
class Step:
    """One step of the story: its day, what happened, and who held the money that evening (fen, confirmed layer)."""

    on: dt.date
    title: str
    says: str
    figures: dict[str, int]


def unaccounted(money: Money) -> int:
    """What nobody has shown anything about, in fen: unproven shares less the money known to have come from some of them."""
    return money.unproven + money.unexplained - money.fronted - money.advances - money.passed_over


@dataclass
class Crisis:
    """The first half. ``worst`` is the crisis's worst day: the deferral runs, nothing is settled yet."""

    worst: dt.date
    tell: Callable[[Step], None] = lambda step: None
    suffix: str = ""
    code: str = "310117006"
    password: str | None = PASSWORD
    stage: Stage = field(init=False)
    files: Files = field(init=False)
    steps: list[Step] = field(default_factory=list)
    billed: int = 0
    lived: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.files = Files(None, self.worst)  # type: ignore[arg-type]  # ``set_the_stage`` sets it

    # -- the way of the story ------------------------------------------------------------------------------------------

    def until_the_worst_day(self) -> None:
        """From an empty street to the day on which the deferral runs and nothing is settled."""
        self.set_the_stage()
        self.from_the_drawers()

    def from_the_drawers(self) -> None:
        """The same once the stage is set."""
        self.street_begins()
        self.visits()
        self.excuses_answered()
        self.warned_and_filed()
        self.conferences_and_demand()
        self.deferred()

    # -- steps ---------------------------------------------------------------------------------------------------------

    def set_the_stage(self) -> None:
        """A street with its people, its offices and its calendar."""
        begin = self.files.months[0].from_on - 30 * DAY
        years = range(begin.year, self.files.months[-1].until_on.year + 2)
        self.stage = set_stage(
            code=self.code, name="九里亭街道", grid="蟠龙综合网格", residence="中大居委", block="蟠龙街区",
            premises="中大九里德苑沿街", since=begin, years=years, suffix=self.suffix, password=self.password,
        )  # fmt: skip
        self.files.stage = self.stage

    def street_begins(self) -> None:
        """The street begins as streets do: with the utility's bills, payments and statement, and nothing else."""
        on = self.day(-45)
        self.files.import_roster(on)
        locate_point(self.point, place=self.stage.block, **self.acting(Role.COORDINATOR, on))
        self.catch_up(on)
        self.files.import_direct(on)
        self.files.import_remittances(
            [(f"HK-{m.from_on:%Y%m}", m.due_on, fen) for m, fen in self.files.passed_on()], on
        )
        money = self.money(on)
        statement = [on, METER, "应付水司", "", yuan(money.payable), f"DZ-{on:%Y%m%d}", ""]
        self.files.take_in(FileKind.ASSERTIONS, f"水务公司对账单-{on:%Y%m%d}.csv", [statement], on)
        self.notice: CutoffNotice = cutoff.demand_payment(
            self.point,
            how=Delivery.IN_PERSON,
            proof="送达回证",
            delivered_on=on,
            **self.acting(Role.COORDINATOR, on),
        ).notice
        self.step(
            on, "街道的账从水务公司的账单开始",
            f"{self.billed} 个月的账单和收款记录入账，对账单 {yuan(money.payable)} 元与账面一致；"
            f"除已交的以外，{yuan(unaccounted(money))} 元谁都没有证据。",
        )  # fmt: skip

    def visits(self) -> None:
        """Survey visits turn "unproven" into "held" and "acknowledged", drawer by drawer."""
        known, shares = [m for m in self.files.before if m.index < self.billed], self.files.shares(self.point)
        for visit, first in enumerate(range(1, 48, 8)):
            on = self.day(-42 + 2 * visit)
            rows: list[list[object]] = []
            admitted: dict[str, int] = {}
            for number in range(first, min(first + 8, 48)):
                habit = HABITS.get(number, Habit.RECEIPTS)
                if habit is Habit.SHUT:
                    continue
                found, owed = self.files.drawer(number, shares, known, on)
                rows += found
                if owed:
                    admitted[shop_code(number)] = owed
                self.record_visit(number, habit, owed, on)
            self.files.import_receipts(rows, on)
            self.files.import_admissions(admitted, on)
            money = self.money(on)
            self.step(
                on, f"第 {visit + 1} 次走访摸排",
                f"{first}—{min(first + 7, 47)} 号铺：已证实收了没交 {yuan(money.held)} 元，书面承认未付 "
                f"{yuan(money.acknowledged)} 元，还没有证据 {yuan(unaccounted(money))} 元。",
            )  # fmt: skip

    def record_visit(self, number: int, habit: Habit, owed: int, on: dt.date) -> None:
        how = PaysHow.TO_UTILITY if habit is Habit.DIRECT else PaysHow.TO_AGENT
        held = ReceiptsHeld.SOME if habit in (Habit.ORAL, Habit.UNPAID, Habit.DIRECT) else ReceiptsHeld.ALL
        record_visit(
            Unit.objects.get(street=self.stage.street, code=shop_code(number)),
            visited_on=on,
            pays_how=how,
            receipts_held=held,
            unpaid_fen=owed or None,
            own_meter=False,
            wish="装独立水表",
            note=habit.value,
            **self.acting(Role.GRID_WORKER, on),
        )

    def excuses_answered(self) -> None:
        """ "Too little collected" and "some shops did not pay": both answered by figures."""
        on = self.day(-31)
        money = self.money(on)
        collected, charged = money.collected, sum(u.charged for u in money.units)
        refusing = [u for u in money.units if u.acknowledged]
        self.step(
            on, "两个说法，用数字回答",
            f"“收费不足”：已证实收到 {yuan(collected)} 元，占应分摊 {yuan(charged)} 元的 {collected * 100 // charged}%，"
            f"只交出 {yuan(money.remitted)} 元。“部分商户未交”：书面承认未付的只有 {len(refusing)} 户、"
            f"{yuan(money.acknowledged)} 元，占欠款的 {money.acknowledged * 100 // money.payable}%。",
        )  # fmt: skip

    def warned_and_filed(self) -> None:
        """Each warning becomes a report up to the grid, the reports a case; 47 shops' reports join it."""
        on = self.day(-30)
        grid, coordinator = self.acting(Role.GRID_WORKER, on), self.acting(Role.COORDINATOR, on)
        fired = record_warnings(self.stage.street, on=on, by=None, at=at_noon(on)).fired
        reports = [
            verify_report(raise_report(warning, **coordinator), finding="账单、收据与走访记录一致。", **grid)
            for warning in fired
        ]
        self.case = procedures.open_case(
            self.stage.street,
            title="中大九里德苑沿街总表欠费，47 家商铺面临停水",
            summary="二房东按总表代收水费，未足额缴纳；小区开发时没有给每家商铺装独立水表。",
            reports=reports,
            point=self.point,
            **grid,
        )
        for number in range(1, 48):
            unit = Unit.objects.get(street=self.stage.street, code=shop_code(number))
            shop_report = submit_report(
                self.stage.street, kind=ReportKind.SHOP, text="担心停水，水费都交给二房东了。", unit=unit, point=self.point,
                by=None, at=at_noon(on),
            )  # fmt: skip
            shop_report = begin_verifying(shop_report, **grid)
            merge_report(shop_report, self.case, **coordinator)
        self.handle_first(on)
        self.step(
            on, "预警、上报综合网格、立案",
            f"{len(fired)} 条预警；案件 {self.case.number} 立案，47 家商铺的来件并成一案，派给城建中心牵头。",
        )  # fmt: skip

    def handle_first(self, on: dt.date) -> None:
        """Dispatch, sign for, speak to the people concerned; everybody gets a part."""
        coordinator, clerk = self.acting(Role.COORDINATOR, on), self.acting(Role.CLERK, on)
        self.case = cases.dispatch_case(
            self.case,
            lead=self.stage.parties["城建中心"],
            assisting=[self.stage.parties[name] for name in ("平安办", "信访办", "司法所", "派出所", "城运中心")],
            days=15,
            **coordinator,
        )
        for name, role in (
            ("水务公司", PartyRole.UTILITY), ("中大居委", PartyRole.ASSISTING), ("物业", PartyRole.ASSISTING),
            ("商户代表", PartyRole.SHOP), ("二房东", PartyRole.AGENT), ("律师事务所", PartyRole.LAWYER),
        ):  # fmt: skip
            cases.add_party(self.case, party=self.stage.parties[name], role=role, **coordinator)
        self.case.refresh_from_db()
        self.case = cases.sign_for(self.case, **clerk)
        self.case = cases.first_contact(self.case, text="已逐户告知商户：街道在协调，有变化先贴公示。", **clerk)
        self.root_task = self.task("城建中心", "给 47 户各装一块独立水表", 120, on)
        self.utility_task = self.task("水务公司", "书面答复：能否暂缓停水、暂缓到哪天", 20, on)

    def task(self, party: str, title: str, days: int, on: dt.date) -> Task:
        return add_task(
            self.case,
            party=self.stage.parties[party],
            title=title,
            days=days,
            **self.acting(Role.COORDINATOR, on),
        )

    def conferences_and_demand(self) -> None:
        """Eleven rounds; towards their end the utility gives notice of a cut-off."""
        self.decisions: list[Decision] = []
        for number in range(1, ROUNDS + 1):
            on = self.day(-27 + 2 * (number - 1))
            self.hold_round(number, on)
        on = self.day(-9)
        self.notice = cutoff.give_notice(
            self.notice,
            how=Delivery.IN_PERSON,
            proof="停水通知书送达回证",
            served_at=at_noon(on),
            filing="供水停水备〔2026〕12号",
            **self.acting(Role.COORDINATOR, on),
        )
        self.last_receipts(self.day(-6))

    def hold_round(self, number: int, on: dt.date) -> None:
        """One round of the joint conference; some rounds end in promises with a clock."""
        acting = self.acting(Role.COORDINATOR, on)
        parties = [self.stage.parties[name] for name in EVERYBODY]
        conference = conferences.call_conference(
            self.case,
            meets_on=on,
            place="蟠龙综合网格",
            agenda=f"第 {number} 次协商",
            parties=parties,
            **acting,
        )
        conference = conferences.record_meeting(
            conference, held_on=on, attended=[(party, "") for party in parties], **acting
        )
        for lead, measure, due in self.promises(number):
            self.decisions.append(
                conferences.record_decision(
                    conference,
                    lead=self.stage.parties[lead],
                    measure=measure,
                    due_on=due,
                    evidence_required="照片或回单",
                    **acting,
                )
            )
        conferences.sign_minutes(conference, text=f"第 {number} 次协商纪要。", **acting)
        self.step(on, f"第 {number} 次联席会议", f"{len(parties)} 方参加，议定 {len(self.promises(number))} 项。")

    def promises(self, number: int) -> list[tuple[str, str, dt.date]]:
        """What was promised in which round."""
        return {
            2: [("物业", "公示 18 个月的水费收缴明细", self.day(-4))],
            5: [("商户代表", "征求 47 户对分摊办法的意见并签字", self.day(-10))],
            8: [("司法所", "安排派出所、司法所、律师事务所三所联动调解", self.day(4))],
            11: [
                ("城建中心", "提交 47 户独立水表改造方案和报价", self.day(1)),
                ("水务公司", "出具暂缓停水的书面意见", self.day(-5)),
            ],
        }.get(number, [])

    def last_receipts(self, on: dt.date) -> None:
        """The receipts of the bills that came out after the visits."""
        self.catch_up(on)
        late = [m for m in self.files.before if m.issued_on > self.day(-60)]
        shares = self.files.shares(self.point)
        rows: list[list[object]] = []
        admitted: dict[str, int] = {}
        for number in range(1, 47):
            found, owed = self.files.drawer(number, shares, late, on)
            rows += found
            if owed:
                _found, all_owed = self.files.drawer(number, shares, self.files.before, on)
                admitted[shop_code(number)] = all_owed
        self.files.import_receipts(rows, on)
        self.files.import_admissions(admitted, on)

    def deferred(self) -> None:
        """The utility understands: the cut-off is put off until a day, on conditions."""
        on = self.day(-5)
        acting = self.acting(Role.COORDINATOR, on)
        self.deferral: Deferral = cutoff.defer_cutoff(
            self.notice,
            until=self.day(19),
            conditions=[
                ConditionDraft(ConditionKind.REMIT_AT_LEAST, due_on=self.day(12), fen=3_000_000),
                ConditionDraft(ConditionKind.OTHER, due_on=self.day(2), text=WEEKLY),
                ConditionDraft(ConditionKind.OTHER, due_on=self.day(-1), text=CONSENT),
            ],
            decision="第 11 次联席会议",
            consent=Consent("营业所", on, "暂缓停水复函"),
            **acting,
        )
        self.fulfil(CONSENT, "纪要和 40 户签字", self.day(-2))
        _link, token = make_link(self.utility_task, **acting)
        answer_by_link(
            token, answer="同意暂缓，条件见复函。", document="暂缓停水复函", name="营业所", by=None, at=at_noon(on)
        )
        self.task("物业", "张贴第二周收缴公示", 2, on)
        self.keep(self.decisions[1], "商户签字单", self.day(-9))
        self.keep(self.decisions[4], "暂缓停水复函", on)
        self.agent_speaks()
        self.account_named()
        money = self.money(self.worst)
        if money.payable != DEBT_FEN:
            raise RuntimeError(f"the story owes {money.payable} fen, not {DEBT_FEN}")
        self.step(
            self.worst, "暂缓停水，最难的一天",
            f"水务公司同意暂缓到 {self.day(18)}。欠 {yuan(money.payable)} 元，其中 {money.held * 1000 // money.payable / 10}% "
            "已经从商户收走，没有交给水务公司。",
        )  # fmt: skip

    def account_named(self) -> None:
        """The utility writes where shops may pay it directly; one person enters it, another checks it."""
        account = name_account(
            self.stage.street, holder="示例自来水有限公司（样例）", bank="示例银行", number="6222000000000047",
            document="水务公司来函 2026-11（样例）", **self.acting(Role.ADMINISTRATOR, self.day(-3)),
        )  # fmt: skip
        confirm_account(account, **self.acting(Role.COORDINATOR, self.day(-2)))

    def agent_speaks(self) -> None:
        """What the agent says was passed on nobody can confirm; of what was collected another word still waits."""
        agent, paid_on = self.stage.parties["二房东"], self.day(-4)
        told = AgentTells(AgentWordKind.REMITTED, "微信转给抄表员的", paid_on, 300_000, "微信")
        word = tell_as_agent(self.point, told, agent=agent, **self.acting(Role.AGENT, self.day(-3)))
        leave_word(word, note="水务公司没有收到这一笔", **self.acting(Role.COORDINATOR, self.day(-2)))
        shop = Tenancy.objects.get(street=self.stage.street, unit__code=shop_code(12))
        told = AgentTells(AgentWordKind.COLLECTED, "店主当面付的", self.day(-2), 26_000, "现金")
        tell_as_agent(self.point, told, agent=agent, tenancy=shop, **self.acting(Role.AGENT, self.day(-1)))

    def fulfil(self, text: str, evidence: str, on: dt.date) -> None:
        """A condition of the deferral that is not about money is met by evidence."""
        condition = self.deferral.conditions.get(text=text)
        cutoff.fulfil_condition(condition, on=on, evidence=evidence, **self.acting(Role.COORDINATOR, on))

    def keep(self, decision: Decision, evidence: str, on: dt.date) -> None:
        """A promise is kept with evidence, and somebody else confirms it."""
        done = conferences.fulfil_decision(
            decision, party=decision.lead, evidence=evidence, **self.acting(Role.GRID_WORKER, on)
        )
        conferences.confirm_decision(done, **self.acting(Role.COORDINATOR, on))

    # -- small things --------------------------------------------------------------------------------------------------

    def day(self, offset: int) -> dt.date:
        return self.worst + offset * DAY

    def acting(self, role: Role, on: dt.date) -> Acting:
        return self.stage.acting(role, on)

    @property
    def point(self) -> SupplyPoint:
        return the_point(self.stage.street, METER)

    def money(self, on: dt.date) -> Money:
        return arrears_queries.who_holds_the_money(self.point, on=on).confirmed

    def catch_up(self, on: dt.date) -> None:
        """Book the bills that came out since the last time."""
        due = [m for m in self.files.months if m.index >= self.billed and m.issued_on <= on]
        if due:
            bills = [m.bill(m.number, METER) for m in due]
            self.files.take_in(FileKind.BILLS, f"水务公司账单-{on:%Y%m%d}.csv", bills, on)
            self.billed += len(due)

    def step(self, on: dt.date, title: str, says: str) -> None:
        money = self.money(on)
        names = ("payable", "held", "fronted", "acknowledged", "unproven", "owed")
        step = Step(on, title, says, {name: getattr(money, name) for name in names})
        self.steps.append(step)
        self.tell(step)
