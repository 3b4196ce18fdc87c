"""What a line of a statement is: by names, codes, words, sums and other papers; and what is asked instead of guessed."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from hege.imports.matching import Entry, Known, Matcher, Portion, Tenant, Why, decision_of, says_water
from hege.kernel.spelling import fold

AGENT, OTHER = 1, 2
METER, NEXT = 10, 20
DAY = dt.date(2026, 3, 10)
NOODLES = Tenant(1, "18-1", "样例面馆", "面馆经营者", dt.date(2024, 1, 1), None, 1)
TEA = Tenant(2, "18-8", "样例烧饼店", "奶茶店经营者", dt.date(2024, 1, 1), dt.date(2026, 4, 16), 8)
BREAD = Tenant(3, "18-8", "样例烧饼店", "烧饼店经营者", dt.date(2026, 4, 21), None, 8)
FLOWERS = Tenant(4, "18-10", "样例花店", "花店经营者", dt.date(2024, 1, 1), None, 10)
TWO = [Tenant(n, f"20-{n}", f"连锁{n}店", "连锁老板", dt.date(2024, 1, 1), None, n + 50) for n in (5, 6)]
PLAIN = Tenant(7, "101", "样例鞋店", "鞋店经营者", dt.date(2024, 1, 1), None, 101)
SHARE = Portion(10_667, dt.date(2026, 2, 1), dt.date(2026, 2, 28))


@pytest.fixture
def known() -> Known:
    known = Known(
        point_of=lambda tenant, _on: NEXT if tenant.unit == "101" else METER,
        agent_of=lambda point, _on: AGENT if point == METER else OTHER,
    )
    for tenant in (NOODLES, TEA, BREAD, FLOWERS, *TWO, PLAIN):
        known.units[fold(tenant.unit)].append(tenant)
        known.operators[fold(tenant.operator)].append(tenant)
        if fold(tenant.unit) not in known.signs[fold(tenant.sign)]:
            known.signs[fold(tenant.sign)].append(fold(tenant.unit))
    known.learnt[fold("样例奶茶店")] = TEA
    known.agents[AGENT].add(fold("二房东"))
    known.codes = {METER: "ZB-1", NEXT: "ZB-2"}
    known.numbers = {fold(code): pk for pk, code in known.codes.items()}
    known.accounts = {"310117020600": METER, "310117020700": NEXT}
    known.portions[NOODLES.id].append(SHARE)
    return known


def line(payer: str = "样例面馆", remark: str = "水费", *, into: bool | None = True, fen: int = 5_000, on: dt.date = DAY,
         account: str = "", sort: str = "转账", status: str = "已存入零钱", number: int = 1) -> Entry:  # fmt: skip
    return Entry(number, on, into, fen, payer, account, sort, status, remark)


@pytest.mark.parametrize(
    ("entry", "code", "why"),
    [
        (line("样例面馆"), "receipts:18-1:2024-01-01", Why.PAYER_IS_SIGN),
        (line("面馆 经营者"), "receipts:18-1:2024-01-01", Why.PAYER_IS_OPERATOR),
        (line("样例奶茶店", "退租结清水费", on=dt.date(2026, 5, 17)), "receipts:18-8:2024-01-01", Why.PAYER_HAS_LEFT),
        (line("奶茶店经营者", on=dt.date(2026, 5, 17)), "receipts:18-8:2024-01-01", Why.PAYER_HAS_LEFT),
        (line("样例烧饼店", on=dt.date(2026, 5, 17)), "receipts:18-8:2026-04-21", Why.PAYER_IS_SIGN),
        (line("晨光", "转账备注:18-10 2月水费"), "receipts:18-10:2024-01-01", Why.CODE_IN_REMARK),
        (line("晨光", "样例花店水费"), "receipts:18-10:2024-01-01", Why.NAME_IN_REMARK),
        (line("样例面馆", "18-10 水费"), "receipts:18-10:2024-01-01", Why.CODE_IN_REMARK),
        (line("样例面馆", "微信转账", fen=10_667), "receipts:18-1:2024-01-01", Why.SUM_IS_SHARE),
        (line("示例自来水公司", "水费-户号310117020600", into=False), "remittances:ZB-1", Why.OUR_ACCOUNT),
    ],
)  # fmt: skip
def test_a_line_is_known_by_a_name_a_code_a_sum_or_an_account(known: Known, entry: Entry, code: str, why: Why):
    suggestion = Matcher(known, AGENT).suggest(entry)
    assert (suggestion.code, suggestion.sure) == (code, True)
    assert why in {reason.why for reason in suggestion.options[0].reasons}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (line("样例面馆", "18-1 2月房租"), Why.RENT),
        (line("样例面馆", "电费"), Why.ELECTRICITY),
        (line("样例面馆", "押金"), Why.DEPOSIT),
        (line("样例面馆", "水费", status="已全额退款"), Why.RETURNED),
        (line("示例便利店", "纸品", into=False, status="交易关闭"), Why.CLOSED),
        (line("亲友", "/", sort="微信红包"), Why.RED_ENVELOPE),
        (line("亲友", "还你上次饭钱"), Why.PRIVATE),
        (line("示例饮用水站", "桶装水", into=False), Why.PRIVATE_SPENDING),
        (line("示例银行", "", into=None, sort="零钱提现"), Why.OWN_TRANSFER),
        (line("财付通支付科技有限公司", "微信零钱提现", sort="提现"), Why.OWN_TRANSFER),
        (line("二房东", "转存"), Why.OWN_TRANSFER),
        (line("", "利息", sort="结息"), Why.INTEREST),
        (line("示例基金", "余额宝-收益发放", into=None, sort="投资理财"), Why.INTEREST),
        (line("示例物业公司", "季度租金", into=False), Why.RENT),
        (line("示例供电公司", "缴费", into=False), Why.ELECTRICITY),
        (line("示例自来水公司", "水费户号310117099900", into=False), Why.OTHER_ACCOUNT),
    ],
)  # fmt: skip
def test_what_is_no_water_money_is_left_aside_with_the_reason(known: Known, entry: Entry, why: Why):
    assert Matcher(known, AGENT).suggest(entry).aside is why


@pytest.mark.parametrize(
    ("entry", "why", "codes"),
    [
        (line("样例面馆", "微信转账"), Why.NO_WORD, ["receipts:18-1:2024-01-01"]),
        (line("晨光", "水费", fen=10_667), Why.NOBODY, ["receipts:18-1:2024-01-01"]),
        (line("晨光", "微信转账", fen=10_667), Why.NOBODY, ["receipts:18-1:2024-01-01"]),
        (line("连锁老板"), Why.SEVERAL, ["receipts:20-5:2024-01-01", "receipts:20-6:2024-01-01"]),
        (line("晨光", "18-1 18-10 水费"), Why.SEVERAL, ["receipts:18-1:2024-01-01", "receipts:18-10:2024-01-01"]),
        (line("样例面馆", "房租水费"), Why.MIXED, ["receipts:18-1:2024-01-01"]),
        (line("样例面馆", "水费", status="已退款(￥10.00)"), Why.PARTLY_RETURNED, []),
        (line("样例鞋店"), Why.ANOTHER_AGENT, ["receipts:101:2024-01-01"]),
        (line("示例自来水公司", "水费户号310117020700", into=False), Why.ANOTHER_AGENT, ["remittances:ZB-2"]),
        (line("示例自来水公司", "水费", into=False), Why.NO_ACCOUNT, ["remittances:ZB-1"]),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_asked_with_what_speaks_against_it(known: Known, entry: Entry, why: Why, codes: list[str]):
    suggestion = Matcher(known, AGENT).suggest(entry)
    assert (suggestion.aside, suggestion.sure) == (None, False)
    assert why in {reason.why for reason in suggestion.reasons}
    assert [option.code for option in suggestion.options] == codes


def test_what_another_paper_tells_makes_money_without_a_word_water(known: Known):
    known.elsewhere["receipts", NOODLES.id, 5_000].append(DAY + dt.timedelta(days=1))
    known.elsewhere["receipts", TWO[1].id, 5_000].append(DAY)
    matcher = Matcher(known, AGENT)
    assert matcher.suggest(line("样例面馆", "微信转账")).sure
    chosen = matcher.suggest(line("连锁老板", "微信转账"))
    assert (chosen.code, chosen.sure) == ("receipts:20-6:2024-01-01", True)
    assert not matcher.suggest(line("样例面馆", "微信转账", on=DAY + dt.timedelta(days=3))).sure


def test_one_share_makes_one_line_sure_and_not_two(known: Known):
    twice = [line(remark="微信转账", fen=10_667, number=n, on=DAY + dt.timedelta(days=9 * n)) for n in (1, 2)]
    found = Matcher(known, AGENT).suggest_all(twice)
    assert [found[n].sure for n in (1, 2)] == [False, False]
    assert found[1].reasons[-1].why is Why.TWICE
    known.portions[NOODLES.id].append(SHARE._replace(from_on=dt.date(2026, 1, 1)))
    assert all(s.sure for s in Matcher(known, AGENT).suggest_all(twice).values())


def test_a_share_that_is_paid_already_makes_no_second_line_sure(known: Known):
    known.paid[NOODLES.id, 10_667] = 1
    (again,) = Matcher(known, AGENT).suggest_all([line(remark="微信转账", fen=10_667)]).values()
    assert (again.sure, again.reasons[-1].why) == (False, Why.TWICE)
    known.elsewhere["receipts", NOODLES.id, 10_667].append(DAY)
    assert Matcher(known, AGENT).suggest_all([line(remark="微信转账", fen=10_667)])[1].sure


def test_a_code_that_may_be_a_day_does_not_beat_a_name(known: Known):
    may = Tenant(8, "6-1", "样例书店", "书店经营者", dt.date(2024, 1, 1), None, 61)
    known.units[fold("6-1")].append(may)
    found = Matcher(known, AGENT).suggest(line("样例面馆", "6-1水费"))
    assert [option.code for option in found.options] == ["receipts:6-1:2024-01-01", "receipts:18-1:2024-01-01"]
    assert not found.sure
    assert Matcher(known, AGENT).suggest(line("晨光", "6-1水费")).sure


@pytest.mark.parametrize(
    ("remark", "codes"),
    [
        ("18-12月水费", ["18-1"]),
        ("18-102月水费", ["18-10"]),
        ("18-111月水费", ["18-11", "18-1"]),
        ("18-11月水费", ["18-11", "18-1"]),
        ("18-11 月水费", ["18-11"]),
        ("1016月水费", ["101"]),
        ("南1 1月水费", ["南1"]),
        ("南11月水费", ["南1", "南11"]),
        ("南112 水费", []),
    ],
)
def test_a_code_before_a_month_is_every_code_it_may_be(known: Known, remark: str, codes: list[str]):
    for number, code in enumerate(("18-11", "南1", "南11"), 80):
        known.units[fold(code)].append(Tenant(number, code, "", "", dt.date(2024, 1, 1), None, number))
    found = Matcher(known, AGENT).suggest(line("晨光", f"转账备注:{remark}"))
    assert [option.code.split(":")[1] for option in found.options] == codes
    assert (Why.SEVERAL in {reason.why for reason in found.reasons}) is (len(codes) > 1)


def test_a_transfer_for_two_shops_is_asked_whatever_its_sum(known: Known):
    assert not Matcher(known, AGENT).suggest(line("晨光", "18-1 18-10 水费", fen=10_667)).sure


STYLES = ("{b}-{n}", "{n:03d}", "A-{n:02d}", "南{n}", "{b}{n:02d}", "甲-{n}")


def a_street(draw: random.Random) -> tuple[Known, list[Tenant]]:
    """Some shops behind one meter, their codes in one style, some signs and operators alike, some tenants changed."""
    known = Known(point_of=lambda _tenant, _on: METER, agent_of=lambda _point, _on: AGENT)
    known.codes, known.accounts = {METER: "ZB-1"}, {"310117020600": METER}
    style, block = draw.choice(STYLES), draw.randrange(1, 30)
    tenants: list[Tenant] = []
    for n in range(1, draw.randrange(4, 14)):
        code = style.format(b=block, n=n)
        sign = "样例" + draw.choice(("面馆", "水果店", "水产行", "花店")) + (str(n) if draw.random() < 0.7 else "")
        spans = [(dt.date(2024, 1, 1), dt.date(2026, 4, 16)), (dt.date(2026, 4, 21), None)]
        for first, out in spans if draw.random() < 0.3 else [(dt.date(2024, 1, 1), None)]:
            who = "经营者" + draw.choice("甲乙") + (str(n) if draw.random() < 0.8 else "") + ("旧" if out else "")
            tenant = Tenant(len(tenants) + 1, code, sign, who, first, out, n)
            tenants.append(tenant)
            known.units[fold(code)].append(tenant)
            known.operators[fold(who)].append(tenant)
            for month in range(1, 7):
                if first <= dt.date(2026, month, 28) and (out is None or out > dt.date(2026, month, 1)):
                    fen = 9_000 + 700 * month + draw.randrange(3)
                    known.portions[tenant.id].append(Portion(fen, dt.date(2026, month, 1), dt.date(2026, month, 28)))
        if fold(code) not in known.signs[fold(sign)]:
            known.signs[fold(sign)].append(fold(code))
    return known, tenants


def a_line(draw: random.Random, known: Known, tenants: list[Tenant], number: int) -> tuple[Entry, str]:
    """A line as somebody may write it, and what it truly is: a decision, or that it is no water money."""
    on = dt.date(2026, draw.randrange(2, 8), draw.randrange(1, 16))
    tenant = draw.choice([t for t in tenants if t.from_on <= on and (t.until_on is None or t.until_on > on)])
    sort = draw.choice(("water", "water", "rent", "known", "stranger", "spent", "utility", "other"))
    plain_sum = draw.randrange(10, 900) * 100
    if sort == "water":
        portion = draw.choice([p for p in known.portions[tenant.id] if p.from_on <= on] or [SHARE])
        word = draw.choice(("水费", f"{portion.from_on.month}月水费", f"{portion.from_on.month}月份水费", "微信转账"))
        payer, code = draw.choice([(tenant.sign, ""), (tenant.operator, ""), ("晨光", tenant.unit)])
        remark = code + draw.choice(("", " ")) * bool(code) + word
        fen = draw.choice((portion.fen, portion.fen // 100 * 100, portion.fen // 2))
        return line(
            payer, f"转账备注:{remark}", fen=fen, on=on, number=number
        ), f"receipts:{tenant.unit}:{tenant.from_on}"
    spent = ("示例自来水公司", f"水费户号{'310117020600' if sort == 'utility' else '310117099900'}")
    payer, remark = {
        "rent": (tenant.operator, f"{tenant.unit} {on.month}月房租"), "known": (tenant.operator, "微信转账"),
        "stranger": (draw.choice(("亲友", "牌友群")), draw.choice(("还你饭钱", "/", "聚餐 18号桌"))),
        "spent": (draw.choice(("示例超市", "饮用水站")), draw.choice(("桶装水", "水果", "消费"))),
    }.get(sort, spent)  # fmt: skip
    into = sort in ("rent", "known", "stranger")
    return line(payer, remark, into=into, fen=plain_sum, on=on, number=number), (
        "remittances:ZB-1" if sort == "utility" else "none"
    )


def test_what_is_sure_is_true_and_no_line_of_a_known_payer_is_lost():
    for seed in range(60):
        draw = random.Random(seed)
        known, tenants = a_street(draw)
        written = [a_line(draw, known, tenants, number) for number in range(40)]
        found = Matcher(known, AGENT).suggest_all([entry for entry, _true in written])
        for entry, true in written:
            suggestion = found[entry.number]
            if suggestion.aside:
                assert true == "none" or (entry.payer == "晨光" and "水" not in entry.remark), (seed, entry)
            elif suggestion.sure:
                assert suggestion.code == true, (seed, entry)


def test_two_units_whose_codes_are_written_alike_are_both_meant(known: Known):
    alike = [Tenant(n, code, "", "", dt.date(2024, 1, 1), None, n) for n, code in ((91, "0102"), (92, "102"))]
    known.units[fold("102")] += alike
    found = Matcher(known, AGENT).suggest(line("晨光", "102 水费"))
    assert (found.sure, [r.why for r in found.reasons]) == (False, [Why.SAYS_WATER, Why.SEVERAL])
    decided = [decision_of(f"receipts:{tenant.unit}:2024-01-01", known) for tenant in alike]
    assert [decision and decision.tenant for decision in decided] == alike


@pytest.mark.parametrize(("remark", "there"), [("南1水费", True), ("南12 水费", False), ("水费南1", True)])
def test_a_code_with_words_in_it_is_found_whole(known: Known, remark: str, there: bool):
    known.units[fold("南1")].append(Tenant(93, "南1", "", "", dt.date(2024, 1, 1), None, 93))
    assert bool(Matcher(known, AGENT).whose(line("晨光", remark))) is there


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (line("二房东", "", account="310117020600"), "remittances:ZB-1"),
        (line("样例面馆", "310117020600 3月", account="310117020600"), "direct-payments:ZB-1:18-1:2024-01-01"),
        (line("家属", "代18-10缴", account="ZB-1"), "direct-payments:ZB-1:18-10:2024-01-01"),
        (line("二房东", "", account="310117099900"), "aside"),
    ],
)
def test_the_utilitys_list_tells_the_agents_money_from_a_shops(known: Known, entry: Entry, code: str):
    suggestion = Matcher(known).at_utility(entry)
    assert (suggestion.code, suggestion.sure) == (code, True)


def test_a_stranger_in_the_utilitys_list_is_asked_about(known: Known):
    suggestion = Matcher(known).at_utility(line("家属", "", account="310117020600", fen=10_667))
    assert not suggestion.sure
    codes = [option.code for option in suggestion.options]
    assert codes == ["direct-payments:ZB-1:18-1:2024-01-01", "remittances:ZB-1"]


@pytest.mark.parametrize("remark", ["水费101元", "水费 101", "2026年101号账单", "转账10"])
def test_a_number_that_counts_something_is_no_shop(known: Known, remark: str):
    assert Matcher(known, AGENT).whose(line("晨光", remark, fen=10_100)) == []


@pytest.mark.parametrize("remark", ["101水费", "101铺", "铺101元旦"])
def test_a_number_that_stands_by_itself_is_a_shop(known: Known, remark: str):
    assert [f.tenant for f in Matcher(known, AGENT).whose(line("晨光", remark))] == [PLAIN]


@pytest.mark.parametrize("text", ["5月水", "水费", "交水", "5月份水 "])
def test_words_that_say_water(text: str):
    assert says_water(text)


@pytest.mark.parametrize("text", ["水果", "桶装水", "送水", "5月水果", "热水器"])
def test_words_that_only_look_like_water(text: str):
    assert not says_water(text)


def test_a_decision_says_whose_it_is_and_one_of_nobody_says_nothing(known: Known):
    odd = NOODLES._replace(unit="A:1")
    known.units[fold("A:1")].append(odd)
    decided = decision_of("direct-payments:ZB-1:A:1:2024-01-01", known)
    assert decided is not None
    assert (decided.tenant, decided.point) == (odd, METER)
    for code in ("receipts:18-1:2024-01-02", "receipts:99:2024-01-01", "remittances:ZB-9", "gift:18-1:2024-01-01", ""):
        assert decision_of(code, known) is None
