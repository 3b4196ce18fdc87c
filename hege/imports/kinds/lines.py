"""Statements of a wallet, a bank, the utility: lines that are some of them water money, each told whose it is."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Annotated, ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.billing.actions import PaymentDraft
from hege.billing.chart import TransactionKind
from hege.billing.models import Payment
from hege.imports.cells import IN, OUT, code_of, day_of, fen_of, flow_of, said
from hege.imports.keys import Candidate, pick_fresh, same_money
from hege.imports.kind import Booking, Choice, Doubt, SeenLine, Told
from hege.imports.kinds.payments import PaidKind, Whose
from hege.imports.layouts import OWNER, Column, FileKind, Layout
from hege.imports.matching import (
    ASIDE,
    NOBODYS_NAMES,
    Decision,
    Entry,
    Known,
    Matcher,
    Option,
    Reason,
    Suggestion,
    Tenant,
    Why,
    accounts_in,
    decision_of,
    direct_code,
    plain,
    receipt_code,
    remittance_code,
)
from hege.imports.memory import Lesson, learn_names
from hege.imports.models import NameSort
from hege.imports.queries import DECISIONS, agents_on_record, each_in, owners_learnt, points_by_key, what_is_known
from hege.imports.rules import Read, digest_of, movement_key, voucher_key
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.kernel.several import several
from hege.kernel.spelling import fold
from hege.ledger.queries import booked_rows
from hege.ledger.rules import EvidenceKind
from hege.people.models import Party
from hege.places.models import Tenancy

DIRECTION = Column("收支", ("direction",), flow_of, empty="", sample="收入", note=_("收入、支出，或不计收支。"))
BALANCE = Column("余额", ("balance",), fen_of, sample="", note=_("记账后的余额，用来核对各行。"))


# fmt: off
class LineRow(NamedTuple):
    """A line as its owner sees it: the sum without a sign, ``direction`` (收入, 支出 or 不计收支, of ``cells``) says which way.

    A sum below zero takes back what went that way before.
    """

    number: int
    on: Annotated[dt.date, Column("日期", ("date", "on"), day_of, fill=True, sample="2026-03-05", note=_("入账的那一天。"))]
    amount_fen: Annotated[int, Column("金额", ("amount",), fen_of, fill=True, sample="350.00", note=_("元，两位小数。"))]
    direction: Annotated[str, DIRECTION]
    counterparty: Annotated[str, Column("对方", ("counterparty", "payer"), said(120), empty="", note=_("谁付来的，或付给谁。"))]
    account: Annotated[str, Column("户号", ("customer_account",), code_of(60), empty="", note=_("水司的户号。"))]
    means: Annotated[str, Column("方式", ("means", "channel"), said(40), empty="", note=_("渠道或支付方式。"))]
    sort: Annotated[str, Column("交易类型", ("type",), said(60), empty="", note=_("转账、提现、红包等。"))]
    status: Annotated[str, Column("状态", ("status",), said(40), empty="", note=_("退款、关闭的不算。"))]
    voucher: Annotated[str, Column("凭证号", ("voucher", "number"), code_of(80), empty="", note=_("交易单号或流水号。"))]
    remark: Annotated[str, Column("备注", ("remark", "note"), said(300), empty="", note=_("附言、商品说明。"))]
    balance_fen: Annotated[int | None, BALANCE]
# fmt: on


#: What papers call their owner, in the lines above the headings.
OWNER_FACTS = ("微信昵称", "姓名", "账户名称", "户名", "账户名", "客户姓名", "客户名称", "账户户名", "持卡人")
#: What a preamble calls the lines it counts, by the way the money went.
COUNTED: dict[bool | None, tuple[str, ...]] = {
    True: ("收入",),
    False: ("支出",),
    None: ("中性交易", "不计收支", "其他"),
}
_COUNT = re.compile(r"([0-9]+)笔[,，;；\s]*(?:共|合计|金额)?[:：]?\s*([0-9][0-9,]*(?:\.[0-9]{1,2})?)元?")
OF_AGENTS = frozenset({FileKind.WALLET.value, FileKind.BANK.value})
TRANSACTIONS = {word: kind for kind, word in DECISIONS.items()}


class Lines(PaidKind[LineRow]):
    """Lines of a statement: none is booked before a person, or a rule a person can read, has said what it is.

    Kept apart from other papers by its own kind and number, so that the same export again is known whatever the
    rules say by then. Lines left aside are not kept.
    """

    told_apart = ("voucher",)
    counted = {"payments": (Payment, {})}
    record: ClassVar[EvidenceKind]  #: the independent record that a line is
    apart: ClassVar[frozenset[str]]  #: sources two of whose lines are never the same money that came
    kinds: ClassVar[frozenset[str]]  #: what a line may be decided to be
    numbers_are_unique: ClassVar[bool] = True
    neutral: ClassVar[bool | None] = None  #: which way a line went that does not say so

    def look(self, read: Read) -> None:
        self.whole = not read.half and not read.faults
        super().look(read)

    def check(self, rows: Sequence[LineRow]) -> None:
        for row in rows:
            self.check_cells(row)
        if self.whole:
            self._check_counts(rows)
            self._check_balance(rows)
        self.good: dict[int, Whose] = {}
        self.of: dict[int, TransactionKind] = {}
        self.papers: dict[int, int] = {}
        self.accounts: dict[str, int] = {}  # what a person's word on a line teaches
        self.lessons: list[Lesson] = []
        self.fresh: list[Candidate] = []
        self.added: list[tuple[int, Candidate]] = []
        self.owner = self._find_owner()
        if not rows or (self.owner is None and self._has_owner):
            return
        self.entries = {row.number: self.entry(row) for row in rows}
        days = [row.on for row in rows]
        self.facts = what_is_known(
            self.run.street, owner=self.owner.pk if self.owner else None, from_on=min(days), until_on=max(days),
            apart=self.apart,
        )  # fmt: skip
        self.tell(20)
        if not self.facts.units:
            self.fault_at(self.run.first_row - 1, "", "", _("还没有商铺和租户可对，请先导入商铺名册"))
            return
        self._decide(self._candidates(rows))
        self.book_ids = {whose.point.book_id for whose in self.good.values()}

    # -- whose it is

    @property
    def _has_owner(self) -> bool:
        return FileKind.RECEIPTS.value in self.kinds

    def _find_owner(self) -> Party | None:
        """The agent whose wallet or account it is, by its own words or a person's; asked about else."""
        if not self._has_owner:
            return None
        agents = agents_on_record(self.run.street)
        names = {fold(party.name): party for party in agents.values()}
        said = [word for fact in OWNER_FACTS if (word := self.run.facts.get(fact, "").strip("[]【】 "))]
        told = self.run.answers.constants.get(OWNER, "")
        if told:
            owner = names.get(fold(told))
            if owner is None:
                self.fault_at(0, "", told, _("登记的代收人里没有这个名字，请先在水表名册里登记代收人"))
            elif said and fold(said[0]) not in names:
                self.lessons.append(Lesson(NameSort.OWNER, said[0], party=owner))
            return owner
        learnt = owners_learnt(self.run.street, said)
        owner = next(
            (names.get(fold(word)) or learnt.get(fold(word)) for word in said if fold(word) in names | learnt), None
        )
        if owner is None and not said and len(agents) == 1:
            owner = next(iter(agents.values()))
            self.notices.add(_("这份账单没有写主人是谁，按唯一登记的代收人“%(name)s”认") % {"name": owner.name})
        if owner is None:
            choices = tuple(Choice(party.name, party.name) for party in agents.values())
            shown = _("这份账单的主人是“%(name)s”") % {"name": said[0]} if said else _("这份账单没有写主人是谁")
            meets = "、".join(party.name for party in agents.values()) or _("还没有登记代收人")
            self.doubts.append(
                Doubt(0, "owner", str(shown), _("登记的代收人：%(names)s") % {"names": meets}, choices=choices)
            )
        return owner

    # -- what a paper says of itself

    def _check_counts(self, rows: Sequence[LineRow]) -> None:
        """How many lines and how much a preamble says there are: as many must be there."""
        facts = self.run.facts
        there: dict[bool | None, list[int]] = defaultdict(list)
        for row in rows:
            there[self.into(row)].append(row.amount_fen)
        said = facts.get("共", "").removesuffix("笔记录").strip()
        if said.isdecimal() and int(said) != len(rows):
            reason = _("表里有 %(n)d 笔；请看是不是删过行，或没有导全")
            self.fault_at(
                self.run.first_row - 1, "", several("共 %(n)s 笔") % {"n": int(said)}, reason % {"n": len(rows)}
            )
        for into, names in COUNTED.items():
            for name in names:
                found = _COUNT.search(plain(facts.get(name, "")))
                if found is None:
                    continue
                n, fen = len(there[into]), sum(there[into])
                if (int(found[1]), fen_of(found[2])) != (n, fen):
                    reason = _("表里%(name)s有 %(n)d 笔 %(sum)s 元；请看是不是删过行，或金额列认错了")
                    named = {"name": name, "n": n, "sum": yuan(fen)}
                    self.fault_at(self.run.first_row - 1, "", f"{name} {facts[name]}", reason % named)

    def _check_balance(self, rows: Sequence[LineRow]) -> None:
        """A balance follows from the line before and the sum of its own, the oldest line first or the newest."""
        odd = min((self._odd(rows), self._odd(rows[::-1])), key=len)
        if odd:
            row, wanted = odd[0]
            reason = _("余额列对不上：按前一笔的余额应为 %(wanted)s（这样的共 %(n)d 行）；请看是不是认错了列，或少了行")
            self.fault(row, "balance_fen", reason % {"wanted": yuan(wanted), "n": len(odd)})

    def _odd(self, rows: Sequence[LineRow]) -> list[tuple[LineRow, int]]:
        found, last, moved = [], None, 0
        for row in rows:
            fen = row.amount_fen if row.direction else abs(row.amount_fen)
            moved += {True: 1, False: -1, None: 0}[self.into(row)] * fen
            if row.balance_fen is None:
                continue
            if last is not None and row.balance_fen != last + moved:
                found.append((row, last + moved))
            last, moved = row.balance_fen, 0
        return found

    # -- each line

    def into(self, row: LineRow) -> bool | None:
        """Which way the money of a row went, as its owner sees it."""
        return {IN: True, OUT: False, "": self.neutral}.get(row.direction)

    def entry(self, row: LineRow) -> Entry:
        """A row as the rules see it; a sum below zero takes back what came or went before."""
        status = TAKEN_BACK if row.amount_fen < 0 and row.direction else row.status
        return Entry(
            row.number, row.on, self.into(row), abs(row.amount_fen), row.counterparty, row.account, row.sort, status,
            row.remark,
        )  # fmt: skip

    def _candidates(self, rows: Sequence[LineRow]) -> list[Candidate]:
        """Each row's key by its own number, else by what it moves; its digest over what no layout changes.

        Where numbers are not unique a key says day and sum too, and which of the payers of all that it is.
        """
        out: list[Candidate] = []
        payers = _Payers()
        repeats: Counter[str] = Counter()
        for signed in rows:
            entry = self.entries[signed.number]
            row = signed._replace(amount_fen=entry.fen)
            facts = [row.on, entry.into, entry.fen]
            if row.voucher:
                parts = [row.voucher, fold(row.account)]
                if not self.numbers_are_unique:
                    parts += [row.on.isoformat(), f"{entry.into} {entry.fen}"]
                    parts.append(payers.place(tuple(parts), entry))
                out.append(Candidate(row, voucher_key(*parts), digest_of(facts), row.voucher))
                continue
            moved = digest_of([*facts, fold(entry.payer), fold(entry.account), fold(entry.remark)])
            repeats[moved] += 1
            out.append(Candidate(row, movement_key(moved, repeats[moved]), digest_of(facts), "", moved))
        return out

    def _decide(self, rows: Sequence[Candidate]) -> None:
        """Take what is decided or sure, ask about the rest; leave aside what is no water money."""
        booked = booked_rows(self.run.street, self.layout.kind.value, (c.key for c in rows))
        self.tell(40)
        strange = sorted(self.run.answers.lines.keys() - self.entries.keys())
        for number in strange:
            self.fault_at(number, "", self.run.answers.lines[number], _("文件里没有这一行"))
        self._heed_accounts()
        matcher = Matcher(self.facts, self.owner.pk if self.owner else None)
        open_rows = [self.entries[c.row.number] for c in rows if c.key not in booked or booked[c.key].reversed]
        found = matcher.suggest_all(open_rows, of_utility=not self._has_owner)
        self.tell(60)
        states = {number: self._state(number, suggestion) for number, suggestion in found.items()}
        fresh = pick_fresh(
            self, [c for c in rows if states.get(c.row.number) != ASIDE], name="voucher", mend=_("同一号码只能是一笔。")
        )
        for number in {c.row.number for c in fresh} | {n for n, state in states.items() if state == ASIDE}:
            self._see(self.entries[number], found[number], states[number])
        self.lines.sort(key=lambda seen: seen.row)
        self.ends = self._ends() if self.lines else []
        for c in rows:
            if c.row.number not in found and matcher.taken_back(self.entries[c.row.number]):
                self.notices.add(_("已登记过，而这份账单说钱退回了；请核对，退了的请冲正"), c.row.number)
        self._take([c for c in fresh if states[c.row.number] == "taken"], found)

    def _state(self, number: int, suggestion: Suggestion) -> str:
        code = self.run.answers.lines.get(number)
        if code is not None:
            return ASIDE if code == ASIDE else "taken"
        if suggestion.aside:
            return ASIDE
        return "taken" if self.run.answers.accept and suggestion.sure else "asked"

    def _heed_accounts(self) -> None:
        """What a person said of a line with an account nobody knew holds for the other lines of that account."""
        for number, code in self.run.answers.lines.items():
            decision, entry = decision_of(code, self.facts), self.entries.get(number)
            if decision is None or decision.point is None or entry is None:
                continue
            named = [entry.account] if entry.account else accounts_in(plain(entry.remark))
            for account in named:
                if fold(account) not in {*self.facts.accounts, *self.facts.numbers}:
                    self.facts.accounts[fold(account)] = decision.point
                    self.accounts[account] = decision.point

    # -- what is taken

    def _take(self, rows: Sequence[Candidate], found: dict[int, Suggestion]) -> None:
        decided: list[tuple[Candidate, Decision]] = []
        for c in rows:
            code = self.run.answers.lines.get(c.row.number) or found[c.row.number].code
            decision = decision_of(code, self.facts)
            if decision is None:
                self.fault_at(c.row.number, "", code, _("不认得这个商铺、租期或总表，请重新选"))
            elif decision.kind not in self.kinds or not self._fits(self.entries[c.row.number], decision):
                self.fault_at(c.row.number, "", code, _("这一行不会是这样的付款：钱的去向不对"))
            else:
                decided.append((c, decision))
        self._find_ends(decided)
        for kind in TransactionKind:
            of_kind = [(c.row, self.good[c.row.number]) for c, _d in decided if self.of.get(c.row.number) == kind]
            came, own = kind is TransactionKind.RECEIPT, {self.layout.kind.value}
            apart, unsure = (self.apart, set()) if came else (own, self.apart - own)
            self.papers |= same_money(self, kind, of_kind, apart=apart, unsure=unsure)
        self.added = [(self.papers[c.row.number], c) for c, _d in decided if c.row.number in self.papers]
        self.fresh = [c for c, _d in decided if c.row.number in self.good and c.row.number not in self.papers]
        self.new, self.changed = {c.row.number for c in self.fresh}, set(self.papers)

    def _fits(self, entry: Entry, decision: Decision) -> bool:
        return not self._has_owner or entry.into is (decision.kind == FileKind.RECEIPTS.value)

    def _find_ends(self, decided: Sequence[tuple[Candidate, Decision]]) -> None:
        """Where the money of each line belongs; and what a person's word on a payer teaches."""
        street, known = self.run.street, self.facts
        ends = {c.row.number: (d, d.point or self._point_of(d.tenant, c.row.on)) for c, d in decided}
        tenancies = Tenancy.objects.filter(street=street).select_related("unit", "party")
        named = (d.tenant.id for d, _point in ends.values() if d.tenant)
        tenants = each_in(lambda some: tenancies.filter(pk__in=some), named)
        of_key = {tenancy.pk: tenancy for tenancy in tenants}
        wanted = {*(point for _d, point in ends.values() if point), *self.accounts.values()}
        points = {p.pk: p for p in each_in(partial(points_by_key, street), wanted)}
        agents = agents_on_record(street)
        self.lessons += [
            Lesson(NameSort.CUSTOMER_ACCOUNT, word, point=points[point]) for word, point in self.accounts.items()
        ]
        for c, decision in decided:
            number, point = c.row.number, ends[c.row.number][1]
            tenancy = of_key[decision.tenant.id] if decision.tenant else None
            agent = self.owner or (agents.get(known.agent_of(point, c.row.on) or 0) if point else None)
            if point is None:
                self.fault(c.row, "counterparty", _("这个商铺没有登记接在哪块总表后面"))
            elif decision.kind == FileKind.REMITTANCES.value and agent is None:
                self.fault(c.row, "counterparty", _("总表 %(code)s 没有登记代收人") % {"code": points[point].code})
            else:
                direct = decision.kind == FileKind.DIRECT_PAYMENTS.value
                self.good[number] = Whose(points[point], tenancy, None if direct else agent)
                self.of[number] = TRANSACTIONS[decision.kind]
                if tenancy is not None and number in self.run.answers.lines:
                    self._learn_payer(self.entries[number], tenancy)

    def _point_of(self, tenant: Tenant | None, on: dt.date) -> int | None:
        return self.facts.point_of(tenant, on) if tenant else None

    def _learn_payer(self, entry: Entry, tenancy: Tenancy) -> None:
        name, known = fold(entry.payer), self.facts
        if not name or name in NOBODYS_NAMES or name in known.signs or name in known.operators:
            return
        self.lessons.append(Lesson(NameSort.PAYER, entry.payer, tenancy=tenancy))

    def transaction_of(self, row: LineRow) -> TransactionKind:
        return self.of[row.number]

    def draft(self, c: Candidate) -> PaymentDraft:
        row, whose, entry = c.row, self.good[c.row.number], self.entries[c.row.number]
        return PaymentDraft(
            kind=self.of[row.number],
            point=whose.point,
            on=row.on,
            amount_fen=entry.fen,
            confirmed=True,
            tenancy=whose.tenancy,
            agent=whose.agent,
            means=row.means,
            voucher=row.voucher,
            counterparty=entry.payer,
            note=entry.remark,
            source=self.source(row.number, c.key, c.digest),
            record=self.record,
        )

    def book(self, booking: Booking) -> None:
        super().book(booking)
        learn_names(self.run.street, self.lessons, file_name=self.run.name, by=booking.by, at=booking.at)

    # -- what a person sees

    def _see(self, entry: Entry, suggestion: Suggestion, state: str) -> None:
        said = self.run.answers.lines.get(entry.number)
        reasons = (Reason(Why.PERSON),) if said == ASIDE else suggestion.reasons
        asked = state == "asked"
        seen = SeenLine(
            entry.number, entry.on, entry.into, entry.fen, entry.payer, entry.remark, entry.sort, state,
            code=suggestion.code if said is None else said, sure=suggestion.sure, by_person=said is not None,
            reasons=tuple(map(_told, reasons)), choices=tuple(map(self._choice, suggestion.options)),
        )  # fmt: skip
        self.lines.append(seen)
        if asked:
            shown = _("%(on)s　%(payer)s　%(sum)s 元　%(remark)s") % {
                "on": entry.on, "payer": entry.payer or "—", "sum": yuan(entry.fen), "remark": entry.remark or entry.sort,
            }  # fmt: skip
            self.doubts.append(
                Doubt(
                    entry.number, "line", shown, _("；").join(r.said for r in seen.reasons), code=seen.code,
                    sure=seen.sure, reasons=seen.reasons, choices=seen.choices,
                )
            )  # fmt: skip

    def _ends(self) -> list[Choice]:
        """Everything a line of this statement may be said to be: each tenancy, each meter."""
        tenants = sorted((t for of in self.facts.units.values() for t in of), key=lambda t: (t.unit, t.from_on))
        codes = [receipt_code(t) for t in tenants] if self._has_owner else []
        codes += [remittance_code(point) for point in sorted(self.facts.codes.values())]
        if not self._has_owner:
            last = max(entry.on for entry in self.entries.values())
            of = [(self.facts.point_of(t, last), t) for t in tenants]
            codes += [direct_code(self.facts.codes[point], t) for point, t in of if point in self.facts.codes]
        return [Choice(code, label_of(d, self.facts)) for code in codes if (d := decision_of(code, self.facts))]

    def _choice(self, option: Option) -> Choice:
        decision = decision_of(option.code, self.facts)
        label = label_of(decision, self.facts) if decision else option.code
        return Choice(option.code, label, tuple(map(_told, option.reasons)))


class _Payers:
    """Tells apart who paid one sum on one day under one number, in the order of their lines."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)

    def place(self, key: tuple[str, ...], entry: Entry) -> str:
        """Which of them it is: "" for the first; the same one again is the same."""
        seen = self._seen[key]
        who = (fold(entry.payer), fold(entry.remark))
        if who not in seen:
            seen.append(who)
        return str(seen.index(who) or "")


TAKEN_BACK = "冲正"  # the status of a line whose sum is below zero, for the rules


def label_of(decision: Decision, known: Known) -> str:
    """What a decision says, in words."""
    code = known.codes.get(decision.point, "") if decision.point else ""
    tenant = decision.tenant
    if tenant is None:
        return _("代收人交给水司，总表 %(code)s") % {"code": code}
    until = _("至 %(last)s") % {"last": tenant.until_on - DAY} if tenant.until_on else _("起")
    named = {
        "unit": tenant.unit, "sign": tenant.sign, "who": tenant.operator or _("未写经营者"), "from": tenant.from_on,
        "until": until, "code": code,
    }  # fmt: skip
    if decision.kind == FileKind.DIRECT_PAYMENTS.value:
        return _("%(unit)s %(sign)s（%(who)s，%(from)s %(until)s）直接交水司，总表 %(code)s") % named
    return _("%(unit)s %(sign)s（%(who)s，%(from)s %(until)s）") % named


def _told(reason: Reason) -> Told:
    return Told(reason.why.value, str(reason.why.label), reason.value, reason.why.against)


class WalletLines(Lines):
    """A wallet's export: what its owner was sent and sent."""

    layout = Layout(FileKind.WALLET, LineRow, note=_("代收人的微信或支付宝账单，照原样。"))
    record = EvidenceKind.WALLET_LINE
    apart = OF_AGENTS
    kinds = frozenset({FileKind.RECEIPTS.value, FileKind.REMITTANCES.value})


class BankLines(Lines):
    """A bank's statement of an account."""

    layout = Layout(FileKind.BANK, LineRow, note=_("代收人的银行账户明细，照原样。"))
    numbers_are_unique = False  # a bank may write one voucher's number, or 0, on many lines
    record = EvidenceKind.BANK_LINE
    apart = OF_AGENTS
    kinds = frozenset({FileKind.RECEIPTS.value, FileKind.REMITTANCES.value})

    def into(self, row: LineRow) -> bool | None:
        return super().into(row) if row.direction else row.amount_fen >= 0


class UtilityLines(Lines):
    """What the utility received for its customer accounts, whoever paid."""

    layout = Layout(FileKind.UTILITY_PAYMENTS, LineRow, note=_("水司收到的缴费记录，照原样。"))
    record = EvidenceKind.UTILITY_RECORD
    apart = frozenset({FileKind.UTILITY_PAYMENTS.value})
    kinds = frozenset({FileKind.REMITTANCES.value, FileKind.DIRECT_PAYMENTS.value})
    neutral = True
