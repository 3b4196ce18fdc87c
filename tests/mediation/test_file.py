"""The file: opened, rights told, sessions on record, ended, archived."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable

import pytest

from hege.cases import actions as cases
from hege.cases.queries import handlers_of, timeline
from hege.cases.rules import LineKind
from hege.kernel.mutability import Immutable
from hege.kernel.refused import Refused
from hege.mediation.agreements import actions as agreements
from hege.mediation.dossier import actions as dossier
from hege.mediation.dossier.actions import (
    archive_dossier,
    fail_mediation,
    file_document,
    open_file,
    record_session,
    tell_rights,
    terminate_mediation,
    withdraw_application,
)
from hege.mediation.models import Dossier, MediationDocument, MediationRecord
from hege.mediation.queries import (
    documents_of,
    files_of,
    open_files,
    parties_of,
    records_of,
    supplements_of,
    the_file,
    wanted_for_archive,
)
from hege.mediation.rules import (
    FILE_FINISHED,
    SUPPLEMENTARY,
    DocumentKind,
    DocumentState,
    FileSource,
    FileState,
    PartySide,
    SessionKind,
)
from hege.trail import queries as trail
from hege.web.shared.sayings import words_of
from tests.cast import Cast
from tests.mediation.conftest import AT, ON, Room, put_away

pytestmark = pytest.mark.once

TOMORROW, YESTERDAY = ON + dt.timedelta(days=1), ON - dt.timedelta(days=1)


#: Words for an act that asks for some before it looks at the file.
WORDS = {"text": "补记。", "reason": "补记。"}


def needed(act: Callable[..., object]) -> dict[str, object]:
    """Something for each parameter an act on a file cannot do without."""
    wanted = list(inspect.signature(act).parameters.values())[1:]
    return {p.name: WORDS.get(p.name) for p in wanted if p.default is p.empty}


def missing(file) -> list[str]:
    return [row.kind.value for row in wanted_for_archive(file)]


def test_a_file_is_opened_with_a_number_its_sides_and_thirteen_documents(room: Room):
    file = room.open()
    assert (file.number, file.state, file.opened_on) == ("2026-0001", FileState.REGISTERED, ON)
    assert [(p.party, p.side) for p in parties_of(file)] == [
        (room.cast.utility, PartySide.APPLICANT),
        (room.row.agent, PartySide.RESPONDENT),
    ]
    assert [d.kind for d in documents_of(file)] == [kind.value for kind in DocumentKind]
    assert missing(file) == ["rights_notice", "identity", "record", "agreement"]
    assert room.open(source=FileSource.OWN_INITIATIVE).number == "2026-0002"


def test_nobody_is_mediated_against_their_will(room: Room):
    with pytest.raises(Refused, match="第十七条") as refusal:
        room.open(refusing=[room.row.agent])
    assert "二房东" in str(refusal.value)


@pytest.mark.parametrize("side", ["applicants", "respondents"])
def test_a_dispute_has_two_sides(room: Room, side: str):
    with pytest.raises(Refused) as refusal:
        room.open(**{side: []})
    assert refusal.value.field == "parties"


def test_nobody_stands_on_both_sides(room: Room):
    with pytest.raises(Refused, match="两边"):
        room.open(applicants=[room.row.agent])


def test_what_a_court_has_accepted_is_not_mediated(room: Room):
    with pytest.raises(Refused, match="松江区法院"):
        room.open(accepted_elsewhere="松江区法院")


@pytest.mark.parametrize("words", ["subject", "summary"])
def test_a_file_says_what_about(room: Room, words: str):
    with pytest.raises(Refused) as refusal:
        room.open(**{words: " "})
    assert refusal.value.field == words


def test_parties_of_another_street_are_not_mediated_here(room: Room, other_cast: Cast):
    with pytest.raises(ValueError, match="another street"):
        room.open(respondents=[other_cast.agent_party])


@pytest.mark.parametrize("state", FileState)
def test_every_state_can_be_reached(room: Room, state: FileState):
    assert room.file(state).state == state


def test_rights_come_first(room: Room):
    file = room.open()
    with pytest.raises(Refused, match="尚未告知"):
        room.session(file)
    with pytest.raises(Refused, match="尚未告知"):
        room.session(file, SessionKind.INVESTIGATION)
    file = tell_rights(file, text="当面宣读。", by=room.cast.mediator, at=AT)
    assert (file.rights_told_on, "rights_notice" in missing(file)) == (ON, False)
    with pytest.raises(Refused):
        tell_rights(file, by=room.cast.mediator, at=AT)


@pytest.mark.parametrize("day", [YESTERDAY, TOMORROW])
def test_rights_are_told_between_opening_and_today(room: Room, day: dt.date):
    with pytest.raises(Refused) as refusal:
        tell_rights(room.open(), told_on=day, by=None, at=AT)
    assert refusal.value.field == "told_on"


def test_inquiry_then_mediation_and_inquiry_again(room: Room):
    file = room.file(FileState.INVESTIGATING)
    room.session(file)
    room.session(file, SessionKind.INVESTIGATION)
    file.refresh_from_db()
    assert file.state == FileState.MEDIATING
    assert [r.kind for r in records_of(file)] == ["investigation", "mediation", "investigation"]
    assert {"investigation", "record"} <= {d.kind for d in documents_of(file) if d.state == DocumentState.PRESENT}


def test_a_record_has_words_and_a_day(room: Room):
    file = room.file(FileState.RIGHTS_TOLD)
    with pytest.raises(Refused) as refusal:
        record_session(file, text=" ", by=None, at=AT)
    assert refusal.value.field == "text"
    with pytest.raises(Refused) as refusal:
        record_session(file, text="到场。", held_on=TOMORROW, by=None, at=AT)
    assert refusal.value.field == "held_on"
    file.refresh_from_db()
    assert file.state == FileState.RIGHTS_TOLD


def test_a_return_visit_is_no_session(room: Room):
    with pytest.raises(ValueError, match="return visit"):
        room.session(room.file(FileState.RIGHTS_TOLD), SessionKind.RETURN_VISIT)


@pytest.mark.both
def test_a_record_is_never_changed(file: Dossier):
    record = records_of(file).get()
    record.text = "另一说法。"
    with pytest.raises(Immutable):
        record.save()
    with pytest.raises(Immutable):
        MediationRecord.objects.all().delete()


@pytest.mark.parametrize("state", sorted(FILE_FINISHED))
def test_a_file_that_has_ended_goes_no_further(room: Room, state: FileState):
    file = room.file(state)
    assert file.ended_on == ON
    for act in (
        lambda: room.session(file),
        lambda: tell_rights(file, by=None, at=AT),
        lambda: fail_mediation(file, reason="不成。", by=None, at=AT),
        lambda: terminate_mediation(file, reason="终止。", by=None, at=AT),
        lambda: withdraw_application(file, reason="撤回。", by=None, at=AT),
        lambda: room.agree(file=file),
    ):
        with pytest.raises(Refused):
            act()


def test_an_end_has_a_reason(room: Room, file: Dossier):
    for end in (fail_mediation, terminate_mediation, withdraw_application):
        with pytest.raises(Refused):
            end(file, reason=" ", by=None, at=AT)
    assert room.file(FileState.TERMINATED).reason == "一方不愿继续。"


def test_papers_that_can_no_longer_come_are_not_asked_for(room: Room):
    assert missing(room.file(FileState.TERMINATED)) == ["identity"]
    assert missing(room.file(FileState.FAILED)) == ["identity"]


def test_a_file_is_archived_with_its_back_cover_when_nothing_is_wanting(room: Room, agreed: Dossier):
    with pytest.raises(Refused, match="还缺：当事人身份证明。请用“归入文书”补齐"):
        archive_dossier(agreed, by=room.cast.mediator, at=AT)
    file = put_away(agreed, by=room.cast.mediator)
    assert file.archived_on == ON
    assert documents_of(file).get(kind="back_cover").text == "卷内文书 5 种，2026-03-02 立卷归档。"


@pytest.mark.both
@pytest.mark.parametrize("kind", ["application", "rights_notice", "identity", "evidence"])
@pytest.mark.parametrize("text", ["", " \n", "略", "——", "…", "无。", "xx", "x"])
def test_a_paper_that_says_nothing_is_no_paper(room: Room, agreed: Dossier, kind: str, text: str):
    file = agreed
    paper = documents_of(file).filter(kind__in=[kind, "identity"])
    paper.update(state=DocumentState.PRESENT, text="复印件各一份。", happened_on=ON)
    paper.filter(kind=kind).update(text=text)
    documents_of(file).filter(kind=kind).update(text=text)
    name = str(DocumentKind(kind).label)
    with pytest.raises(Refused, match=f"还缺：{name}（没有内容）"):
        archive_dossier(file, by=room.cast.mediator, at=AT)
    with pytest.raises(Refused, match="文书没有内容") as refusal:
        file_document(file, kind=DocumentKind(kind), text=text, happened_on=ON, by=None, at=AT)
    assert refusal.value.field == "text"


#: What still happens to an archived file, and the article that wants it recorded.
AFTER_THE_ARCHIVE = {
    "mark_performed",  # 31: the committee supervises performance
    "mark_breached",  # 31
    "restate_agreement",  # 31: the ledger tells it
    "record_return_visit",  # 31
    "apply_for_confirmation",  # 33: thirty days from effect
    "record_confirmation",  # 33
    "file_document",  # 31, 33: papers of these three alone, as supplements
    "open_file",  # another file
}


#: What serves the acts and is asked by them alone.
SERVE = {"keep_record", "move_file", "plan_of", "put_paper", "tell_file"}
ACTS = {
    name: act
    for module in (dossier, agreements)
    for name, act in inspect.getmembers(module, inspect.isfunction)
    if act.__module__ == module.__name__ and name[0] != "_" and "by" in inspect.signature(act).parameters
}


@pytest.mark.both
@pytest.mark.parametrize("name", sorted(ACTS.keys() - AFTER_THE_ARCHIVE - SERVE))
def test_no_act_changes_a_file_once_it_is_archived(room: Room, archived: Dossier, name: str):
    file = archived
    before = [list(rows.values_list()) for rows in (files_of(file.street), documents_of(file), records_of(file))]
    act = ACTS[name]
    thing = parties_of(file)[0] if name == "write_particulars" else file
    with pytest.raises(Refused, match="卷宗已归档"):
        act(thing, **{**needed(act), "by": room.cast.mediator, "at": AT})
    after = [list(rows.values_list()) for rows in (files_of(file.street), documents_of(file), records_of(file))]
    assert after == before


@pytest.mark.parametrize("kind", DocumentKind)
def test_an_archived_file_gets_supplements_on_what_happened_afterwards_alone(
    room: Room, archived: Dossier, kind: DocumentKind
):
    file = archived
    paper = documents_of(file).values().get(kind=kind)
    if kind in SUPPLEMENTARY:
        file_document(file, kind=kind, text="收条一张。", happened_on=ON, by=None, at=AT)
        assert [(row.kind, row.text, row.happened_on) for row in supplements_of(file)] == [(kind, "收条一张。", ON)]
    else:
        with pytest.raises(Refused, match="只能补充：履行凭证、回访记录、司法确认材料"):
            file_document(file, kind=kind, text="收条一张。", happened_on=ON, by=None, at=AT)
    assert documents_of(file).values().get(kind=kind) == paper


@pytest.mark.parametrize("kind", [DocumentKind.AGREEMENT, DocumentKind.BACK_COVER])
def test_an_agreement_comes_into_the_file_by_its_record_and_never_by_words(kind: DocumentKind, file: Dossier):
    with pytest.raises(Refused, match="不能手工归入") as refusal:
        file_document(file, kind=kind, text="协议书已签。", happened_on=ON, by=None, at=AT)
    assert refusal.value.field == "kind"


@pytest.mark.both
def test_what_the_law_wants_recorded_afterwards_is_added_beside_the_archived_file(room: Room, archived: Dossier):
    file = archived
    papers = list(documents_of(file).values())
    agreement = file.agreement
    by, parties = room.cast.mediator, [room.cast.utility, room.row.agent]
    agreements.record_return_visit(agreement, visited_on=ON, text="按期在付。", satisfied=True, by=by, at=AT)
    agreements.apply_for_confirmation(agreement, court="区法院", applicants=parties, applied_on=ON, by=by, at=AT)
    agreements.record_confirmation(agreement, confirmed=True, decided_on=ON, ruling="民特 1 号", by=by, at=AT)
    room.pay(1_000_00, ON)
    agreements.mark_performed(agreement, by=by, at=AT)
    assert [row.kind for row in supplements_of(file)] == ["return_visit", "confirmation", "confirmation", "performance"]
    assert list(documents_of(file).values()) == papers


@pytest.fixture
def failed(room: Room, file: Dossier) -> Dossier:
    """A file whose mediation failed."""
    return fail_mediation(file, reason="谈不拢。", by=room.cast.mediator, at=AT)


@pytest.mark.parametrize("name", ["write_particulars", "authorise_delegate", "draft_agreement", "print_agreement"])
def test_nothing_is_asked_of_the_parties_for_an_agreement_that_will_not_be(room: Room, failed: Dossier, name: str):
    act = ACTS[name]
    thing = parties_of(failed)[0] if name == "write_particulars" else failed
    with pytest.raises(Refused, match="请另行受理"):
        act(thing, **{**needed(act), "by": room.cast.mediator, "at": AT})


def test_a_file_without_an_agreement_takes_no_supplements(room: Room, failed: Dossier):
    archived = put_away(failed, by=room.cast.mediator)
    with pytest.raises(Refused, match="没有达成协议"):
        file_document(archived, kind=DocumentKind.PERFORMANCE, text="收条一张。", happened_on=ON, by=None, at=AT)


def test_a_paper_that_never_came_into_being_is_not_made_up_after_the_end(room: Room, cast: Cast):
    told_nothing = open_file(
        cast.street, source=FileSource.APPLICATION, subject="水费", summary="没有交。", applicants=[cast.utility],
        respondents=[room.row.agent], by=None, at=AT,
    )  # fmt: skip
    ended = withdraw_application(told_nothing, reason="不要了。", by=None, at=AT)
    with pytest.raises(Refused, match="写进卷宗情况说明"):
        file_document(ended, kind=DocumentKind.RIGHTS_NOTICE, text="补一份。", happened_on=ON, by=None, at=AT)
    file_document(ended, kind=DocumentKind.STATEMENT, text="没有告知就撤回了。", happened_on=ON, by=None, at=AT)


def test_a_file_that_goes_on_is_not_archived(file: Dossier):
    with pytest.raises(Refused, match="没有结束"):
        archive_dossier(file, by=None, at=AT)


def test_a_second_paper_adds_to_the_first(room: Room, file: Dossier):
    for text in ("收据", "流水"):
        document = file_document(
            file, kind=DocumentKind.EVIDENCE, text=text, happened_on=ON, by=room.cast.mediator, at=AT
        )
    assert isinstance(document, MediationDocument)
    assert (document.text, document.state, document.by) == ("收据\n流水", DocumentState.PRESENT, room.cast.mediator)
    with pytest.raises(Refused):
        file_document(file, kind=DocumentKind.EVIDENCE, text="明天", happened_on=TOMORROW, by=None, at=AT)


@pytest.mark.both
def test_the_case_knows_of_its_mediation_but_not_what_was_said(room: Room):
    case = cases.file_case(room.cast.street, title="总表欠费", point=room.row.point, by=None, at=AT)
    file = room.open(case=case, point=None)
    assert file.point == room.row.point
    assert list(open_files(case)) == [file]
    file = tell_rights(file, by=None, at=AT)
    record_session(file, text="二房东承认收款。", by=None, at=AT)
    lines = timeline(case, internal=True).filter(kind__in=[LineKind.MEDIATION_OPENED, LineKind.MEDIATION])
    assert lines.count() == 3
    assert not any("承认" in words_of(line) for line in lines)
    assert not timeline(case, internal=False).filter(kind=LineKind.MEDIATION).exists()
    assert [t.verb for t in trail.of(file, street=room.cast.street)] == ["record_session", "tell_rights", "open_file"]
    fail_mediation(file, reason="不成。", by=None, at=AT)
    assert not open_files(case).exists()


@pytest.mark.both
def test_another_street_does_not_see_a_file(room: Room, other_cast: Cast):
    file = room.open()
    assert the_file(room.cast.street, file.public_id) == file
    assert the_file(other_cast.street, file.public_id) is None
    assert list(files_of(room.cast.street, point=room.row.point)) == [file]


def test_who_registers_a_mediation_has_not_handled_the_case_but_who_conducts_it_has(room: Room):
    case = cases.file_case(room.cast.street, title="总表欠费", point=room.row.point, by=room.cast.coordinator, at=AT)
    file = room.open(case=case, by=room.cast.coordinator)
    tell_rights(file, by=room.cast.mediator, at=AT)
    assert handlers_of(case) == {room.cast.mediator.pk}
