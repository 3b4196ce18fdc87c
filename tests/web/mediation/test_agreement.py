"""调解协议: signed over the debt in the ledger, met by the ledger, and read by its debtor."""

from __future__ import annotations

import datetime as dt

import pytest
from django.forms import ModelChoiceField

from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.rules import ConditionDraft, ConditionKind
from hege.arrears.models import Deferral
from hege.kernel import clock
from hege.kernel.calendar import last_day_of
from hege.kernel.clock import at_noon
from hege.ledger.rules import EventKind
from hege.mediation import actions
from hege.mediation.models import Agreement, Instalment, MediationFile
from hege.mediation.rules import AgreementForm, AgreementState, FileSource, confirmation_deadline
from hege.metering.models import SupplyPoint
from hege.people.models import Role
from hege.places.queries import workday_calendar
from hege.web.access import Desk
from hege.web.mediation.forms import SignForm
from tests.cast import make_row
from tests.web.office import Office, in_days
from tests.web.things import make_notice

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CO, CLERK, MED, AUDIT, AGENT = Role.COORDINATOR, Role.CLERK, Role.MEDIATOR, Role.AUDITOR, Role.AGENT
PAYABLE = 84_000


@pytest.fixture
def deferral(office: Office) -> Deferral:
    """Another master meter that owes 840 yuan, its cut-off put off."""
    row = make_row(office.cast.street, code="ZB-2")
    row.bill("B-2", fen=PAYABLE)
    conditions = [ConditionDraft(ConditionKind.OTHER, in_days(7), text="每周一公示收缴明细")]
    return cutoff.defer_cutoff(
        make_notice(office.cast, row),
        until=in_days(21),
        conditions=conditions,
        by=office.cast.coordinator,
        at=clock.now(),
    )


@pytest.fixture
def ready(office: Office, deferral: Deferral) -> MediationFile:
    """A mediation about it in which everything has been said."""
    by, now, cast = office.cast.mediator, clock.now(), office.cast
    file = actions.open_file(
        cast.street, source=FileSource.APPLICATION, subject="分期", summary="说明。", applicants=[cast.utility],
        respondents=[cast.agent_party], case=office.things.case, point=deferral.notice.point, mediator=by, by=by, at=now,
    )  # fmt: skip
    file = actions.tell_rights(file, by=by, at=now)
    actions.record_session(file, text="愿意分期。", by=by, at=now)
    file.refresh_from_db()
    return file


def sent(office: Office, *parts: tuple[dt.date, str], debt: str = "840.00", signed: bool = True) -> dict[str, object]:
    """What a browser sends: all twelve rows, most of them empty."""
    today, cast = clock.today().isoformat(), office.cast
    form: dict[str, object] = {
        "form": "written", "debtor": cast.agent_party.pk, "debt_fen": debt, "agreed_on": today, "facts": "代收未交。",
        "terms": "分期付到水务公司账户。", "mediator_signed_on": today, "sealed_on": today,
        f"signed_{cast.utility.pk}": today, f"signed_{cast.agent_party.pk}": today if signed else "",
    }  # fmt: skip
    for number in range(1, 13):
        day, sum_ = parts[number - 1] if number <= len(parts) else ("", "")
        form |= {f"i{number}-due_on": str(day), f"i{number}-amount_fen": sum_}
    return form


def test_the_debt_is_filled_in_from_the_ledger_and_the_schedule_from_a_wish(office: Office, ready: MediationFile):
    page = office.get(MED, "mediation:sign", ready.public_id)
    assert 'value="840.00"' in page
    page = office.get(MED, "mediation:sign", ready.public_id, parts=3, first="2027-01-31")
    assert [day in page for day in ("2027-01-31", "2027-02-28", "2027-03-31")] == [True, True, True]
    assert page.count('value="280.00"') == 3
    assert "与账上的欠款一分不差" in page


def test_a_signed_agreement_keeps_the_deferral_once_the_utility_has_agreed(
    office: Office, ready: MediationFile, deferral: Deferral
):
    parts = ((in_days(30), "400"), (in_days(60), "440"))
    office.done(MED, "mediation:sign", ready.public_id, **sent(office, *parts))
    made = Agreement.objects.get(street=office.cast.street, file=ready)
    assert made.debt_fen == PAYABLE
    schedule = Instalment.objects.filter(street=office.cast.street, agreement=made)
    assert list(schedule.order_by("number").values_list("amount_fen", flat=True)) == [40_000, 44_000]
    page = office.get(CO, "mediation:agreement", made.public_id)
    assert "还没有登记水务公司的同意" in page
    assert office.path("cutoffs:consent", deferral.notice.public_id) in page
    told = {"said_by": "营业所", "said_on": clock.today().isoformat(), "document": "复函 7 号"}
    office.done(CLERK, "cutoffs:consent", deferral.notice.public_id, **told)
    kept = Deferral.objects.get(street=office.cast.street, pk=deferral.pk)
    assert (kept.agreement, kept.last_day) == (made, last_day_of(in_days(60), workday_calendar(office.cast.street)))
    assert "有调解协议" in office.get(CO, "cutoffs:detail", deferral.notice.public_id)


def test_a_schedule_that_does_not_add_up_is_refused_with_its_sum(office: Office, ready: MediationFile):
    page = office.refused(MED, "mediation:sign", ready.public_id, **sent(office, (in_days(30), "400")))
    assert "不一致" in page
    assert "与账上的欠款差" in page
    assert 'value="400"' in page


def test_nothing_takes_effect_while_a_signature_is_missing(office: Office, ready: MediationFile):
    form = sent(office, (in_days(30), "840"), signed=False)
    assert "还有当事人没有签名" in office.refused(MED, "mediation:sign", ready.public_id, **form)
    assert not Agreement.objects.filter(street=office.cast.street, file=ready).exists()


def test_a_row_half_written_is_refused_at_its_field(office: Office, ready: MediationFile):
    form = sent(office, (in_days(30), "")) | {"i2-amount_fen": "840"}
    page = office.refused(MED, "mediation:sign", ready.public_id, **form)
    assert "请写这一期的金额" in page
    assert "请写这一期的到期日" in page


def test_instalments_are_met_by_what_reaches_the_utility_alone(office: Office):
    made = office.things.agreement
    page = office.get(AUDIT, "mediation:agreement", made.public_id)
    assert "已到账 0.00 元" in page
    office.things.row.pay(EventKind.RECEIPT, 5_000, on=clock.today(), unit=0)
    assert "已到账 0.00 元" in office.get(AUDIT, "mediation:agreement", made.public_id)
    office.things.row.pay(EventKind.REMITTANCE, 6_000, on=clock.today())
    page = office.get(AUDIT, "mediation:agreement", made.public_id)
    assert "已到账 60.00 元" in page
    assert "按期到账" in page
    last_on = last_day_of(in_days(60), workday_calendar(office.cast.street))
    assert f"还有 {(last_on - clock.today()).days} 天" in page


def test_signatures_text_and_fingerprint_stand_on_the_page_and_the_paper(office: Office):
    made = office.things.agreement
    for page in ("mediation:agreement", "mediation:paper"):
        text = office.get(AUDIT, page, made.public_id)
        assert "分三期付清。" in text
        assert "调委会印章" in text
    assert made.text.sha256 in text
    assert "内容与签名时的指纹一致" in text


def test_a_changed_debt_no_longer_fits_its_fingerprint(office: Office):
    made = office.things.agreement
    Agreement.objects.filter(street=office.cast.street, pk=made.pk).update(debt_fen=made.debt_fen + 1)
    assert "指纹对不上" in office.get(AUDIT, "mediation:agreement", made.public_id)


def test_an_agreement_over_part_of_the_debt_is_signed_and_the_deferral_goes_on_without_it(
    office: Office, ready: MediationFile, deferral: Deferral
):
    office.done(MED, "mediation:sign", ready.public_id, **sent(office, (in_days(30), "1"), debt="1.00"))
    made, before = Agreement.objects.get(street=office.cast.street, file=ready), deferral.until_on
    assert "还没有登记水务公司的同意" in office.get(MED, "mediation:agreement", made.public_id)
    deferral.refresh_from_db()
    assert (deferral.agreement, deferral.until_on) == (None, before)
    assert "也没有生效的调解协议" in office.refused(CO, "cutoffs:lift", deferral.notice.public_id, reason="有协议")


def signed_in_the_past(office: Office, point: SupplyPoint) -> Agreement:
    """An agreement of two months ago whose only instalment was due a month ago and never paid."""
    day, cast, by = in_days(-60), office.cast, office.cast.mediator
    at = at_noon(day)
    file = actions.open_file(
        cast.street, source=FileSource.APPLICATION, subject="分期", summary="说明。", applicants=[cast.utility],
        respondents=[cast.agent_party], point=point, mediator=by, by=by, at=at,
    )  # fmt: skip
    file = actions.tell_rights(file, by=by, at=at)
    actions.record_session(file, text="愿意分期。", by=by, at=at)
    return actions.sign_agreement(
        file, form=AgreementForm.ORAL, debtor=cast.agent_party, debt_fen=100, instalments=[(in_days(-30), 100)],
        facts="欠费。", terms="付清。", agreed_on=day, by=by, at=at,
    )  # fmt: skip


def test_a_broken_agreement_leads_to_the_one_that_took_over(office: Office, ready: MediationFile, deferral: Deferral):
    old = signed_in_the_past(office, deferral.notice.point)
    assert "账上看现在是“已违约”" in office.get(AUDIT, "mediation:agreement", old.public_id)
    office.done(MED, "mediation:sign", ready.public_id, **sent(office, (in_days(30), "840")))
    new = Agreement.objects.get(street=office.cast.street, file=ready)
    page = office.get(AUDIT, "mediation:agreement", old.public_id)
    assert "已被新协议接替" in page
    assert office.path("mediation:agreement", new.public_id) in page
    assert "履行中 → 已违约" not in page
    assert "签了新协议" in page
    assert old.public_id not in office.get(AUDIT, "mediation:agreements")
    assert old.public_id in office.get(AUDIT, "mediation:agreements", show="performed")


def test_a_due_day_that_is_no_working_day_shows_the_day_it_moves_to(office: Office, ready: MediationFile):
    sunday = next(day for n in range(30, 40) if (day := in_days(n)).weekday() == 6)
    office.done(MED, "mediation:sign", ready.public_id, **sent(office, (sunday, "840")))
    made = Agreement.objects.get(street=office.cast.street, file=ready)
    assert "不是工作日，顺延到" in office.get(AUDIT, "mediation:agreement", made.public_id)


def test_the_clock_of_the_courts_confirmation_runs_thirty_days(office: Office):
    made, cast = office.things.agreement, office.cast
    days = (confirmation_deadline(clock.today(), workday_calendar(office.cast.street)) - clock.today()).days
    assert f"还剩 {days} 天" in office.get(MED, "mediation:agreement", made.public_id)
    one_side = {"court": "松江区人民法院", "applied_on": clock.today().isoformat(), "applicants": [cast.utility.pk]}
    assert "共同申请" in office.refused(MED, "mediation:apply", made.public_id, **one_side)
    both = one_side | {"applicants": [cast.utility.pk, cast.agent_party.pk]}
    office.done(MED, "mediation:apply", made.public_id, **both)
    office.done(
        MED,
        "mediation:ruling",
        made.public_id,
        confirmed="yes",
        decided_on=clock.today().isoformat(),
        ruling="沪松 1 号",
    )
    assert "沪松 1 号" in office.get(AUDIT, "mediation:agreement", made.public_id)


def test_it_is_performed_when_the_ledger_says_so(office: Office):
    made = office.things.agreement
    assert office.path("mediation:performed", made.public_id) not in office.get(
        MED, "mediation:agreement", made.public_id
    )
    assert "还有分期没有到账" in office.refused(MED, "mediation:performed", made.public_id)
    office.things.row.pay(EventKind.REMITTANCE, made.debt_fen, on=clock.today())
    office.done(MED, "mediation:performed", made.public_id)
    made.refresh_from_db()
    assert made.state == AgreementState.PERFORMED
    assert made.public_id in office.get(AUDIT, "mediation:agreements", show="performed")


def test_it_is_broken_only_when_an_instalment_was_late(office: Office):
    made = office.things.agreement
    assert "没有违约" in office.refused(MED, "mediation:breached", made.public_id)


def test_the_parties_are_asked_afterwards(office: Office):
    made = office.things.agreement
    office.done(
        MED, "mediation:visit", made.public_id, visited_on=clock.today().isoformat(), satisfied="yes", text="按期在付。"
    )
    assert "按期在付。" in office.get(AUDIT, "mediation:file", made.file.public_id)


def test_the_debtor_reads_his_own_agreement_and_nothing_of_the_file(office: Office):
    made = office.things.agreement
    page = office.get(AGENT, "mediation:agreement", made.public_id)
    assert "二房东还差" in page
    assert "双方到场" not in page
    assert office.path("mediation:file", made.file.public_id) not in page
    assert made.public_id in office.get(AGENT, "mediation:agreements")
    Agreement.objects.filter(street=office.cast.street, pk=made.pk).update(debtor=office.cast.utility)
    assert office.status(AGENT, "mediation:agreement", made.public_id) == 404
    assert made.public_id not in office.get(AGENT, "mediation:agreements")


@pytest.mark.parametrize("verb", ["apply", "ruling", "performed", "breached", "visit"])
def test_who_reads_it_may_not_write_it(office: Office, verb: str):
    for role in (CO, AGENT):
        assert office.status(role, f"mediation:{verb}", office.things.agreement.public_id, method="post") in (403, 404)


def test_an_agreement_costs_few_queries(office: Office, django_assert_max_num_queries):
    with django_assert_max_num_queries(22):
        office.get(AUDIT, "mediation:agreement", office.things.agreement.public_id)
    with django_assert_max_num_queries(12):
        office.get(AUDIT, "mediation:agreements")


def test_the_meters_of_ones_own_part_are_offered_and_no_other_is_taken(office: Office, deferral: Deferral):
    mediator = office.cast.mediator
    mediator.memberships.update(path=office.things.place.path)
    desk = Desk(mediator, office.cast.street, tuple(mediator.memberships.all()), clock.today(), "mediation.mediate")
    near, far = office.things.row.point, deferral.notice.point
    form = SignForm({"point": str(far.pk)}, parties=[], point=None, desk=desk)
    field = form.fields["point"]
    assert isinstance(field, ModelChoiceField)
    assert field.queryset is not None
    assert list(field.queryset) == [near]
    assert "point" in form.errors
    assert "point" not in SignForm({"point": str(near.pk)}, parties=[], point=None, desk=desk).errors
