"""Statements of a wallet, a bank and the utility: matched, decided, booked once, learnt from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from hege.billing.chart import WATER
from hege.billing.models import Payment
from hege.imports.actions import import_file
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.looking import Outcome
from hege.imports.memory import Lesson, learn_name
from hege.imports.models import NameSort, RememberedName
from hege.imports.queries import points_by_number
from hege.imports.report import as_json, in_words
from hege.ledger import actions as ledger
from hege.ledger.models import Evidence, OpenClaim, SourceRow, Transaction
from hege.ledger.queries import faults
from hege.metering.models import SupplyPoint
from hege.people.models import Street
from tests.imports.files import BILLS, MASTER, NOW, Row, bill, bring, csv_of, receipt, taken

pytestmark = pytest.mark.once

K = FileKind
HEADS = "日期,金额,收支,对方,户号,方式,交易类型,状态,凭证号,备注,余额"
ACCOUNT = "310117020600"
SHARE = "203.20"  # of each of the three shops of the one bill
YES = Answers(accept=True)


def line(payer: str = "001 号铺", remark: str = "水费", *, on: str = "2026-02-10", amount: str = "100", way: str = "收入",
         number: str = "4200000000000001", account: str = "", sort: str = "转账", status: str = "", balance: str = "") -> Row:  # fmt: skip
    return [on, amount, way, payer, account, "微信", sort, status, number, remark, balance]


def to_utility(number: str = "4200000000000009", *, account: str = ACCOUNT, on: str = "2026-02-20", **more: str) -> Row:
    return line("示例自来水公司", f"水费户号{account}", way="支出", number=number, on=on, amount="300", **more)


def listed(payer: str = "二房东", remark: str = "", *, amount: str = "300", on: str = "2026-02-20") -> Row:
    return [on, amount, "", payer, ACCOUNT, "银行转账", "", "", "9933366392450477", remark, ""]


def come(street: Street, kind: FileKind, *rows: Row, answers: Answers = YES, dry_run: bool = False) -> Outcome:
    """A statement of the street's one agent."""
    content = csv_of(HEADS, rows)
    return import_file(street, kind, "流水.csv", content, by=None, at=NOW, dry_run=dry_run, answers=answers)


def asked(outcome: Outcome) -> list[tuple[int, str, str]]:
    assert outcome.booked == 0
    return [(d.row, d.ask, d.code) for d in outcome.doubts]


@pytest.fixture
def street_with_account(shops: Street) -> Street:
    point = SupplyPoint.objects.get(street=shops)
    learn_name(shops, Lesson(NameSort.CUSTOMER_ACCOUNT, ACCOUNT, point=point), by=None, at=NOW)
    return shops


@pytest.mark.both
def test_accept_books_what_is_sure_and_keeps_nothing_of_the_rest(street_with_account: Street):
    rows = [line(), line("亲友", "饭钱", number="4200000000000002"), to_utility()]
    outcome = come(street_with_account, K.WALLET, *rows)
    assert (outcome.booked, outcome.doubts) == (2, [])
    kinds = Payment.objects.order_by("pk").values_list("transaction__kind", "amount_fen", "counterparty")
    assert list(kinds) == [("receipt", 10_000, "001 号铺"), ("remittance", 30_000, "示例自来水公司")]
    assert {why: [s.row for s in seen] for why, seen in outcome.aside.items()} == {"private": [3]}
    assert SourceRow.objects.filter(source="wallet").count() == 2
    assert OpenClaim.objects.count() == 0
    assert list(faults(street_with_account, WATER)) == []


def test_without_accept_every_line_that_is_not_aside_is_asked_with_choices_and_reasons(shops: Street):
    outcome = come(shops, K.WALLET, line(), line("亲友", "饭钱", number="4200000000000002"), answers=Answers())
    assert asked(outcome) == [(2, "line", "receipts:001:2025-01-01")]
    (doubt,) = as_json(outcome)["doubts"]
    assert [r["why"] for r in doubt["choices"][0]["reasons"]] == ["payer-is-sign"]
    assert (doubt["sure"], doubt["choices"][0]["label"]) == (True, "001 001 号铺（张三，2025-01-01 起）")
    assert as_json(outcome)["aside"]["private"]["rows"] == [3]
    words = "\n".join(in_words(outcome))
    assert "第 3 行放在一边：私人往来" in words
    assert "receipts:001:2025-01-01" in words


@pytest.mark.both
def test_a_persons_decision_goes_before_every_rule(shops: Street):
    rows = [line(), line("亲友", "饭钱", number="4200000000000002"), line("002 号铺", number="4200000000000003")]
    said = Answers(accept=True, lines={2: "aside", 3: "receipts:003:2025-01-01"})
    outcome = come(shops, K.WALLET, *rows, answers=said)
    assert outcome.booked == 2
    assert list(Payment.objects.order_by("pk").values_list("tenancy__unit__code", flat=True)) == ["003", "002"]
    assert outcome.aside["person"][0].row == 2


@pytest.mark.parametrize(
    ("row", "code", "reason"),
    [
        (2, "receipts:777:2025-01-01", "不认得"),
        (2, "remittances:ZB-1", "去向不对"),
        (2, "direct-payments:ZB-1:001:2025-01-01", "去向不对"),
        (9, "aside", "没有这一行"),
    ],
)
def test_a_decision_that_cannot_be_is_named(shops: Street, row: int, code: str, reason: str):
    outcome = come(shops, K.WALLET, line(), answers=Answers(accept=True, lines={row: code}))
    assert [(f.row, f.value) for f in outcome.faults] == [(row, code)]
    assert reason in outcome.faults[0].reason


@pytest.mark.both
def test_the_same_export_again_is_the_same_whatever_the_rules_say_by_then(shops: Street):
    rows = [line("晨光", "6 月份"), line(number="4200000000000002")]
    come(shops, K.WALLET, *rows, answers=Answers(accept=True, lines={2: "receipts:002:2025-01-01"}))
    RememberedName.objects.all().delete()
    again = come(shops, K.WALLET, *rows, line("003 号铺", number="4200000000000003"))
    assert (again.same, again.new, again.doubts) == (2, 1, [])


def test_one_number_on_many_lines_of_a_bank_is_many_lines(shops: Street):
    rows = [line(number="0"), line("002 号铺", number="0"), line("003 号铺", number="0", amount="70"), line(number="0")]
    outcome = come(shops, K.BANK, *rows)
    assert (outcome.booked, outcome.same, outcome.faults) == (3, 1, [])
    again = come(shops, K.BANK, *rows[::-1])
    assert (again.booked, again.same) == (0, 4)


def test_one_number_of_a_wallet_with_two_sums_is_refused(shops: Street):
    come(shops, K.WALLET, line())
    for other in (line(amount="99"), line(on="2026-02-12")):
        assert "已登记过而内容不同" in come(shops, K.WALLET, other).faults[0].reason


def test_a_booked_line_whose_money_went_back_is_told(shops: Street):
    come(shops, K.WALLET, line())
    again = come(shops, K.WALLET, line(status="已全额退款"))
    assert again.same == 1
    assert any("请冲正" in notice for notice in again.notices)


def test_a_reversed_line_is_matched_anew(shops: Street):
    come(shops, K.WALLET, line())
    ledger.reverse_transaction(Transaction.objects.get(kind="receipt"), reason="记错", by=None, at=NOW)
    outcome = come(shops, K.WALLET, line(), line("亲友", "饭钱", number="4200000000000002"))
    assert (outcome.booked, outcome.doubts) == (1, [])


# -- one payment, more papers ------------------------------------------------------------------------------------------

NOTEBOOK = receipt("", on="2026-02-11", proof="单方主张")


@pytest.mark.parametrize("first", ["wallet", "notebook"])
def test_notebook_and_wallet_are_one_payment_in_either_order(shops: Street, first: str):
    def wallet() -> Outcome:
        return come(shops, K.WALLET, line())

    def notebook() -> Outcome:
        return bring(shops, K.RECEIPTS, NOTEBOOK, answers=YES)

    for bring_in in (wallet, notebook) if first == "wallet" else (notebook, wallet):
        assert bring_in().booked == 1
    assert Payment.objects.count() == 1
    assert OpenClaim.objects.count() == 0
    assert set(Evidence.objects.values_list("kind", flat=True)) == {"wallet_line", "oral_word"}


@pytest.mark.parametrize("order", [(K.BANK, K.UTILITY_PAYMENTS), (K.UTILITY_PAYMENTS, K.BANK)])
def test_the_banks_and_the_utilitys_line_are_one_remittance(street_with_account: Street, order: Sequence[FileKind]):
    rows = {K.BANK: to_utility("2-205685875919", on="2026-02-21"), K.UTILITY_PAYMENTS: listed()}
    for kind in order:
        assert come(street_with_account, kind, rows[kind]).booked == 1
    assert Payment.objects.count() == 1
    assert set(Evidence.objects.values_list("kind", flat=True)) == {"bank_line", "utility_record"}


def test_what_came_into_the_wallet_did_not_come_to_the_bank(shops: Street):
    come(shops, K.WALLET, line())
    outcome = come(shops, K.BANK, line(number="7-880011", on="2026-02-11"))
    assert (outcome.booked, outcome.doubts) == (1, [])
    assert Payment.objects.count() == 2


def test_what_left_the_wallet_may_have_left_the_bank_behind_it_and_is_asked(street_with_account: Street):
    come(street_with_account, K.WALLET, to_utility())
    assert asked(come(street_with_account, K.BANK, to_utility("2-205685875919"))) == [(2, "payment", "")]
    come(street_with_account, K.UTILITY_PAYMENTS, listed())
    assert asked(come(street_with_account, K.BANK, to_utility("2-205685875919"))) == [(2, "payment", "")]
    assert Payment.objects.count() == 1


@pytest.mark.both
def test_two_that_may_be_one_are_asked_even_where_all_is_accepted(shops: Street):
    taken(shops, K.RECEIPTS, NOTEBOOK, receipt("", on="2026-02-09", proof="单方主张"))
    assert asked(come(shops, K.WALLET, line())) == [(2, "payment", "")]


def test_a_withdrawal_is_aside_in_the_wallet_and_in_the_bank(shops: Street):
    wallet = come(shops, K.WALLET, line("示例银行", "", way="不计收支", sort="零钱提现", amount="2000"))
    bank = come(shops, K.BANK, line("财付通支付科技有限公司", "微信零钱提现", sort="提现", amount="2000"))
    assert [list(outcome.aside) for outcome in (wallet, bank)] == [["own-transfer"], ["own-transfer"]]
    assert Payment.objects.count() == 0


# -- what is learnt ----------------------------------------------------------------------------------------------------


def test_a_payer_a_person_named_is_known_the_next_time(shops: Street):
    stranger = line("晨光", "水费")
    assert asked(come(shops, K.WALLET, stranger)) == [(2, "line", "")]
    come(shops, K.WALLET, stranger, answers=Answers(accept=True, lines={2: "receipts:002:2025-01-01"}))
    later = line("晨光", "水费", on="2026-03-10", number="4200000000000002")
    outcome = come(shops, K.WALLET, later)
    assert (outcome.booked, outcome.lines[0].code) == (1, "receipts:002:2025-01-01")
    assert [r.why for r in outcome.lines[0].choices[0].reasons] == ["payer-is-known"]
    (kept,) = RememberedName.objects.all()
    assert (kept.shown, kept.file_name, kept.tenancy and kept.tenancy.unit.code) == ("晨光", "流水.csv", "002")


@pytest.mark.both
def test_a_name_of_the_roster_or_nobodys_name_is_not_learnt(shops: Street):
    rows = [line("002 号铺"), line("家属", number="4200000000000002")]
    said = dict.fromkeys((2, 3), "receipts:003:2025-01-01")
    assert come(shops, K.WALLET, *rows, answers=Answers(accept=True, lines=said)).booked == 2
    assert not RememberedName.objects.exists()


@pytest.mark.both
def test_one_answer_for_an_unknown_customer_account_holds_for_its_other_lines_and_is_learnt(shops: Street):
    rows = [listed(), listed("001 号铺", on="2026-03-01", amount="50"), listed(on="2026-03-02", amount="40")]
    rows = [[*row[:8], f"99{n}3366392450477", *row[9:]] for n, row in enumerate(rows)]
    assert [d.ask for d in come(shops, K.UTILITY_PAYMENTS, *rows).doubts] == ["line"] * 3
    said = Answers(accept=True, lines={2: "remittances:ZB-1"})
    assert come(shops, K.UTILITY_PAYMENTS, *rows, answers=said).booked == 3
    assert Payment.objects.filter(transaction__kind="direct_payment").count() == 1
    assert RememberedName.objects.get().sort == NameSort.CUSTOMER_ACCOUNT


# -- whose statement it is, and what it says of itself -----------------------------------------------------------------


def preamble(*facts: str) -> bytes:
    return ("\n".join([*facts, HEADS]) + "\n").encode()


def owned(street: Street, *facts: str, rows: Sequence[Row] = (), answers: Answers = YES, kind: FileKind = K.WALLET):
    body = csv_of(HEADS, rows).split(b"\r\n", 1)[1]
    return import_file(
        street, kind, "流水.csv", preamble(*facts) + body, by=None, at=NOW, dry_run=False, answers=answers
    )


@pytest.mark.both
def test_a_wallet_of_another_person_is_asked_about_and_nothing_is_booked(shops: Street):
    outcome = owned(shops, "微信昵称：[路人]", rows=[line()])
    assert asked(outcome) == [(0, "owner", "")]
    assert "路人" in outcome.doubts[0].shown
    assert [choice.code for choice in outcome.doubts[0].choices] == ["二房东"]


def test_an_owner_a_person_named_is_known_the_next_time(shops: Street):
    said = Answers(accept=True, constants={"owner": "二房东"})
    assert owned(shops, "微信昵称：[东哥]", rows=[line()], answers=said).booked == 1
    second = line(number="4200000000000002", on="2026-03-10")
    assert owned(shops, "微信昵称：[东哥]", rows=[second]).booked == 1
    wrong = owned(shops, "微信昵称：[东哥]", rows=[line()], answers=Answers(constants={"owner": "王五"}))
    assert "没有这个名字" in wrong.faults[0].reason


def test_bills_teach_the_customer_account_above_their_table(shops: Street):
    row = bill("B-2", first="2026-02-01", last="2026-02-28", before="100", after="200")
    content = f"户号：{ACCOUNT}\n".encode() + csv_of(BILLS, [row])
    import_file(shops, K.BILLS, "账单.csv", content, by=None, at=NOW, dry_run=False)
    assert points_by_number(shops, [ACCOUNT])[ACCOUNT].code == "ZB-1"


def test_counts_and_sums_of_the_preamble_must_be_those_of_the_rows(shops: Street):
    facts = ("微信昵称：[二房东]", "共2笔记录", "收入：1笔 100.00元", "支出：1笔 30.00元")
    rows = [line(), line("示例超市", "购物", way="支出", amount="30", number="4200000000000002")]
    assert owned(shops, *facts, rows=rows).booked == 1
    cut = owned(shops, *facts, rows=[line("002 号铺", number="4200000000000003")])
    assert [(f.value, f.reason[:8]) for f in cut.faults] == [
        ("共 2 笔", "表里有 1 笔；"),
        ("支出 1笔 30.00元", "表里支出有 0 "),
    ]
    other = owned(shops, *facts, rows=[rows[1], line("002 号铺", amount="99", number="4200000000000003")])
    assert [f.value for f in other.faults] == ["收入 1笔 100.00元"]


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_balance_follows_from_line_to_line_and_a_shifted_one_is_named(shops: Street, newest_first: bool):
    sums = [("100", "收入", "600"), ("30", "支出", "570"), ("5", "收入", "575"), ("40", "收入", "615")]
    payers = ["001 号铺", "示例超市", "示例茶馆", "002 号铺"]
    numbers = [f"{n}-99{n}" for n in range(1, 5)]
    rows = [
        line(payer, "水费" if payer.endswith("铺") else "消费", amount=amount, way=way, balance=balance, number=number)
        for payer, (amount, way, balance), number in zip(payers, sums, numbers, strict=True)
    ]
    shifted = [[*row[:10], other[10]] for row, other in zip(rows, [*rows[1:], rows[0]], strict=True)]
    if newest_first:
        rows, shifted = rows[::-1], shifted[::-1]
    outcome = come(shops, K.BANK, *shifted)
    assert outcome.booked == 0
    assert [f.column for f in outcome.faults] == ["余额"]
    assert outcome.faults[0].reason.startswith("余额列对不上：")
    assert come(shops, K.BANK, *rows).booked == 2


def test_a_balance_is_followed_over_lines_that_have_none(shops: Street):
    rows = [line(amount="10", balance=b, number=f"{n}-99{n}") for n, b in enumerate(("100", "", "120", "139"), 1)]
    assert [(f.row, f.column) for f in come(shops, K.BANK, *rows).faults] == [(5, "余额")]


def test_lines_are_not_matched_before_there_is_a_roster(street: Street):
    taken(street, K.METERS, MASTER)
    assert "先导入商铺名册" in come(street, K.WALLET, line()).faults[0].reason


def test_a_day_to_come_is_a_fault(shops: Street):
    later = (NOW.date() + dt.timedelta(days=2)).isoformat()
    assert [(f.column, f.reason) for f in come(shops, K.WALLET, line(on=later)).faults] == [("日期", "晚于今天")]
