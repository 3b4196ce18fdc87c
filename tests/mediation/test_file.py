"""The file: opened, rights told, sessions on record, ended, archived."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.cases import actions as cases
from hege.cases.queries import handlers_of, timeline
from hege.cases.rules import LineKind
from hege.kernel.mutability import Immutable
from hege.kernel.refused import Refused
from hege.mediation import actions as mediation
from hege.mediation.models import MediationRecord
from hege.mediation.queries import (
    documents_of,
    files_of,
    missing_documents,
    open_files,
    parties_of,
    records_of,
    the_file,
)
from hege.mediation.rules import (
    FILE_FINISHED,
    DocumentKind,
    DocumentState,
    FileSource,
    FileState,
    PartySide,
    SessionKind,
)
from hege.trail import queries as trail
from tests.cast import Cast
from tests.mediation.conftest import AT, ON, Room

TOMORROW, YESTERDAY = ON + dt.timedelta(days=1), ON - dt.timedelta(days=1)


def missing(file) -> list[str]:
    return [document.kind for document in missing_documents(file)]


def test_a_file_is_opened_with_a_number_its_sides_and_thirteen_documents(room: Room):
    file = room.open()
    assert (file.number, file.state, file.opened_on) == ("2026-0001", FileState.REGISTERED, ON)
    assert [(p.party, p.side) for p in parties_of(file)] == [
        (room.cast.utility, PartySide.APPLICANT),
        (room.row.agent, PartySide.RESPONDENT),
    ]
    assert [d.kind for d in documents_of(file)] == [kind.value for kind in DocumentKind]
    assert missing(file) == ["rights_notice", "identity", "record", "agreement", "back_cover"]
    assert room.open(source=FileSource.OWN_INITIATIVE).number == "2026-0002"


def test_nobody_is_mediated_against_his_will(room: Room):
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
    file = mediation.tell_rights(file, by=room.cast.mediator, at=AT)
    assert (file.rights_told_on, "rights_notice" in missing(file)) == (ON, False)
    with pytest.raises(Refused):
        mediation.tell_rights(file, by=room.cast.mediator, at=AT)


@pytest.mark.parametrize("day", [YESTERDAY, TOMORROW])
def test_rights_are_told_between_opening_and_today(room: Room, day: dt.date):
    with pytest.raises(Refused) as refusal:
        mediation.tell_rights(room.open(), told_on=day, by=None, at=AT)
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
        mediation.record_session(file, text=" ", by=None, at=AT)
    assert refusal.value.field == "text"
    with pytest.raises(Refused) as refusal:
        mediation.record_session(file, text="到场。", held_on=TOMORROW, by=None, at=AT)
    assert refusal.value.field == "held_on"
    file.refresh_from_db()
    assert file.state == FileState.RIGHTS_TOLD


def test_a_return_visit_is_no_session(room: Room):
    with pytest.raises(ValueError, match="return visit"):
        room.session(room.file(FileState.RIGHTS_TOLD), SessionKind.RETURN_VISIT)


def test_a_record_is_never_changed(room: Room):
    record = records_of(room.file()).get()
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
        lambda: mediation.tell_rights(file, by=None, at=AT),
        lambda: mediation.fail(file, reason="不成。", by=None, at=AT),
        lambda: mediation.terminate(file, reason="终止。", by=None, at=AT),
        lambda: mediation.withdraw(file, reason="撤回。", by=None, at=AT),
        lambda: room.agree(file=file),
    ):
        with pytest.raises(Refused):
            act()


def test_an_end_has_a_reason(room: Room):
    for end in (mediation.fail, mediation.terminate, mediation.withdraw):
        with pytest.raises(Refused):
            end(room.file(), reason=" ", by=None, at=AT)
    assert room.file(FileState.TERMINATED).reason == "一方不愿继续。"


def test_papers_that_can_no_longer_come_are_not_asked_for(room: Room):
    assert missing(room.file(FileState.TERMINATED)) == ["identity", "back_cover"]
    assert missing(room.file(FileState.FAILED)) == ["identity", "back_cover"]


def test_a_file_is_archived_when_nothing_required_is_missing(room: Room):
    file = room.file(FileState.AGREED)
    with pytest.raises(Refused, match="当事人身份证明、封底"):
        mediation.archive(file, by=room.cast.mediator, at=AT)
    for kind in (DocumentKind.IDENTITY, DocumentKind.BACK_COVER):
        mediation.file_document(file, kind=kind, text="已附。", happened_on=ON, by=room.cast.mediator, at=AT)
    file = mediation.archive(file, by=room.cast.mediator, at=AT)
    assert file.archived_on == ON
    with pytest.raises(Refused, match="已归档"):
        mediation.archive(file, by=None, at=AT)
    with pytest.raises(Refused, match="已归档"):
        mediation.file_document(file, kind=DocumentKind.EVIDENCE, text="补。", happened_on=ON, by=None, at=AT)


def test_a_file_that_goes_on_is_not_archived(room: Room):
    with pytest.raises(Refused, match="没有结束"):
        mediation.archive(room.file(), by=None, at=AT)


def test_a_second_paper_adds_to_the_first(room: Room):
    file = room.file()
    for text in ("收据", "流水"):
        document = mediation.file_document(
            file, kind=DocumentKind.EVIDENCE, text=text, happened_on=ON, by=room.cast.mediator, at=AT
        )
    assert (document.text, document.state, document.by) == ("收据\n流水", DocumentState.PRESENT, room.cast.mediator)
    with pytest.raises(Refused):
        mediation.file_document(file, kind=DocumentKind.EVIDENCE, text="明天", happened_on=TOMORROW, by=None, at=AT)


def test_the_case_knows_of_its_mediation_but_not_what_was_said(room: Room):
    case = cases.file_case(room.cast.street, title="总表欠费", point=room.row.point, by=None, at=AT)
    file = room.open(case=case, point=None)
    assert file.point == room.row.point
    assert list(open_files(case)) == [file]
    file = mediation.tell_rights(file, by=None, at=AT)
    mediation.record_session(file, text="二房东承认收款。", by=None, at=AT)
    lines = timeline(case, internal=True).filter(kind__in=[LineKind.MEDIATION_OPENED, LineKind.MEDIATION])
    assert lines.count() == 3
    assert not any("承认" in line.text for line in lines)
    assert not timeline(case, internal=False).filter(kind=LineKind.MEDIATION).exists()
    assert [t.verb for t in trail.of(file, street=room.cast.street)] == ["record_session", "tell_rights", "open_file"]
    mediation.fail(file, reason="不成。", by=None, at=AT)
    assert not open_files(case).exists()


def test_another_street_does_not_see_a_file(room: Room, other_cast: Cast):
    file = room.open()
    assert the_file(room.cast.street, file.public_id) == file
    assert the_file(other_cast.street, file.public_id) is None
    assert list(files_of(room.cast.street, point=room.row.point)) == [file]


def test_who_registers_a_mediation_has_not_handled_the_case_but_who_conducts_it_has(room: Room):
    case = cases.file_case(room.cast.street, title="总表欠费", point=room.row.point, by=room.cast.coordinator, at=AT)
    file = room.open(case=case, by=room.cast.coordinator)
    mediation.tell_rights(file, by=room.cast.mediator, at=AT)
    assert handlers_of(case) == {room.cast.mediator.pk}
