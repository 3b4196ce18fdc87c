"""调解协议: signed over the debt in the ledger, met by the ledger, and read by its debtor."""

from __future__ import annotations

import datetime as dt

import pytest
from django.forms import ModelChoiceField

from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.models import Deferral
from hege.arrears.cutoff.rules import ConditionDraft, ConditionKind
from hege.billing.chart import TransactionKind
from hege.cases import actions as cases
from hege.cases.rules import PartyRole
from hege.kernel import clock
from hege.kernel.calendar import last_day_of
from hege.kernel.clock import at_noon
from hege.mediation.dossier import actions
from hege.mediation.models import Agreement, Dossier, Instalment
from hege.mediation.rules import AgreementForm, AgreementState, FileSource, confirmation_deadline
from hege.metering.models import SupplyPoint
from hege.people.models import Party, PartyKind, Role
from hege.places.queries import workday_calendar
from hege.web.access import Desk
from hege.web.mediation.forms import DraftForm
from tests.agreements import agree as come_to_terms
from tests.agreements import write_particulars
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
def ready(office: Office, deferral: Deferral) -> Dossier:
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


def sent(office: Office, *parts: tuple[dt.date, str], debt: str = "840.00", **more: str) -> dict[str, object]:
    """What a browser sends of a draft: all twelve rows, most of them empty."""
    form: dict[str, object] = {
        "form": "written", "debtor": office.cast.agent_party.pk, "debt_fen": debt,
        "counted_on": clock.today().isoformat(), "difference": "", "facts": "代收未交。", "terms": "分期付到下列账户。",
        "manner": "bank", "payee": "水务公司", "bank": "示例银行", "account": "6200 0000 0047", "committee": "调委会",
    }  # fmt: skip
    for number in range(1, 13):
        day, sum_ = parts[number - 1] if number <= len(parts) else ("", "")
        form |= {f"i{number}-due_on": str(day), f"i{number}-amount_fen": sum_}
    return form | more


def signatures(*parties: Party) -> dict[str, str]:
    """The days a browser sends for the parties that signed, and the mediator's."""
    today = clock.today().isoformat()
    return dict.fromkeys([*(f"signed_{party.pk}" for party in parties), "mediator_signed_on"], today)


def agree(office: Office, file: Dossier, *parts: tuple[dt.date, str], **more: str) -> Agreement:
    """Through all pages: particulars, draft, print, signatures, seal."""
    cast, today = office.cast, clock.today().isoformat()
    write_particulars(file, by=cast.mediator, at=clock.now())
    office.done(MED, "mediation:draft", file.public_id, **sent(office, *parts, **more))
    office.done(MED, "mediation:print", file.public_id)
    office.done(MED, "mediation:sign", file.public_id, **signatures(cast.utility, cast.agent_party))
    office.done(MED, "mediation:record", file.public_id, sealed_on=today)
    return Agreement.objects.get(street=cast.street, file=file)


def test_the_debt_is_filled_in_from_the_ledger_and_the_schedule_from_a_wish(office: Office, ready: Dossier):
    page = office.get(MED, "mediation:draft", ready.public_id)
    assert 'value="840.00"' in page
    page = office.get(MED, "mediation:draft", ready.public_id, parts=3, first="2027-01-31")
    assert [day in page for day in ("2027-01-31", "2027-02-28", "2027-03-31")] == [True, True, True]
    assert page.count('value="280.00"') == 3
    assert "与账上的欠款一分不差" in page


def test_a_signed_agreement_keeps_the_deferral_once_the_utility_has_agreed(
    office: Office, ready: Dossier, deferral: Deferral
):
    made = agree(office, ready, (in_days(30), "400"), (in_days(60), "440"))
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


def test_a_schedule_that_does_not_add_up_is_refused_with_its_sum(office: Office, ready: Dossier):
    page = office.refused(MED, "mediation:draft", ready.public_id, **sent(office, (in_days(30), "400")))
    assert "各期合计 400.00 元，与协议欠款 840.00 元不一致" in page
    assert "与账上的欠款差" in page
    assert 'value="400"' in page


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"account": ""}, "只写“分期还清”、没有账号的，法院不能确认"),
        ({"bank": "略"}, "请写明开户银行或支付平台"),
        ({"debt_fen": "800", "i1-amount_fen": "800"}, "账上 2026-11-25 欠 840.00 元，差 -40.00 元"),
    ],
)
def test_a_draft_that_leaves_open_how_much_or_where_to_is_refused_at_its_field(
    office: Office, ready: Dossier, wish: dict[str, object], says: str
):
    form = sent(office, (in_days(30), "840")) | wish
    assert says.replace("2026-11-25", clock.today().isoformat()) in office.refused(
        MED, "mediation:draft", ready.public_id, **form
    )


def test_nothing_is_signed_before_it_was_printed_nor_printed_without_particulars(office: Office, ready: Dossier):
    file, cast = ready.public_id, office.cast
    office.done(MED, "mediation:draft", file, **sent(office, (in_days(30), "840")))
    all_days = signatures(cast.utility, cast.agent_party)
    assert "协议还没有打印" in office.refused(MED, "mediation:sign", file, **all_days)
    assert "还缺当事人基本情况（证件、住址、电话）：水务公司、二房东" in office.refused(MED, "mediation:print", file)
    number = {
        "identity_kind": "other",
        "identity_number": "登记证 47 号",
        "address": "九杜路 1 号",
        "phone": "02147474747",
    }
    office.done(MED, "mediation:particulars", file, cast.utility.public_id, **number, representative="王负责")
    person = number | {"identity_kind": "id_card", "identity_number": "110105194912310021"}
    assert "号码不对" in office.refused(MED, "mediation:particulars", file, cast.agent_party.public_id, **person)
    person["identity_number"] = "11010519491231002x"
    office.done(MED, "mediation:particulars", file, cast.agent_party.public_id, **person)
    office.done(MED, "mediation:print", file)
    paper = office.get(MED, "mediation:print_paper", file)
    for words in ("人民调解协议书", "捌佰肆拾元整", "620000000047", "110***********002X", "02147474747", "一式 3 份"):
        assert words in paper
    assert "11010519491231002" not in paper
    office.done(MED, "mediation:draft", file, **sent(office, (in_days(31), "840")))
    assert "不能再签" in office.get(MED, "mediation:print_paper", file)
    assert "请重新打印" in office.refused(MED, "mediation:sign", file, **all_days)


def test_nothing_takes_effect_while_a_signature_is_missing(office: Office, ready: Dossier):
    file, cast = ready.public_id, office.cast
    write_particulars(ready, by=cast.mediator, at=clock.now())
    office.done(MED, "mediation:draft", file, **sent(office, (in_days(30), "840")))
    office.done(MED, "mediation:print", file)
    office.done(MED, "mediation:sign", file, **signatures(cast.utility))
    page = office.get(MED, "mediation:file", file)
    assert "还有 1 方没有签名：二房东" in page
    assert office.path("mediation:record", file) not in page
    sealed = {"sealed_on": clock.today().isoformat()}
    assert "还有 1 方当事人没有签名：二房东" in office.refused(MED, "mediation:record", file, **sealed)
    assert not Agreement.objects.filter(street=cast.street, file=ready).exists()


def test_a_row_half_written_is_refused_at_its_field(office: Office, ready: Dossier):
    form = sent(office, (in_days(30), "")) | {"i2-amount_fen": "840"}
    page = office.refused(MED, "mediation:draft", ready.public_id, **form)
    assert "请写这一期的金额" in page
    assert "请写这一期的到期日" in page


def test_the_shops_of_a_delegate_are_offered_for_one_authority(office: Office):
    cast, now = office.cast, clock.now()
    delegate = Party.objects.create(street=cast.street, kind=PartyKind.PERSON, name="商户代表")
    case = office.things.case
    cases.add_party(case, party=delegate, role=PartyRole.SHOP, by=cast.coordinator, at=now)
    file = actions.open_file(
        cast.street, source=FileSource.APPLICATION, subject="分期", summary="说明。", applicants=[cast.utility],
        respondents=[cast.agent_party], thirds=[delegate], case=case, mediator=cast.mediator, by=cast.mediator, at=now,
    )  # fmt: skip
    page = office.get(MED, "mediation:authorise", file.public_id)
    assert page.count("checked") == len(office.things.row.units)
    shops = [row.party_id for row in office.things.row.tenancies]
    form = {"agent": delegate.pk, "paper": "授权委托书 1 号", "given_on": clock.today().isoformat(), "scope": "签协议"}
    office.done(MED, "mediation:authorise", file.public_id, **form, parties=shops)
    page = office.get(MED, "mediation:file", file.public_id)
    assert f"授权委托书 {len(shops)} 户" in page


def test_instalments_are_met_by_what_reaches_the_utility_alone(office: Office):
    made = office.things.agreement
    page = office.get(AUDIT, "mediation:agreement", made.public_id)
    assert "已到账 0.00 元" in page
    office.things.row.pay(TransactionKind.RECEIPT, 5_000, on=clock.today(), unit=0)
    assert "已到账 0.00 元" in office.get(AUDIT, "mediation:agreement", made.public_id)
    named = [f"instalment:{made.file.number}/{n}" for n in (1, 2)]  # the bill beside them was due before
    office.things.row.pay(TransactionKind.REMITTANCE, 6_000, on=clock.today(), named=named)
    page = office.get(AUDIT, "mediation:agreement", made.public_id)
    assert "已到账 60.00 元" in page
    assert "按期到账" in page
    last_on = last_day_of(in_days(60), workday_calendar(office.cast.street))
    assert f"还有 {(last_on - clock.today()).days} 天" in page


def test_signatures_text_and_checksum_stand_on_the_page_and_the_paper(office: Office):
    made = office.things.agreement
    for page in ("mediation:agreement", "mediation:paper"):
        text = office.get(AUDIT, page, made.public_id)
        assert "分三期付清。" in text
        assert "水务公司" in text
    assert made.text.sha256 in text
    assert "内容与签名时的校验码一致" in text


def test_particulars_stand_on_the_paper_for_the_mediator_alone(office: Office):
    made = office.things.agreement
    assert "13000000047" in office.get(MED, "mediation:paper", made.public_id)
    for role in (CO, AUDIT, AGENT):
        page = office.get(role, "mediation:paper", made.public_id)
        assert "13000000047" not in page
        assert "九杜路" not in page
        assert "只给调解员看" in page
    assert "13000000047" not in office.get(MED, "mediation:agreement", made.public_id)


def test_a_changed_debt_no_longer_fits_its_checksum(office: Office):
    made = office.things.agreement
    Agreement.objects.filter(street=office.cast.street, pk=made.pk).update(debt_fen=made.debt_fen + 1)
    assert "对不上校验码" in office.get(AUDIT, "mediation:agreement", made.public_id)


def test_an_agreement_over_part_of_the_debt_is_signed_and_the_deferral_goes_on_without_it(
    office: Office, ready: Dossier, deferral: Deferral
):
    before = deferral.until_on
    made = agree(office, ready, (in_days(30), "1"), debt="1.00", difference="其余另案处理")
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
    return come_to_terms(
        file, form=AgreementForm.ORAL, debtor=cast.agent_party, debt_fen=100, instalments=[(in_days(-30), 100)],
        facts="欠费。", terms="付清。", agreed_on=day, by=by, at=at,
    )  # fmt: skip


def test_a_broken_agreement_leads_to_the_one_that_took_over(office: Office, ready: Dossier, deferral: Deferral):
    old = signed_in_the_past(office, deferral.notice.point)
    assert "账上看现在是“已违约”" in office.get(AUDIT, "mediation:agreement", old.public_id)
    new = agree(office, ready, (in_days(30), "840"))
    page = office.get(AUDIT, "mediation:agreement", old.public_id)
    assert "已被新协议接替" in page
    assert office.path("mediation:agreement", new.public_id) in page
    assert "履行中 → 已违约" not in page
    assert "签了新协议" in page
    assert old.public_id not in office.get(AUDIT, "mediation:agreements")
    assert old.public_id in office.get(AUDIT, "mediation:agreements", show="performed")


def test_a_due_day_that_is_no_working_day_shows_the_day_it_moves_to(office: Office, ready: Dossier):
    sunday = next(day for n in range(30, 40) if (day := in_days(n)).weekday() == 6)
    made = agree(office, ready, (sunday, "840"))
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
    named = [f"instalment:{made.file.number}/{row.number}" for row in made.instalments.all()]
    office.things.row.pay(TransactionKind.REMITTANCE, made.debt_fen, on=clock.today(), named=named)
    office.done(MED, "mediation:performed", made.public_id)
    made.refresh_from_db()
    assert made.state == AgreementState.PERFORMED
    assert made.public_id in office.get(AUDIT, "mediation:agreements", show="performed")


def test_it_is_broken_only_when_an_instalment_was_late(office: Office):
    made = office.things.agreement
    assert "没有违约" in office.refused(MED, "mediation:breached", made.public_id)


def test_what_was_performed_is_not_offered_to_be_marked_broken(office: Office, ready: Dossier, deferral: Deferral):
    old = signed_in_the_past(office, deferral.notice.point)
    breached = office.path("mediation:breached", old.public_id)
    assert breached in office.get(MED, "mediation:agreement", old.public_id)
    Agreement.objects.filter(pk=old.pk).update(state=AgreementState.PERFORMED, performed_on=clock.today())
    assert breached not in office.get(MED, "mediation:agreement", old.public_id)


def test_an_application_made_in_time_may_be_told_after_the_time(office: Office, deferral: Deferral):
    old = signed_in_the_past(office, deferral.notice.point)
    page = office.get(MED, "mediation:agreement", old.public_id)
    assert "补记按时提出的司法确认申请" in page
    both = {"court": "松江区人民法院", "applicants": [office.cast.utility.pk, office.cast.agent_party.pk]}
    late = office.refused(MED, "mediation:apply", old.public_id, applied_on=clock.today().isoformat(), **both)
    assert "已过司法确认申请期限" in late
    office.done(MED, "mediation:apply", old.public_id, applied_on=in_days(-50).isoformat(), **both)
    assert office.path("mediation:apply", old.public_id) not in office.get(MED, "mediation:agreement", old.public_id)


def test_the_parties_may_be_asked_before_the_first_money_comes(office: Office):
    made = office.things.agreement
    assert office.path("mediation:visit", made.public_id) in office.get(MED, "mediation:agreement", made.public_id)


@pytest.mark.parametrize(("debt", "offered"), [("840.00", True), ("1.00", False)])
def test_consent_is_offered_where_the_agreement_covers_what_is_overdue(
    office: Office, ready: Dossier, deferral: Deferral, debt: str, offered: bool
):
    notice = deferral.notice.public_id
    made = agree(office, ready, (in_days(30), debt), debt=debt, difference="其余另案处理")
    for page, thing in (("mediation:agreement", made.public_id), ("cutoffs:detail", notice)):
        assert (office.path("cutoffs:consent", notice) in office.get(CO, page, thing)) is offered
    if not offered:
        told = {"said_by": "营业所", "said_on": clock.today().isoformat(), "document": "复函 9 号"}
        assert "协议只管 1.00 元" in office.refused(CO, "cutoffs:consent", notice, **told)


def test_the_parties_are_asked_afterwards(office: Office):
    made = office.things.agreement
    office.done(
        MED, "mediation:visit", made.public_id, visited_on=clock.today().isoformat(), satisfied="yes", text="按期在付。"
    )
    assert "按期在付。" in office.get(AUDIT, "mediation:file", made.file.public_id)


def test_the_debtor_reads_their_own_agreement_and_nothing_of_the_file(office: Office):
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
    with django_assert_max_num_queries(18):
        office.get(AUDIT, "mediation:agreement", office.things.agreement.public_id)
    with django_assert_max_num_queries(8):
        office.get(AUDIT, "mediation:agreements")


def test_the_meters_of_ones_own_part_are_offered_and_no_other_is_taken(office: Office, deferral: Deferral):
    mediator = office.cast.mediator
    mediator.memberships.update(path=office.things.place.path)
    desk = Desk(mediator, office.cast.street, tuple(mediator.memberships.all()), clock.today(), "mediation.mediate")
    near, far = office.things.row.point, deferral.notice.point
    form = DraftForm({"point": str(far.pk)}, parties=[], point=None, desk=desk)
    field = form.fields["point"]
    assert isinstance(field, ModelChoiceField)
    assert field.queryset is not None
    assert list(field.queryset) == [near]
    assert "point" in form.errors
    assert "point" not in DraftForm({"point": str(near.pk)}, parties=[], point=None, desk=desk).errors
