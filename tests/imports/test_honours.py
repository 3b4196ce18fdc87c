"""Honours of firms come in as a list: a firm's name is asked about, what is there is left alone, each fault has its cell."""

from __future__ import annotations

import pytest

from hege.honours.actions import correct_honour, draft_honours, withdraw_honour
from hege.honours.models import Firm, Honour, HonourItem, HonourVersion
from hege.honours.queries import entries
from hege.honours.rules import FirmDraft, HonourDraft, HonourKind, HonourState, Level
from hege.imports.actions import import_file
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.looking import Outcome
from hege.people.models import Street
from tests.imports.files import NOW, Row, bring, csv_of, honour, told

pytestmark = pytest.mark.once
K = FileKind.HONOURS
USCC, OTHER_CODE = "91310118MA1JL4YX8T", "749750217"


def come(street: Street, *rows: Row, answers: Answers | None = None, dry_run: bool = False) -> Outcome:
    return bring(street, K, *rows, name="荣誉.csv", answers=answers or Answers(), dry_run=dry_run)


def booked(street: Street, *rows: Row) -> Outcome:
    outcome = come(street, *rows)
    assert (outcome.faults, outcome.doubts) == ([], [])
    return outcome


@pytest.mark.both
def test_rows_of_one_firm_and_title_are_one_honour_with_several_products(street: Street):
    outcome = booked(
        street, honour(product="稻谷"), honour(product="青菜", number="LB-15-25050904868A"), honour(title="立信单位", product="", number="")
    )  # fmt: skip
    assert (outcome.booked, outcome.after["honours"], outcome.after["firms"]) == (3, 2, 1)
    first, second = entries(HonourVersion.objects.that_count().order_by("honour_id"))
    assert [(i.name, i.number_as_read) for i in first.items] == [
        ("稻谷", "LB-23-25050904867A"),
        ("青菜", "LB-15-25050904868A"),
    ]
    assert (first.version.source, first.version.source_page, first.version.kind) == (
        "青浦报", "第 3 版", HonourKind.PRODUCT_CERTIFICATE,
    )  # fmt: skip
    assert first.version.as_printed.count("企业名称：裕韵合作社") == 2
    assert (second.items, first.honour.state) == ([], HonourState.DRAFTED)


def test_a_blank_kind_and_level_are_taken_from_the_title_and_told(street: Street):
    outcome = booked(street, honour(title="上海市示范合作社", kind="", level=""))
    version = HonourVersion.objects.get()
    assert (version.kind, version.level) == (HonourKind.DEMONSTRATION, Level.CITY)
    assert "第 2 行：没有写种类，按荣誉名称认作“示范达标”" in outcome.notices


def test_a_number_is_kept_as_printed_and_one_that_does_not_fit_is_told(street: Street):
    outcome = booked(street, honour(number="ＬＢ—23—25130904867a"))
    item = HonourItem.objects.get()
    assert (item.number_as_printed, item.number_as_read) == ("ＬＢ—23—25130904867a", "LB-23-25130904867A")
    assert any("第 2 行：编号写法对不上" in notice for notice in outcome.notices)


def test_the_same_file_again_books_nothing_even_where_it_was_corrected_since(street: Street):
    rows = [honour(), honour("另一合作社", title="示范单位", product="", number="")]
    booked(street, *rows)
    one = Honour.objects.earliest("pk")
    draft = HonourDraft(FirmDraft(""), "绿色食品", HonourKind.PRODUCT_CERTIFICATE, "青浦报")
    correct_honour(one, draft=draft, reason="名称写错了", by=None, at=NOW)
    firms = {firm.name: f"firm:{firm.public_id}" for firm in Firm.objects.all()}
    answers = Answers(lines={2: firms["裕韵合作社"], 3: firms["另一合作社"]})
    again = come(street, *rows, answers=answers)
    assert (again.booked, again.same, again.nothing_to_do) == (0, 2, True)
    assert Honour.objects.count() == 2


def test_a_firm_with_that_name_is_offered_and_never_merged_silently(street: Street):
    booked(street, honour())
    firm = Firm.objects.get()
    later = [honour(title="示范单位"), honour(title="诚信单位")]
    asked = come(street, *later)
    assert [(d.row, d.ask) for d in asked.doubts] == [(2, "firm")]
    assert [choice.code for choice in asked.doubts[0].choices] == [f"firm:{firm.public_id}", "another"]
    assert (asked.booked, Honour.objects.count()) == (0, 1)
    come(street, later[0], answers=Answers(lines={2: f"firm:{firm.public_id}"}))
    assert (Firm.objects.count(), firm.honours.count()) == (1, 2)
    come(street, later[1], answers=Answers(lines={2: "another"}))
    assert (Firm.objects.count(), firm.honours.count()) == (2, 2)


def test_a_firm_is_found_by_its_code_whatever_it_is_called(street: Street):
    booked(street, honour("朗言数安", code=OTHER_CODE))
    outcome = booked(street, honour("朗言公司", title="立信单位", code="７４９７５０２１－７", product="", number=""))
    assert (Firm.objects.count(), Honour.objects.count()) == (1, 2)
    assert "第 2 行：代码已登记在“朗言数安”名下，按它登记" in outcome.notices


def test_a_name_with_and_without_a_code_in_one_file_is_a_fault(street: Street):
    outcome = come(street, honour(code=OTHER_CODE), honour(title="示范单位"))
    assert [(row, column) for row, column, _why in told(outcome)] == [(3, "企业代码")]


def test_the_same_honour_with_other_days_is_asked_about_and_a_withdrawn_one_wants_a_reason(street: Street):
    booked(street, honour(code=OTHER_CODE))
    renewed = honour(code=OTHER_CODE, issued="2026-05-01", expires="2029-04-30")
    assert [(d.row, d.ask) for d in come(street, renewed).doubts] == [(2, "new")]
    assert come(street, renewed, answers=Answers(new=frozenset({2}))).booked == 1
    assert come(street, renewed).nothing_to_do
    Honour.objects.update(state=HonourState.PUBLISHED)
    for one in Honour.objects.all():
        withdraw_honour(one, reason="证书已注销", by=None, at=NOW)
    again = honour(code=OTHER_CODE, issued="2026-06-01", expires="")
    (fault,) = come(street, again).faults
    assert fault.column == "荣誉名称"
    assert "请在“再录理由”一列写明为什么" in fault.reason
    assert any("已撤下" in notice for notice in come(street, renewed).notices)
    assert booked(street, [*again[:-1], "重新发证"]).booked == 1
    assert booked(street, [*again[:-1], "重新发证"]).nothing_to_do


def test_a_licence_at_two_firms_is_refused_at_its_row(street: Street):
    licence = {"title": "经营资格", "kind": "资格许可", "product": "", "number": "E3101186"}
    inside = come(street, honour("甲社", **licence), honour("乙社", **licence))
    assert told(inside) == [(3, "证书编号", "第 2 行另一家企业也是这个资格证书编号，请先弄清是哪一家的")]
    booked(street, honour("甲社", **licence))
    assert told(come(street, honour("乙社", **licence))) == [
        (2, "证书编号", "资格证书编号已登记在另一家企业名下，请先弄清是哪一家的")
    ]


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        (honour(firm=""), "企业名称", "不能空着"),
        (honour(title="—"), "荣誉名称", "不能空着"),
        (honour(source=""), "出处", "不能空着"),
        (honour(code="749750218"), "企业代码", "写法对不上"),
        (honour(code="91310118"), "企业代码", "写法对不上"),
        (honour(kind="产品"), "荣誉种类", "只能填：产品证书"),
        (honour(level="乡级"), "荣誉级别", "只能填：国家级"),
        (honour(issued="2026-12-01"), "颁发日期", "还没有到"),
        (honour(issued="去年"), "颁发日期", "日期"),
        (honour(expires="2025-04-30"), "有效期至", "早于颁发日期"),
        (honour(day="2026-12-01"), "出处日期", "还没有到"),
        (honour(firm="裕韵\u202e合作社"), "企业名称", "看不见的控制符"),
        (honour(number="4.20000E+27"), "证书编号", "被 Excel 改写过"),
        (honour(title="优" * 201), "荣誉名称", "最多 200 个字"),
        (honour(number="310118199001011237"), "证书编号", "个人的证件号码"),
    ],
)
def test_what_is_wrong_in_a_cell_is_told_by_row_and_column_and_nothing_is_booked(
    street: Street, row: Row, column: str, why: str
):
    outcome = come(street, honour("另一合作社"), row)
    assert [(fault.row, fault.column) for fault in outcome.faults] == [(3, column)]
    assert why in outcome.faults[0].reason
    assert (outcome.booked, Honour.objects.count()) == (0, 0)


def test_all_that_is_wrong_in_a_row_is_told_at_once(street: Street):
    outcome = come(street, honour(firm="", kind="产品", issued="2026-12-01", code="123"))
    assert sorted(fault.column for fault in outcome.faults) == sorted(["企业名称", "荣誉种类", "颁发日期", "企业代码"])


def test_rows_of_one_honour_that_say_otherwise_are_faults_and_a_row_that_stands_twice_counts_once(street: Street):
    outcome = come(street, honour(body="甲中心"), honour(product="青菜", number="", body="乙中心"))
    assert told(outcome)[0][:2] == (3, "颁发单位")
    twice = booked(street, honour(), honour(), honour(product="青菜", number="", body="", kind=""))
    assert (twice.new, twice.same, HonourItem.objects.count()) == (2, 1, 2)


def test_the_source_may_be_said_once_for_all_rows(street: Street):
    content = csv_of("企业名称,荣誉名称,产品名称", [["甲社", "示范单位", "稻谷"]])
    answers = Answers(constants={"出处": "青浦报"})
    done = import_file(street, K, "荣誉榜.csv", content, by=None, at=NOW, dry_run=False, answers=answers)
    assert (done.booked, HonourVersion.objects.get().source) == (1, "青浦报")


def test_what_was_drafted_by_hand_is_known_to_the_file(street: Street):
    draft = HonourDraft(
        FirmDraft("甲社", OTHER_CODE), "立信单位", HonourKind.RATING, "青浦报", level=Level.UNSAID
    )  # fmt: skip
    draft_honours(street, [draft], by=None, at=NOW)
    row = honour(
        "甲社",
        "立信单位",
        code=OTHER_CODE,
        kind="",
        level="",
        product="",
        number="",
        issued="",
        expires="",
        source="另一份报",
    )
    assert come(street, row).nothing_to_do
