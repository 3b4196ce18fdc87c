"""Which step may follow which, by whom, and what a draft must say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from hege.honours.rules import (
    Act,
    FirmDraft,
    HonourKind,
    HonourState,
    ItemDraft,
    SettingKind,
    Stands,
    check_act,
    check_decidable,
    check_draft,
    check_expiry,
    check_new,
    check_objectable,
    check_setting,
    first_day_after,
    inner_code,
    kind_said,
    likeness,
    open_acts,
)
from hege.kernel.refused import Refused, RefusedAll, allows
from tests.honours.roll import DAY, a_draft

A, B = 1, 2
DRAFTED = Stands(HonourState.DRAFTED, DAY, drafted_by=A)
SHOWN = Stands(HonourState.IN_PUBLICITY, DAY, drafted_by=A, shown_until_on=DAY)


def may(act: Act, stands: Stands, by: int | None = B) -> bool:
    return allows(check_act, act=act, stands=stands, by=by)


@pytest.mark.parametrize("act", [Act.CHECK, Act.BEGIN_PUBLICITY, Act.PUBLISH])
def test_nobody_goes_on_with_what_they_drafted_themselves(act: Act):
    before = {Act.CHECK: DRAFTED, Act.BEGIN_PUBLICITY: replace(DRAFTED, state=HonourState.CHECKED), Act.PUBLISH: SHOWN}
    assert may(act, before[act], by=B)
    assert not may(act, before[act], by=A)


def test_a_draft_is_checked_or_dropped_or_corrected_and_nothing_else():
    assert open_acts(DRAFTED, by=B) == [Act.CHECK, Act.DROP, Act.CORRECT]


@pytest.mark.parametrize("state", [HonourState.WITHDRAWN, HonourState.DROPPED])
def test_what_was_given_up_stays_so(state: HonourState):
    assert open_acts(replace(DRAFTED, state=state), by=B) == []


@pytest.mark.parametrize(
    ("fact", "field"),
    [
        ({"misfits": ["LB-1"]}, "number"),
        ({"taken": ["E3101186"]}, "number"),
        ({"expires_on": DAY - dt.timedelta(days=1)}, "expires_on"),
    ],
)
def test_a_wrong_number_or_a_term_that_is_over_is_not_checked(fact: dict, field: str):
    with pytest.raises(Refused) as refused:
        check_act(Act.CHECK, stands=replace(DRAFTED, **fact), by=B)
    assert refused.value.field == field


def test_it_holds_on_the_last_day_printed():
    assert may(Act.CHECK, replace(DRAFTED, expires_on=DAY))
    published = Stands(HonourState.PUBLISHED, DAY, expires_on=DAY)
    assert not allows(check_expiry, stands=published)
    assert allows(check_expiry, stands=replace(published, expires_on=DAY - dt.timedelta(days=1)))


def test_it_is_published_on_the_day_after_its_publicity_and_no_earlier():
    assert first_day_after(DAY, 7) == dt.date(2026, 12, 1)
    assert may(Act.PUBLISH, SHOWN)
    assert not may(Act.PUBLISH, replace(SHOWN, shown_until_on=DAY + dt.timedelta(days=1)))


@pytest.mark.parametrize("fact", [{"open_objections": 1}, {"upheld_objections": 1}])
def test_an_objection_that_waits_or_was_upheld_keeps_it_off_the_roll(fact: dict):
    assert not may(Act.PUBLISH, replace(SHOWN, **fact))


def test_only_what_was_shown_before_goes_on_the_roll_without_publicity():
    checked = replace(DRAFTED, state=HonourState.CHECKED)
    assert (may(Act.PUBLISH, checked), may(Act.BEGIN_PUBLICITY, checked)) == (False, True)
    settled = replace(checked, settled=True)
    assert (may(Act.PUBLISH, settled), may(Act.BEGIN_PUBLICITY, settled)) == (True, False)


def test_anybody_objects_to_what_is_shown_or_on_the_roll():
    open_to = {state for state in HonourState if allows(check_objectable, state=state)}
    assert open_to == {HonourState.IN_PUBLICITY, HonourState.PUBLISHED}


def test_an_objection_is_decided_once_and_not_by_who_drafted_it():
    assert allows(check_decidable, decided=False, drafted_by=A, by=B)
    assert not allows(check_decidable, decided=True, drafted_by=A, by=B)
    assert not allows(check_decidable, decided=False, drafted_by=A, by=A)


def test_the_same_honour_is_taken_in_again_for_a_reason_alone():
    for before in (HonourState.DRAFTED, HonourState.PUBLISHED, HonourState.WITHDRAWN):
        assert not allows(check_new, draft=a_draft(), before=before)
        assert allows(check_new, draft=a_draft(again="证书换发"), before=before)
    assert allows(check_new, draft=a_draft(), before=None)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "\u202e榜"}, "title"),
        ({"firm": ""}, "firm"),
        ({"firm": "厂\0"}, "firm"),
        ({"source": ""}, "source"),
        ({"trade_mark": "x" * 61}, "trade_mark"),
        ({"issued_on": dt.date(2026, 11, 24)}, "issued_on"),
        ({"source_on": dt.date(2026, 11, 24)}, "source_on"),
        ({"issued_on": dt.date(2026, 1, 2), "expires_on": dt.date(2026, 1, 1)}, "expires_on"),
        ({"items": [ItemDraft()]}, "items"),
        ({"items": [ItemDraft(name="米")] * 51}, "items"),
        ({"items": [ItemDraft(number="1" * 61)]}, "number"),
    ],
)
def test_a_fault_of_a_draft_names_its_field(said: dict, field: str):
    with pytest.raises(Refused) as refused:
        check_draft(a_draft(**said), today=DAY)
    assert refused.value.field == field


def test_all_faults_of_a_draft_are_told_at_once():
    with pytest.raises(RefusedAll) as refused:
        check_draft(a_draft("", source=""), today=DAY)
    assert [one.field for one in refused.value.refusals] == ["title", "source"]


def test_spelling_makes_no_other_honour_and_another_firm_does():
    assert likeness(1, "中国 绿色", ["LB-1", ""]) == likeness(1, "中国绿色", ["ＬＢ—1"])
    assert likeness(1, "中国绿色", []) != likeness(2, "中国绿色", [])


def test_a_uscc_holds_the_organisation_code():
    assert inner_code("91310118749750217X") == inner_code("749750217") == "749750217"


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("上海市防火门产品质量监督抽查合格产品", HonourKind.SPOT_CHECK),
        ("2025上海供应链创新与应用优秀案例", HonourKind.CASE),
        ("全国11315立信单位", HonourKind.RATING),
        ("上海市正规废弃电器电子产品处理资格企业", HonourKind.LICENCE),
        ("全国绿色食品标识使用典范单位", HonourKind.DEMONSTRATION),
        ("中国绿色食品产品", HonourKind.PRODUCT_CERTIFICATE),
    ],
)
def test_the_words_of_a_title_propose_its_sort(title: str, kind: HonourKind):
    assert kind_said(title) is kind


@pytest.mark.parametrize("value", [0, 366])
def test_a_term_of_no_day_or_of_years_is_refused(value: int):
    assert not allows(check_setting, kind=SettingKind.PUBLICITY_DAYS, value=value)
    assert allows(check_setting, kind=SettingKind.PUBLICITY_DAYS, value=1)


def test_a_firm_draft_without_a_code_is_told_by_its_name_alone():
    assert FirmDraft("甲") != FirmDraft("甲", another=True)
