"""What a pasted honour roll is read as, and what is asked: the newspaper's own table, and tables that came to harm."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hege.honours.intake.reading import (
    Choice,
    Clipping,
    Doubt,
    DoubtKind,
    Entry,
    Item,
    clipping_text,
    read_clipping,
)
from hege.honours.rules import ItemKind
from hege.kernel.refused import Refused

PAGE = (
    "荣誉榜\t\t\t\n"
    "上海逸盾门业有限公司 受检产品: 钢质隔热防火门 荣获 上海市防火门产品质量监督 抽查合格产品\t"
    "上海菲月金属制品有限公司 受检产品: 钢质隔热防火门 荣获 上海市防火门产品质量监督 抽查合格产品\t"
    "上海德大堂国药有限公司 荣获 上海中药行业《中药煎药质量管理规范》 团标承诺执行达标企业\t"
    "上海虹桥中药饮片有限公司 荣获 上海中药行业《中药煎药质量管理规范》 团标承诺执行达标企业\n"
    "上海持灏水产养殖专业合作社 商标: 持灏 青菜LB-15-25070907976A 甘蓝LB-15-25070907977A 荣获 中国绿色食品产品\t"
    "上海林益蔬菜种植专业合作社 商标: 霖诺 青菜LB-15-25070905840A 结球甘蓝LB-15-25070905841A 荣获 中国绿色食品产品\t"
    "上海勤道农业专业合作社 商标: 丰农乡 松江大米LB-03-25090908294A 荣获 中国绿色食品产品\t"
    "上海裕韵农产品产销专业合作社 稻谷 LB-23-25050904867A 荣获 中国绿色食品产品\n"
    "上海海丰米业有限公司 海丰米业智慧粮库系统的开发与应用 荣获 2025上海供应链创新与应用优秀案例\t"
    "上海松林米业有限公司 松江大米 荣获 全国绿色食品标识使用典范单位\t"
    "上海巨浪环保有限公司 资格证书编号: E3101186 荣获 上海市正规废弃电器电子产品 处理资格企业\t"
    "上海朗言数安科技有限公司 信用编码: 749750217 荣获 全国11315立信单位"
)
STEEL_LEAF = Item(ItemKind.INSPECTED, "钢质隔热防火门")
SPOT_CHECK = "上海市防火门产品质量监督抽查合格产品"
DECOCTION = "上海中药行业《中药煎药质量管理规范》团标承诺执行达标企业"
GREEN = "中国绿色食品产品"
TWELVE = [
    Entry("上海逸盾门业有限公司", SPOT_CHECK, items=(STEEL_LEAF,)),
    Entry("上海菲月金属制品有限公司", SPOT_CHECK, items=(STEEL_LEAF,)),
    Entry("上海德大堂国药有限公司", DECOCTION),
    Entry("上海虹桥中药饮片有限公司", DECOCTION),
    Entry(
        "上海持灏水产养殖专业合作社",
        GREEN,
        "持灏",
        (Item(ItemKind.PRODUCT, "青菜", "LB-15-25070907976A"), Item(ItemKind.PRODUCT, "甘蓝", "LB-15-25070907977A")),
    ),
    Entry(
        "上海林益蔬菜种植专业合作社",
        GREEN,
        "霖诺",
        (
            Item(ItemKind.PRODUCT, "青菜", "LB-15-25070905840A"),
            Item(ItemKind.PRODUCT, "结球甘蓝", "LB-15-25070905841A"),
        ),
    ),
    Entry("上海勤道农业专业合作社", GREEN, "丰农乡", (Item(ItemKind.PRODUCT, "松江大米", "LB-03-25090908294A"),)),
    Entry("上海裕韵农产品产销专业合作社", GREEN, items=(Item(ItemKind.PRODUCT, "稻谷", "LB-23-25050904867A"),)),
    Entry(
        "上海海丰米业有限公司",
        "2025上海供应链创新与应用优秀案例",
        items=(Item(ItemKind.WORK, "海丰米业智慧粮库系统的开发与应用"),),
    ),
    Entry("上海松林米业有限公司", "全国绿色食品标识使用典范单位", items=(Item(ItemKind.PRODUCT, "松江大米"),)),
    Entry(
        "上海巨浪环保有限公司",
        "上海市正规废弃电器电子产品处理资格企业",
        items=(Item(ItemKind.LICENCE, number="E3101186", label="资格证书编号"),),
    ),
    Entry(
        "上海朗言数安科技有限公司",
        "全国11315立信单位",
        items=(Item(ItemKind.FIRM_CODE, number="749750217", label="信用编码"),),
    ),
]
DECIDED = {(9, "what1"): "work", (10, "what1"): "product"}


def asked(clipping: Clipping) -> list[Doubt]:
    return [doubt for cell in clipping.cells for doubt in cell.doubts]


def test_the_newspapers_table_is_twelve_entries_field_by_field() -> None:
    clipping = read_clipping(PAGE, DECIDED)
    assert list(clipping.entries) == TWELVE
    assert (clipping.headings, clipping.columns, clipping.rows) == (("荣誉榜",), 4, 3)


def test_five_titles_over_two_lines_are_marked_and_two_lines_wait_for_a_person() -> None:
    clipping = read_clipping(PAGE)
    assert [doubt.cell for doubt in asked(clipping) if doubt.kind == DoubtKind.JOINED] == [1, 2, 3, 4, 11]
    assert [(d.cell, d.words, d.chosen) for d in asked(clipping) if d.is_open] == [
        (9, ("海丰米业智慧粮库系统的开发与应用",), None),
        (10, ("松江大米",), None),
    ]
    assert clipping.open_doubts == 2
    assert len(clipping.entries) == 10, "a cell with an open doubt is no entry yet"


@pytest.mark.parametrize(
    ("choice", "titles"),
    [
        (Choice.JOIN, [SPOT_CHECK]),
        (Choice.TWO, ["上海市防火门产品质量监督", "抽查合格产品"]),
        (Choice.FIRST, ["上海市防火门产品质量监督"]),
    ],
)
def test_a_title_over_two_lines_is_what_a_person_says(choice: Choice, titles: list[str]) -> None:
    cell = read_clipping(PAGE, {(1, "joined"): choice}).cells[0]
    assert [entry.title for entry in cell.entries] == titles
    assert cell.doubts[0].decided


@pytest.mark.parametrize(
    ("choice", "firm", "items"),
    [
        (Choice.PRODUCT, "上海松林米业有限公司", (Item(ItemKind.PRODUCT, "松江大米"),)),
        (Choice.FIRM_REST, "上海松林米业有限公司松江大米", ()),
        (Choice.SKIP_LINE, "上海松林米业有限公司", ()),
    ],
)
def test_a_line_without_a_label_is_what_a_person_says(choice: Choice, firm: str, items: tuple[Item, ...]) -> None:
    (entry,) = read_clipping(PAGE, {(10, "what1"): choice}).cells[9].entries
    assert (entry.firm, entry.items) == (firm, items)


def test_an_answer_that_was_not_offered_leaves_the_doubt_open() -> None:
    assert read_clipping(PAGE, {(9, "what1"): "join", (10, "what1"): "nonsense"}).open_doubts == 2


def test_a_firms_name_over_two_lines_is_asked() -> None:
    text = "上海松林米业 青浦分公司 荣获 优秀单位"
    (doubt,) = asked(read_clipping(text))
    assert (doubt.kind, doubt.words, doubt.is_open) == (DoubtKind.FIRM, ("上海松林米业", "青浦分公司"), True)
    (entry,) = read_clipping(text, {(1, "firm"): Choice.FIRM_TWO}).entries
    assert entry.firm == "上海松林米业青浦分公司"


def test_a_cell_that_does_not_begin_with_a_firm_is_never_taken_for_one() -> None:
    (doubt,) = asked(read_clipping("老王家的米 荣获 优秀商户"))
    assert (doubt.kind, doubt.is_open) == (DoubtKind.FIRM, True)


def test_a_cell_without_awarded_is_asked_and_can_be_left_out() -> None:
    text = "甲乙丙有限公司 荣获 优秀单位\t丁戊己有限公司 产品: 大米"
    (doubt,) = asked(read_clipping(text))
    assert (doubt.cell, doubt.kind, doubt.is_open) == (2, DoubtKind.AWARDED, True)
    assert read_clipping(text, {(2, "awarded"): Choice.SKIP_CELL}).open_doubts == 0


def test_a_line_broken_inside_a_cell_is_put_together_by_a_person_and_stays_undoable() -> None:
    text = "甲乙丙有限公司 荣获 优秀单位\t丁戊己有限公司 产品: 大米\n荣获 绿色食品\t庚辛壬有限公司 荣获 优秀单位"
    broken = read_clipping(text)
    assert [(d.cell, d.kind) for d in asked(broken) if d.is_open] == [(2, DoubtKind.AWARDED), (3, DoubtKind.TITLE)]
    whole = read_clipping(text, {(3, "title"): Choice.JOIN_PREVIOUS})
    assert whole.open_doubts == 0
    assert whole.cells[1].entries == (Entry("丁戊己有限公司", "绿色食品", items=(Item(ItemKind.PRODUCT, "大米"),)),)
    assert [(d.cell, d.chosen) for d in whole.cells[1].doubts] == [(3, Choice.JOIN_PREVIOUS)]


def test_lost_tabs_are_asked_before_the_cell_is_parted() -> None:
    text = PAGE.split("\n")[1].replace("\t", " ")
    (doubt,) = asked(read_clipping(text))
    assert (doubt.kind, doubt.is_open) == (DoubtKind.SEVERAL, True)
    assert list(read_clipping(text, {(1, "several"): Choice.SPLIT}).entries) == TWELVE[:4]


def test_doubled_tabs_and_empty_rows_change_nothing() -> None:
    text = PAGE.replace("\t", "\t\t").replace("\n", "\n\t\t\n\n")
    assert list(read_clipping(text, DECIDED).entries) == TWELVE


def test_one_column_of_printed_lines_is_read() -> None:
    text = "\n".join(cell.replace(" ", "\n") for row in PAGE.split("\n")[1:] for cell in row.split("\t"))
    assert list(read_clipping(text, DECIDED).entries) == TWELVE


def test_two_tables_are_read_as_one_after_the_other() -> None:
    clipping = read_clipping(PAGE + "\n荣誉榜(续)\n" + PAGE.split("\n")[2])
    assert len(clipping.cells) == 16
    assert clipping.headings == ("荣誉榜", "荣誉榜(续)")


def test_cells_of_several_lines_in_quotes_are_read_as_a_spreadsheet_copies_them() -> None:
    text = '"甲乙丙有限公司\n商标：甲\n荣获\n绿色食品"\t"丁戊己有限公司\n荣获\n优秀单位"'
    assert [entry.firm for entry in read_clipping(text).entries] == ["甲乙丙有限公司", "丁戊己有限公司"]


def test_the_source_of_a_web_page_is_read_by_its_table() -> None:
    rows = "".join(
        f"<tr>{''.join(f'<td><p>{c}</p></td>' for c in row.split(chr(9)))}</tr>" for row in PAGE.split("\n")[1:]
    )
    text = f"<script>荣获</script><table>{rows}</table>"
    assert list(read_clipping(text, DECIDED).entries) == TWELVE


def test_signs_that_nobody_sees_are_left_out() -> None:
    text = "\u202e甲乙丙有限公司\x00 商标：\u200b甲 荣获\u2069 绿色食品\ufeff"
    assert read_clipping(text).entries == (Entry("甲乙丙有限公司", "绿色食品", "甲"),)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "还没有贴"),
        (" \t\n\u200b", "还没有贴"),
        ("今天天气很好", "没有“荣获”"),
        ("<p>荣获</p>", "源代码"),
        ("荣" * 5_000_000, "200000"),
        ("甲乙丙有限公司 荣获 " + "好" * 700, "不像一格"),
        ("甲乙丙有限公司 荣获 好\n" * 2_001, "2000"),
    ],
)
def test_a_paste_that_is_no_roll_is_refused_with_the_mend(text: str, word: str) -> None:
    with pytest.raises(Refused) as refused:
        read_clipping(text)
    assert word in str(refused.value)
    assert refused.value.field == "text"


def test_full_width_numbers_and_dashes_stay_as_printed() -> None:
    (entry,) = read_clipping("甲乙丙有限公司 青菜ＬＢ—15—25070907976A 荣获 中国绿色食品产品").entries
    assert entry.items == (Item(ItemKind.PRODUCT, "青菜", "ＬＢ—15—25070907976A"),)


WORDS = st.text(alphabet="甲乙丙丁戊己庚辛壬癸东南西北", min_size=2, max_size=12)
NUMBERS = st.from_regex(r"LB-[0-9]{2}-[0-9]{11}A", fullmatch=True)
ITEMS = st.one_of(
    st.builds(
        Item,
        st.sampled_from([ItemKind.PRODUCT, ItemKind.INSPECTED, ItemKind.WORK]),
        WORDS,
        st.one_of(st.just(""), NUMBERS),
    ),
    st.builds(Item, st.just(ItemKind.CERTIFICATE), number=NUMBERS, label=st.just("证书编号")),
    st.builds(Item, st.just(ItemKind.FIRM_CODE), number=NUMBERS, label=st.just("信用编码")),
)
ENTRIES = st.builds(
    Entry,
    WORDS.map(lambda w: f"{w}有限公司"),
    WORDS,
    st.one_of(st.just(""), WORDS),
    st.lists(ITEMS, max_size=4).map(tuple),
)


@settings(max_examples=40)
@given(st.lists(ENTRIES, min_size=1, max_size=14), st.integers(1, 6))
def test_reading_what_the_roll_prints_gives_the_roll(entries: list[Entry], columns: int) -> None:
    clipping = read_clipping(clipping_text(entries, columns=columns))
    assert list(clipping.entries) == entries
    assert asked(clipping) == []


@given(st.text(alphabet='甲公司荣获:： \t\n"<td>LB-15A\u202e', max_size=80))
def test_no_text_is_read_with_anything_but_a_refusal_or_cells(text: str) -> None:
    try:
        clipping = read_clipping(text)
    except Refused:
        return
    assert all(cell.number for cell in clipping.cells)
