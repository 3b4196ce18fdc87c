"""The newspaper's case (二房东拖欠水费), to the last fen, through the same actions the pages use. Figures are sample data."""

from __future__ import annotations

import datetime as dt

from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.rules import Consent, DeferralState
from hege.billing.actions import choose_method, state_evidence
from hege.billing.chart import TransactionKind
from hege.billing.rules import Method
from hege.cases import actions as cases
from hege.cases.queries import tasks_of
from hege.cases.tasks.actions import answer_task
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.ledger.models import OpenClaim, Transaction
from hege.ledger.rules import EvidenceKind, Side
from hege.mediation.agreements import actions as mediation
from hege.mediation.dossier.actions import open_file, record_session, tell_rights
from hege.mediation.models import Agreement, Dossier
from hege.mediation.queries import instalments, parties_of, stands_for
from hege.mediation.rules import FileSource, IdentityKind, Particulars, PayManner, PayTo
from hege.people.models import Role
from hege.procedures import actions as procedures
from hege.stories.crisis import WEEKLY, Crisis
from hege.stories.hours import at_noon
from hege.stories.street import month_start
from hege.stories.water_files import Habit

UTILITY_ACCOUNT = PayTo(PayManner.BANK, "水务公司", "示例银行九里亭支行", "6200000000000047")
#: Who the parties of the mediation are; made up, with check digits that fit.
PARTICULARS = {
    "水务公司": Particulars(
        IdentityKind.USCC, "91310117MA1J47470W", "示例路 1 号", "021-96262", "王经理", "营业所所长"
    ),
    "二房东": Particulars(IdentityKind.ID_CARD, "11010519491231002X", "示例路 47 号", "13000000047", about="男，汉族"),
    "物业": Particulars(IdentityKind.USCC, "91350100M000100Y43", "示例路 9 号", "021-60000009", "李经理", "项目经理"),
    "商户代表": Particulars(
        IdentityKind.OTHER, "推选书（2025）1 号", "中大九里德苑沿街", "13000000001", "1 号铺经营者"
    ),
}


class Water(Crisis):
    """The second half: from the worst day to the last fen, and to a cause that is gone."""

    def to_the_end(self) -> None:
        """From the worst day to the last fen, and to a cause that is gone."""
        self.mediated()
        self.performed()
        self.one_meter_each()
        self.closed()

    def mediated(self) -> None:
        """Three-office mediation: rights told, records, an agreement whose instalments are the debt."""
        on = self.day(3)
        mediator = self.acting(Role.MEDIATOR, on)
        self.fulfil(WEEKLY, "公示照片", self.day(1))
        dossier = open_file(
            self.stage.street,
            source=FileSource.OWN_INITIATIVE,
            subject="水费代收未缴",
            summary=self.case.summary,
            applicants=[self.stage.parties["水务公司"]],
            respondents=[self.stage.parties["二房东"]],
            thirds=[self.stage.parties["商户代表"]],
            case=self.case,
            point=self.point,
            mediator=mediator["by"],
            **mediator,
        )
        dossier = tell_rights(dossier, text="当面宣读，各方签收告知书。", **mediator)
        self.shut_shop_opens(self.day(4))
        self.agent_admits(self.day(5))
        record_session(
            dossier,
            text="二房东承认收到 34—37 号铺的水费现金，愿意分期付清。",
            **self.acting(Role.MEDIATOR, self.day(5)),
        )
        self.keep(self.decisions[2], "三所联动调解记录", self.day(4))
        signed_on = self.day(10)
        self.catch_up(signed_on)
        debt = self.money(signed_on).payable
        first = 3_000_000
        rest = (debt - first) // 3
        amounts = [first, rest, rest, debt - first - 2 * rest]
        dues = [self.day(12), *(month_start(self.worst, n) + 24 * DAY for n in (2, 3, 4))]
        self.schedule = list(zip(dues, amounts, strict=True))
        self.agreement = self.printed_and_signed(dossier, debt, signed_on)
        cutoff.keep_by_agreement(
            self.deferral,
            agreement=self.agreement,
            consent=Consent("营业所", signed_on, "同意按调解协议暂缓停水的复函"),
            **self.acting(Role.COORDINATOR, signed_on),
        )
        self.step(
            signed_on, "三所联动，印出调解协议，签名盖章",
            f"协议欠款 {yuan(debt)} 元，分 {len(amounts)} 期，首期 {yuan(first)} 元；30 天内可申请司法确认。",
        )  # fmt: skip

    def printed_and_signed(self, dossier: Dossier, debt: int, on: dt.date) -> Agreement:
        """Particulars, the shops' authority for their delegate, draft, print, signatures, seal: in this order."""
        mediator = self.acting(Role.MEDIATOR, on)
        for row in parties_of(dossier):
            mediation.write_particulars(row, PARTICULARS[row.party.name], **mediator)
        delegate = self.stage.parties["商户代表"]
        shops = [s.party for s in stands_for(dossier, parties_of(dossier), on=on)[delegate.pk] if s.party]
        mediation.authorise_delegate(
            dossier, parties=shops, agent=delegate, scope="代为参加调解、签订调解协议", paper="47 户商户授权委托书",
            given_on=on, **mediator,
        )  # fmt: skip
        mediation.draft_agreement(
            dossier,
            debtor=self.stage.parties["二房东"],
            debt_fen=debt,
            instalments=self.schedule,
            pay_to=UTILITY_ACCOUNT,
            facts="二房东代收 47 户水费，部分没有交给水务公司，金额以台账为准。",
            terms="分四期还清，每期汇入上列账户；逾期一期，水务公司可恢复停水程序。",
            **mediator,
        )
        mediation.print_agreement(dossier, **mediator)
        sides = [row.party for row in parties_of(dossier)]
        mediation.sign_agreement(dossier, signed=dict.fromkeys(sides, on), mediator_signed_on=on, **mediator)
        return mediation.record_agreement(dossier, sealed_on=on, **mediator)

    def shut_shop_opens(self, on: dt.date) -> None:
        """The shop that was shut opens its drawer at last."""
        known = [m for m in self.files.months if m.index < self.billed]
        rows, _owed = self.files.drawer(
            47, self.files.shares(self.point), [m for m in known if m.index < len(self.files.before)], on
        )
        self.record_visit(47, Habit.RECEIPTS, 0, on)
        self.files.import_receipts(rows, on)

    def agent_admits(self, on: dt.date) -> None:
        """The agent says yes to what four shops could only say: both sides agree, so it is proven."""
        claims = OpenClaim.objects.filter(street=self.stage.street, book=self.point.book_id).values_list(
            "transaction_id", flat=True
        )
        for transaction in Transaction.objects.filter(
            street=self.stage.street, pk__in=list(claims), kind=TransactionKind.RECEIPT
        ):
            state_evidence(
                transaction, side=Side.PAYEE, kind=EvidenceKind.ORAL_WORD, supports=True, stated_on=on, document="调解记录",
                **self.acting(Role.MEDIATOR, on),
            )  # fmt: skip
        money = self.money(on)
        self.step(
            on, "二房东当面承认口头收的钱",
            f"收了没交 {yuan(money.held)} 元，书面承认未付 {yuan(money.acknowledged)} 元，没有证据 {yuan(money.unproven)} 元。",
        )  # fmt: skip

    def performed(self) -> None:
        """Instalments are met by what reaches the utility and by nothing else; bills of the day are paid as they come."""
        for number, (due, fen) in enumerate(self.schedule, 1):
            on = due - DAY
            self.catch_up(on)
            self.live_on(on)
            if number == 2:
                self.shops_pay(on)
            self.files.import_remittances([(f"TJ-{number}", on, fen)], on, named=f"第{number}期")
            procedures.keep_watch(self.stage.street, on=due, by=None, at=at_noon(due))
            self.deferral.refresh_from_db()
            if self.deferral.state != DeferralState.RUNNING:
                raise RuntimeError(f"the deferral is {self.deferral.state} although every condition was met")
            met = sum(row.met for row in instalments(self.agreement, on=on))
            self.step(
                on, f"第 {number} 期到账", f"水务公司收到 {yuan(fen)} 元，{len(self.schedule)} 期中已履行 {met} 期。"
            )
        on = self.schedule[-1][0]
        mediation.mark_performed(self.agreement, **self.acting(Role.MEDIATOR, on))
        self.deferral.refresh_from_db()
        cutoff.clear_deferral(self.deferral, **self.acting(Role.COORDINATOR, on))
        self.step(on, "协议履行完毕，停水程序解除", f"欠水务公司 {yuan(self.money(on).payable)} 元，停水通知撤销。")

    def shops_pay(self, on: dt.date) -> None:
        """The shops that admitted a debt pay it, by the counter of the utility or to the agent against a receipt."""
        rows: list[list[object]] = [
            [on, unit.code, yuan(unit.owed), "微信", f"BJ-{unit.code}-{on:%m%d}", "二房东", "已证实", "补缴"]
            for unit in self.money(on).units
            if unit.owed
        ]
        self.files.import_receipts(rows, on)

    def live_on(self, on: dt.date) -> None:
        """Since the agreement the shops pay each new bill, and the agent passes it on."""
        for month in self.files.after:
            if month.index >= self.billed or month.number in self.lived:
                continue
            paid_on = month.issued_on + 8 * DAY
            if paid_on > on:
                continue
            rows: list[list[object]] = []
            shares = self.files.shares(self.point)
            for number in range(1, 48):
                found, _owed = self.files.drawer(number, shares, [month], paid_on)
                rows += found
            self.lived.add(month.number)
            self.files.import_receipts(rows, paid_on)
            voucher = f"HK-{month.from_on:%Y%m}"
            self.files.import_remittances([(voucher, paid_on, month.total_fen)], paid_on, named=month.number)

    def one_meter_each(self) -> None:
        """The root-cause remedy: every unit gets a meter of its own, and later bills are shared by what it shows."""
        self.switch = self.files.months[len(self.files.before) + 5]
        on = self.switch.from_on
        self.files.import_sub_meters(on, on)
        choose_method(
            self.point, method=Method.SUB_METER, from_on=on, decision="第 11 次联席会议：一户一表，按分表分摊",
            **self.acting(Role.COORDINATOR, on),
        )  # fmt: skip
        answer_task(
            self.root_task,
            answer="47 块分表装好并封铅。",
            document="安装清单",
            **self.acting(Role.CLERK, on + DAY),
        )
        months = [m for m in self.files.after if m.from_on >= on][:3]
        self.files.import_readings(months, months[-1].until_on)
        last = months[-1].issued_on + 10 * DAY
        self.catch_up(last)
        self.live_on(last)
        self.step(last, "一户一表", f"{len(months)} 张账单按 47 块分表分摊，每张一分不差。")

    def closed(self) -> None:
        """Feedback, check by somebody else, closing, and the visit afterwards."""
        on = self.steps[-1].on + 3 * DAY
        for task in tasks_of(self.case).unfinished():
            answer_task(task, answer="已办。", document="回执", **self.acting(Role.GRID_WORKER, on))
        self.keep(self.decisions[0], "公示照片", on)
        self.keep(self.decisions[3], "改造方案和报价", on)
        self.case.refresh_from_db()
        self.case = cases.give_feedback(self.case, text="欠款还清，47 户一户一表。", **self.acting(Role.CLERK, on))
        self.case = cases.inspect_case(
            self.case, finding="抽查 10 户分表，与台账一致。", **self.acting(Role.CHECKER, on)
        )
        self.case = procedures.close_case(
            self.case, text="欠费还清，根子已除，停水解除。", **self.acting(Role.COORDINATOR, on)
        )
        self.case = cases.revisit_case(
            self.case, satisfied=True, text="47 户都满意。", **self.acting(Role.CHECKER, on + 7 * DAY)
        )
        self.catch_up(on)
        self.live_on(on)
        money = self.money(on)
        later = self.money(self.files.months[-1].until_on + 365 * DAY)
        received = later.remitted + sum(unit.direct for unit in later.units)
        billed = sum(m.total_fen for m in self.files.months[: self.billed])
        self.step(
            on + 7 * DAY, "一分不少",
            f"水务公司共开账 {yuan(billed)} 元，共收到 {yuan(received)} 元，尚欠 {yuan(money.payable)} 元；"
            f"二房东手里 {yuan(money.held)} 元，商户欠 {yuan(money.owed)} 元。",
        )  # fmt: skip
