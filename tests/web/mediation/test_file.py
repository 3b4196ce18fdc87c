"""调解卷宗: accepted, rights told, sessions on record, papers in order; for those who may read it alone."""

from __future__ import annotations

import pytest

from hege.cases import actions as cases
from hege.kernel import clock
from hege.mediation.models import Dossier
from hege.mediation.queries import files_of
from hege.mediation.rules import FileState, confirmation_deadline
from hege.people.models import Role
from hege.places.queries import workday_calendar
from tests.web.office import Office, in_days

pytestmark = pytest.mark.django_db
CO, MED, AUDIT, CLERK, GRID, AGENT = (
    Role.COORDINATOR, Role.MEDIATOR, Role.AUDITOR, Role.CLERK, Role.GRID_WORKER, Role.AGENT,
)  # fmt: skip


@pytest.fixture
def opened(office: Office) -> Dossier:
    """A mediation that has just been accepted."""
    cast = office.cast
    office.done(
        MED, "mediation:open", office.things.case.public_id, source="application", subject="九月水费", summary="代收没有交。",
        applicants=[cast.utility.pk], respondents=[cast.agent_party.pk], mediator=cast.mediator.pk,
    )  # fmt: skip
    return Dossier.objects.get(street=cast.street, subject="九月水费")


def test_a_mediation_is_opened_from_a_case_with_the_papers_it_will_need(office: Office, opened: Dossier):
    page = office.get(AUDIT, "mediation:file", opened.public_id)
    for paper in ("当事人权利义务告知书", "授权委托书", "司法确认材料", "封底"):
        assert paper in page
    assert "文书 1 / 13" in page
    assert "归档还缺 4 份" in page


def test_who_clearly_refuses_is_not_mediated_with(office: Office):
    cast = office.cast
    page = office.refused(
        MED, "mediation:open", office.things.case.public_id, source="application", subject="十月水费", summary="代收没有交。",
        applicants=[cast.utility.pk], respondents=[cast.agent_party.pk], refusing=[cast.agent_party.pk],
        mediator=cast.mediator.pk,
    )  # fmt: skip
    assert "人民调解法第十七条" in page
    assert "十月水费" in page


def test_rights_come_before_sessions_and_sessions_before_an_agreement(office: Office, opened: Dossier):
    file = opened.public_id
    page = office.get(MED, "mediation:file", file)
    assert office.path("mediation:rights", file) in page
    assert office.path("mediation:session", file) not in page
    said = {"kind": "mediation", "held_on": clock.today().isoformat(), "text": "双方到场。"}
    assert "尚未告知当事人权利义务" in office.refused(MED, "mediation:session", file, **said)
    office.done(MED, "mediation:rights", file, told_on=clock.today().isoformat(), text="当面宣读。")
    assert office.path("mediation:draft", file) not in office.get(MED, "mediation:file", file)
    office.done(MED, "mediation:session", file, **said)
    page = office.get(MED, "mediation:file", file)
    assert office.path("mediation:draft", file) in page
    assert "双方到场。" in page


def test_a_paper_is_put_into_the_file(office: Office, opened: Dossier):
    file = opened.public_id
    assert '<option value="identity" selected' in office.get(MED, "mediation:document", file, kind="identity")
    office.done(
        MED, "mediation:document", file, kind="identity", happened_on=clock.today().isoformat(), text="复印件两份。"
    )
    page = office.get(AUDIT, "mediation:file", file)
    assert "复印件两份。" in page
    assert "归档还缺 3 份" in page


def test_a_paper_of_tomorrow_is_refused(office: Office, opened: Dossier):
    page = office.refused(
        MED, "mediation:document", opened.public_id, kind="identity", happened_on=in_days(1).isoformat(), text="复印件"
    )
    assert "日期不能晚于今天" in page


@pytest.mark.parametrize(("verb", "state"), [("terminate", FileState.TERMINATED), ("withdraw", FileState.WITHDRAWN)])
def test_it_ends_without_an_agreement_for_a_reason(office: Office, opened: Dossier, verb: str, state: FileState):
    office.refused(MED, f"mediation:{verb}", opened.public_id, reason="")
    office.done(MED, f"mediation:{verb}", opened.public_id, reason="对方不来。")
    opened.refresh_from_db()
    assert opened.state == state
    assert "对方不来。" in office.get(AUDIT, "mediation:file", opened.public_id)


def test_it_fails_after_a_session_and_is_archived_when_nothing_lacks(office: Office, opened: Dossier):
    file, today = opened.public_id, clock.today().isoformat()
    office.done(MED, "mediation:rights", file, told_on=today, text="当面宣读。")
    office.done(MED, "mediation:session", file, kind="mediation", held_on=today, text="谈不拢。")
    office.done(MED, "mediation:fail", file, reason="各执一词。")
    assert "卷宗还缺：当事人身份证明" in office.refused(MED, "mediation:archive", file)
    paper = {"kind": "identity", "happened_on": today}
    assert "文书没有内容" in office.refused(MED, "mediation:document", file, **paper, text="略")
    office.done(MED, "mediation:document", file, **paper, text="一份。")
    assert office.path("mediation:archive", file) in office.get(MED, "mediation:file", file)
    office.done(MED, "mediation:archive", file)
    page = office.get(MED, "mediation:file", file)
    assert office.path("mediation:document", file) not in page
    assert "归档" in page
    office.refused(MED, "mediation:document", file, **paper, text="又一份。")


def test_an_ended_file_offers_no_particulars_and_no_paper_that_never_was(office: Office, opened: Dossier):
    file = opened.public_id
    particulars = office.path("mediation:particulars", file, office.cast.utility.public_id)
    authorise, paper = office.path("mediation:authorise", file), office.path("mediation:document", file)
    page = office.get(MED, "mediation:file", file)
    assert all(link in page for link in (particulars, authorise, f"{paper}?kind=rights_notice"))
    office.done(MED, "mediation:withdraw", file, reason="不要了。")
    page = office.get(MED, "mediation:file", file)
    assert not [link for link in (particulars, authorise, f"{paper}?kind=rights_notice") if link in page]
    assert f"{paper}?kind=statement" in page
    assert 'value="rights_notice"' not in office.get(MED, "mediation:document", file)


def test_an_archived_file_takes_supplements_as_rows_of_their_own(office: Office):
    file, today = office.things.file, clock.today().isoformat()
    office.done(MED, "mediation:document", file.public_id, kind="identity", happened_on=today, text="复印件两份。")
    office.done(MED, "mediation:archive", file.public_id)
    office.done(MED, "mediation:document", file.public_id, kind="performance", happened_on=today, text="收条一张。")
    page = office.get(AUDIT, "mediation:file", file.public_id)
    assert "归档后补充的文书" in page
    assert "收条一张。" in page


@pytest.mark.parametrize("role", [CLERK, GRID, AGENT, Role.ADMINISTRATOR])
def test_notes_of_a_mediation_do_not_exist_for_others(office: Office, role: Role):
    assert office.status(role, "mediation:file", office.things.file.public_id) == 404
    assert office.status(role, "mediation:index") == 404


@pytest.mark.parametrize(
    "verb", ["rights", "session", "document", "draft", "print", "sign", "record", "authorise", "fail", "archive"]
)
def test_who_reads_it_may_not_write_it(office: Office, opened: Dossier, verb: str):
    assert office.path(f"mediation:{verb}", opened.public_id) not in office.get(CO, "mediation:file", opened.public_id)
    assert office.status(CO, f"mediation:{verb}", opened.public_id, method="post") == 403


def test_the_list_shows_open_files_and_the_agreements_that_run(office: Office, opened: Dossier):
    page = office.get(MED, "mediation:index")
    assert "九月水费" in page
    assert office.things.agreement.public_id in page
    days = (confirmation_deadline(clock.today(), workday_calendar(office.cast.street)) - clock.today()).days
    assert f"司法确认还剩 {days} 天" in page
    assert "水费代收未缴" in office.get(MED, "mediation:index", show="agreed")


def test_more_files_are_no_more_queries(office: Office, django_assert_max_num_queries):
    cast = office.cast
    for number in range(5):
        office.done(
            MED, "mediation:open", office.things.case.public_id, source="application", subject=f"纠纷 {number}", summary="说明。",
            applicants=[cast.utility.pk], respondents=[cast.agent_party.pk], mediator=cast.mediator.pk,
        )  # fmt: skip
    with django_assert_max_num_queries(13):
        office.get(MED, "mediation:index")
    with django_assert_max_num_queries(15):
        office.get(MED, "mediation:file", office.things.file.public_id)


def test_a_mediator_of_another_part_is_not_offered(office: Office):
    mediator = office.cast.mediator
    offered = f'<option value="{mediator.pk}"'
    assert offered in office.get(CO, "mediation:open", office.things.case.public_id)
    mediator.memberships.update(path=office.things.place.path)
    assert offered in office.get(CO, "mediation:open", office.things.case.public_id)
    mediator.memberships.update(path="S/B2/")
    assert offered not in office.get(CO, "mediation:open", office.things.case.public_id)


def test_a_file_without_a_meter_lies_where_its_case_does(office: Office):
    cast, mediator = office.cast, office.cast.mediator
    case = cases.file_case(
        cast.street, title="噪声扰民", place=office.things.place, by=cast.coordinator, at=clock.now()
    )
    mediator.memberships.update(path=office.things.place.path)
    office.done(
        MED, "mediation:open", case.public_id, source="application", subject="夜间噪声", summary="说明。",
        applicants=[cast.utility.pk], respondents=[cast.office.pk], mediator=mediator.pk,
    )  # fmt: skip
    file = Dossier.objects.get(street=cast.street, case=case)
    assert "夜间噪声" in office.get(MED, "mediation:file", file.public_id)
    mediator.memberships.update(path="S/B2/")
    assert office.status(MED, "mediation:file", file.public_id) == 404
    assert "夜间噪声" not in office.get(MED, "mediation:index")
    mediator.memberships.update(path="")
    assert set(files_of(cast.street)) == {file, office.things.file}
    assert "夜间噪声" in office.get(MED, "mediation:index")
