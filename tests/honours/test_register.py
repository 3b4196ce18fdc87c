"""Honours are taken in, corrected, looked at, shown and ended; every act asks the rule and stands on the trail."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from hege.honours import queries
from hege.honours.actions import (
    amend_firm,
    begin_publicity,
    check_honour,
    correct_honour,
    decide_doubt,
    decide_objection,
    draft_honours,
    drop_honour,
    look_up_objector,
    object_to_honour,
    set_honour_setting,
    take_in_clipping,
)
from hege.honours.models import Firm, Honour, HonourStep, HonourVersion, Objector
from hege.honours.rules import Consent, Decision, FirmDraft, HonourKind, HonourState, ItemDraft, Seen, SettingKind
from hege.kernel.refused import Refused, Stale
from hege.people.models import Role
from hege.trail.models import TrailLine
from tests.cast import Cast
from tests.honours.roll import DAY, TEXT, a_draft, checked, drafted, in_publicity, on

pytestmark = pytest.mark.django_db
LICENCE = ItemDraft(number="E3101186", name="资格证书编号")


def refused_with(field: str | None, act, *args, **said) -> str:
    with pytest.raises(Refused) as refused:
        act(*args, **said)
    assert refused.value.field == field
    return str(refused.value)


def test_a_draft_is_kept_as_printed_and_as_read(cast: Cast):
    (honour,) = drafted(
        cast, a_draft(items=[ItemDraft(name="稻谷", number="ＬＢ—23—25050904867a")], body="绿色食品中心")
    )
    (entry,) = queries.entries(queries.honours_of(cast.street, HonourState.DRAFTED))
    (item,) = entry.items
    assert (entry.honour, str(entry.version.body), entry.version.by) == (honour, "绿色食品中心", cast.clerk)
    assert (item.number_as_printed, item.number_kind) == ("ＬＢ—23—25050904867a", "green_food")
    assert item.number_as_read == queries.checks_of(entry, on=DAY)[0][1].read_as
    assert TrailLine.objects.filter(verb="draft_honours", thing_id=honour.pk, by=cast.clerk).count() == 1


def test_a_firm_is_found_by_its_code_whatever_its_name(cast: Cast):
    first, second = drafted(
        cast,
        a_draft(firm=FirmDraft("朗言数安", "749750217")),
        a_draft("立信单位", firm=FirmDraft("上海朗言数安科技有限公司", "749750217")),
    )
    assert first.firm == second.firm
    (third,) = drafted(cast, a_draft("典范单位", firm=FirmDraft("朗言", "749750217")))
    assert third.firm == first.firm


def test_a_firm_with_a_known_name_is_neither_taken_for_it_nor_for_another(cast: Cast):
    (first,) = drafted(cast)
    again = a_draft("典范单位")
    refused_with("firm", drafted, cast, again)
    match = queries.match_firms(cast.street, [again.firm])[again.firm]
    assert (match.sure, list(match.same_name)) == (None, [first.firm])
    (same,) = drafted(cast, replace(again, firm=FirmDraft("上海裕韵合作社", known=first.firm.pk)))
    (other,) = drafted(cast, replace(again, firm=FirmDraft("上海裕韵合作社", another=True)))
    assert (same.firm == first.firm, other.firm == first.firm) == (True, False)


def test_a_wrong_code_of_a_firm_is_refused(cast: Cast):
    refused_with("code", drafted, cast, a_draft(firm=FirmDraft("朗言", "749750218")))


def test_the_same_again_books_nothing_unless_somebody_says_why(cast: Cast):
    (first,) = drafted(cast)
    same = a_draft(firm=FirmDraft("上海裕韵合作社", known=first.firm.pk))
    refused_with("again", drafted, cast, same)
    (again,) = drafted(cast, replace(same, again="另一年的"))
    assert queries.history_of(again).now.version.reason == "另一年的"


def test_nothing_of_a_batch_is_kept_where_one_is_refused(cast: Cast):
    refused_with("title", drafted, cast, a_draft(), a_draft(""))
    assert [model.objects.count() for model in (Honour, Firm)] == [0, 0]


def test_a_licence_number_at_two_firms_is_refused_and_another_number_is_shown_to_the_reviewer(cast: Cast):
    drafted(cast, a_draft("处理资格企业", firm="巨浪", kind=HonourKind.LICENCE, items=[LICENCE]), a_draft(firm="裕韵"))
    refused_with("number", drafted, cast, a_draft("资格企业", firm="另一家", kind=HonourKind.LICENCE, items=[LICENCE]))
    (twin,) = drafted(cast, a_draft(firm="抄号的"))
    (version,) = (v for v in queries.honours_of(cast.street, HonourState.DRAFTED) if v.honour == twin)
    (others,) = queries.twins_of(cast.street, queries.entries([version]))[twin.pk].values()
    assert [other.honour.firm.name for other in others] == ["裕韵"]


def test_a_number_that_does_not_fit_is_not_checked_until_it_is_corrected(cast: Cast):
    (honour,) = drafted(cast, a_draft(items=[ItemDraft(name="稻谷", number="LB-23-25130904867A")]))
    said: dict[str, Any] = {"seen": Seen.SOURCE, "words": "青浦报", "by": cast.checker, "at": on(DAY)}
    assert "LB-23-25130904867A" in refused_with("number", check_honour, honour, **said)
    mended = correct_honour(honour, draft=a_draft(), reason="抄错月份", by=cast.clerk, at=on(DAY))
    assert check_honour(mended, **said).state == HonourState.CHECKED


def test_who_drafted_does_not_check_and_a_correction_makes_its_author_the_drafter(cast: Cast):
    (honour,) = drafted(cast)
    said: dict[str, Any] = {"seen": Seen.SOURCE, "words": "青浦报", "at": on(DAY)}
    refused_with(None, check_honour, honour, **said, by=cast.clerk)
    corrected = correct_honour(honour, draft=a_draft(), reason="出处写全", by=cast.checker, at=on(DAY))
    refused_with(None, check_honour, corrected, **said, by=cast.checker)
    assert check_honour(corrected, **said, by=cast.clerk).state == HonourState.CHECKED


def test_a_page_that_showed_another_version_is_told_so(cast: Cast):
    (honour,) = drafted(cast)
    correct_honour(honour, draft=a_draft(trade_mark="裕韵"), reason="补商标", by=cast.clerk, at=on(DAY))
    with pytest.raises(Stale):
        check_honour(honour, version=1, seen=Seen.SOURCE, words="报", by=cast.checker, at=on(DAY))


def test_a_correction_keeps_the_former_version_readable_and_is_looked_at_anew(cast: Cast):
    honour = in_publicity(cast)
    correct_honour(honour, draft=a_draft(trade_mark="裕韵"), reason="补商标", by=cast.clerk, at=on(DAY))
    history = queries.history_of(honour)
    assert [(e.version.number, e.version.trade_mark, e.version.reason) for e in history.versions] == [
        (1, "", ""),
        (2, "裕韵", "补商标"),
    ]
    assert (history.honour.state, history.honour.shown_until_on) == (HonourState.DRAFTED, None)
    assert [step.to for step in history.steps] == ["checked", "in_publicity"]


def test_publicity_runs_for_the_days_the_office_has_set(cast: Cast):
    set_honour_setting(
        cast.street, kind=SettingKind.PUBLICITY_DAYS, value=3, reason="会议", by=cast.coordinator, at=on(DAY)
    )
    honour = in_publicity(cast)
    assert honour.last_shown_on == DAY + dt.timedelta(days=3)
    assert queries.shown_long_enough(cast.street, on=DAY + dt.timedelta(days=3)) == []
    waiting = queries.shown_long_enough(cast.street, on=DAY + dt.timedelta(days=4))
    assert [version.honour for version in waiting] == [honour]


def test_consent_and_reasons_are_compulsory(cast: Cast):
    honour = checked(cast)
    said: dict[str, Any] = {"by": cast.coordinator, "at": on(DAY)}
    refused_with("words", begin_publicity, honour, consent=Consent.FIRM, words=" ", **said)
    refused_with("reason", drop_honour, honour, reason="", **said)
    assert drop_honour(honour, reason="证书查无此号", **said).state == HonourState.DROPPED


def test_only_what_was_shown_can_be_seen_by_its_address(cast: Cast, django_assert_max_num_queries):
    honour = checked(cast)
    assert queries.shown_honour(honour.public_id) is None
    begin_publicity(honour, consent=Consent.FIRM, words="同意书", by=cast.coordinator, at=on(DAY))
    with django_assert_max_num_queries(3):
        history = queries.shown_honour(honour.public_id)
        assert history is not None
        assert (history.honour.street.name, history.honour.firm.name) == ("九里亭街道", "上海裕韵合作社")
        shown = history.step(HonourState.IN_PUBLICITY)
        assert shown is not None
        assert (history.badge, shown.consent) == (None, Consent.FIRM)


def test_the_objector_is_known_to_one_query_and_every_look_stands_on_the_trail(cast: Cast):
    honour = in_publicity(cast)
    objection = object_to_honour(
        honour, words="我是 13912345678，证书是假的", contact="王某 13912345678", by=None, at=on(DAY)
    )
    assert "139" not in objection.words
    assert Objector.objects.get().words == "我是 13912345678，证书是假的"
    assert not TrailLine.objects.filter(data__icontains="13912345678").exists()
    coordinator = cast.coordinator.memberships.get(role=Role.COORDINATOR)
    found = look_up_objector(objection, member=coordinator, reason="核实", by=cast.coordinator, at=on(DAY))
    assert found is not None
    assert (found.contact, str(found)) == ("王某 13912345678", "***")
    assert TrailLine.objects.filter(verb="look_up_objector").count() == 1
    clerk = cast.clerk.memberships.get(role=Role.CLERK)
    with pytest.raises(PermissionError):
        queries.objector_of(objection, for_member=clerk)


def test_an_objection_is_decided_by_another_with_words(cast: Cast):
    honour = in_publicity(cast)
    objection = object_to_honour(honour, words="证书过期", by=None, at=on(DAY))
    assert queries.stands(honour, on=DAY).open_objections == 1
    assert [waiting.pk for waiting in queries.open_objections(cast.street)] == [objection.pk]
    said: dict[str, Any] = {"decision": Decision.UPHELD, "at": on(DAY)}
    refused_with("words", decide_objection, objection, words="", by=cast.coordinator, **said)
    refused_with(None, decide_objection, objection, words="属实", by=cast.clerk, **said)
    decide_objection(objection, words="属实", by=cast.coordinator, **said)
    stands = queries.stands(honour, on=DAY)
    assert (stands.open_objections, stands.upheld_objections) == (0, 1)
    refused_with(None, decide_objection, objection, words="再来", by=cast.coordinator, **said)
    mended = correct_honour(honour, draft=a_draft(expires_on=DAY), reason="补有效期", by=cast.clerk, at=on(DAY))
    assert queries.stands(mended, on=DAY).upheld_objections == 0


def test_a_clipping_becomes_drafts_once_its_doubts_are_decided(cast: Cast):
    said: dict[str, Any] = {"by": cast.clerk, "at": on(DAY)}
    clipping = take_in_clipping(cast.street, text=TEXT, source="青浦报", source_page="3", source_on=DAY, **said)
    first, second = queries.drafts_of(clipping, code_on=DAY)
    assert (first.firm.name, first.trade_mark, [i.number for i in first.items]) == (
        "上海林益蔬菜种植专业合作社",
        "霖诺",
        ["LB-15-25070905840A", "LB-15-25070905841A"],
    )
    assert (second.firm.code, second.kind) == ("749750217", HonourKind.RATING)
    assert len(draft_honours(cast.street, [first, second], clipping=clipping, **said)) == 2
    (doubt,) = (d for cell in queries.read(clipping).cells for d in cell.doubts if d.is_open)
    refused_with("choice", decide_doubt, clipping, cell=doubt.cell, doubt=doubt.key, choice="maybe", **said)
    decide_doubt(clipping, cell=doubt.cell, doubt=doubt.key, choice="product", **said)
    (third,) = queries.drafts_of(clipping, code_on=DAY)
    assert third.items == [ItemDraft(name="松江大米")]
    refused_with("cell", draft_honours, cast.street, [first], clipping=clipping, **said)
    assert {cell: len(made) for cell, made in queries.drafted_cells(clipping).items()} == {1: 1, 2: 1}


def test_an_open_doubt_keeps_its_cell_from_being_drafted(cast: Cast):
    clipping = take_in_clipping(cast.street, text=TEXT, source="青浦报", by=cast.clerk, at=on(DAY))
    refused_with("cell", draft_honours, cast.street, [a_draft(cell=3)], clipping=clipping, by=cast.clerk, at=on(DAY))
    assert not HonourVersion.objects.exists()


def test_the_code_of_one_firm_is_not_given_to_another(cast: Cast):
    first, second = drafted(cast, a_draft(firm=FirmDraft("朗言", "749750217")), a_draft(firm="裕韵"))
    said: dict[str, Any] = {"by": cast.clerk, "at": on(DAY)}
    refused_with("code", amend_firm, second.firm, name="裕韵", code="749750217", **said)
    assert amend_firm(first.firm, name="朗言数安", code="749750217", **said).folded == "朗言数安"


def test_how_many_stand_makes_no_more_statements(cast: Cast, django_assert_max_num_queries):
    drafted(cast, *[a_draft(firm=f"企业{n}") for n in range(20)])
    with django_assert_max_num_queries(5):
        versions = queries.honours_of(cast.street, HonourState.DRAFTED)
        assert len(queries.stands_of(cast.street, versions, on=DAY)) == 20


def test_steps_are_counted_once_a_version(cast: Cast):
    honour = checked(cast)
    refused_with(None, check_honour, honour, seen=Seen.SOURCE, words="报", by=cast.coordinator, at=on(DAY))
    assert HonourStep.objects.count() == 1


def test_the_sixth_objection_to_one_honour_within_a_day_is_refused(cast: Cast):
    honour = in_publicity(cast)
    for n in range(5):
        object_to_honour(honour, words=f"不对{n}", by=None, at=on(DAY))
    assert "打电话" in refused_with(None, object_to_honour, honour, words="不对", by=None, at=on(DAY))
    object_to_honour(honour, words="不对", by=None, at=on(DAY + dt.timedelta(days=2)))
