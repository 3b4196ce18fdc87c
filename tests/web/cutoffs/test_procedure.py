"""停水程序: demand, notice, deferral on conditions, and water that is only cut when it may be."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.models import CutoffNotice, Deferral
from hege.arrears.cutoff.rules import ConditionDraft, ConditionKind, CutoffStep, DeferralState, Delivery
from hege.billing.chart import TransactionKind
from hege.cases.actions import file_case
from hege.kernel import clock
from hege.kernel.clock import SHANGHAI, at_noon
from hege.people.models import Role
from hege.places.models import Place
from tests.cast import Row, make_row
from tests.web.cutoffs.forms import deferral
from tests.web.office import Office, in_days, words
from tests.web.things import make_notice

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CO, GRID, AUDIT = Role.COORDINATOR, Role.GRID_WORKER, Role.AUDITOR


@pytest.fixture
def owing(office: Office) -> Row:
    """Another master meter that owes 900 yuan, without any procedure."""
    row = make_row(office.cast.street, code="ZB-2")
    row.bill("B-2", fen=90_000)
    return row


def demanded(office: Office, row: Row, days_ago: int) -> CutoffNotice:
    day = in_days(-days_ago)
    return cutoff.demand_payment(
        row.point, how=Delivery.IN_PERSON, proof="签收单", delivered_on=day, by=office.cast.coordinator, at=at_noon(day)
    ).notice


def now() -> str:
    return f"{clock.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def an_hour_ago() -> str:
    return f"{(clock.now() - dt.timedelta(hours=1)).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def test_a_demand_opens_the_procedure_of_a_meter(office: Office, owing: Row):
    office.get(CO, "cutoffs:demand", owing.point.code)
    office.done(
        CO,
        "cutoffs:demand",
        owing.point.code,
        delivered_on=clock.today().isoformat(),
        how="in_person",
        proof="签收单 7",
    )
    notice = CutoffNotice.objects.get(street=office.cast.street, point=owing.point)
    page = office.get(AUDIT, "cutoffs:detail", notice.public_id)
    assert "催缴逾期的 900.00 元" in page
    assert "签收单 7" in page
    assert "民法典第六百五十四条" in page


def test_a_demand_without_proof_is_refused(office: Office, owing: Row):
    page = office.refused(
        CO, "cutoffs:demand", owing.point.code, delivered_on=clock.today().isoformat(), how="in_person", proof=" "
    )
    assert "请填写这一项" in page


def test_the_units_behind_the_meter_are_always_listed_with_the_sensitive_ones_first(office: Office, owing: Row):
    owing.units[2].use = "catering"
    owing.units[2].save(update_fields=["use"])
    notice = demanded(office, owing, 1)
    page = office.get(AUDIT, "cutoffs:detail", notice.public_id)
    assert "需重点保障的 1 户" in page
    assert page.index("03 号铺") < page.index("01 号铺")
    assert "其他 2 户" in page


def test_no_notice_before_the_reasonable_period_is_over(office: Office, owing: Row):
    notice = demanded(office, owing, 5)
    assert office.path("cutoffs:notify", notice.public_id) not in office.get(CO, "cutoffs:detail", notice.public_id)
    page = office.refused(
        CO, "cutoffs:notify", notice.public_id, served_at=an_hour_ago(), how="posted", proof="照片", filing=""
    )
    assert "合理期限" in page


def test_a_notice_after_it_says_when_water_may_be_cut_at_the_earliest(office: Office, owing: Row):
    notice = demanded(office, owing, 40)
    assert office.path("cutoffs:notify", notice.public_id) in office.get(CO, "cutoffs:detail", notice.public_id)
    office.done(CO, "cutoffs:notify", notice.public_id, served_at=an_hour_ago(), how="posted", proof="照片")
    page = office.get(AUDIT, "cutoffs:detail", notice.public_id)
    assert "可以停水" in page
    notice.refresh_from_db()
    assert [unit["code"] for unit in notice.affected] == ["ZB-2-01", "ZB-2-02", "ZB-2-03"]


@pytest.mark.parametrize("typed", ["昨天", "2026-13-01 09:00", "2026-11-23 25:00", "2026-11-23"])
def test_a_time_nobody_can_read_is_refused_and_stays_in_the_form(office: Office, owing: Row, typed: str):
    notice = demanded(office, owing, 40)
    page = office.refused(CO, "cutoffs:notify", notice.public_id, served_at=typed, how="posted", proof="照片")
    assert typed in page


def test_a_cut_is_put_off_until_a_day_on_conditions(office: Office, owing: Row):
    notice = make_notice(office.cast, owing)
    office.get(CO, "cutoffs:defer", notice.public_id)
    last = next(day for day in map(in_days, (20, 21, 22)) if day.weekday() < 5)  # a day that no weekend moves
    office.done(CO, "cutoffs:defer", notice.public_id, **deferral(last, remit=(in_days(9), "500")))
    made = Deferral.objects.get(street=office.cast.street, notice=notice)
    assert made.until_on == last + dt.timedelta(days=1), "the last day is protected"
    page = office.get(AUDIT, "cutoffs:detail", notice.public_id)
    assert "期限前向水司至少缴纳" in page
    assert "已到账 0.00 元" in page


def test_a_money_condition_is_met_by_the_ledger_and_by_nobody(office: Office, owing: Row):
    notice = make_notice(office.cast, owing)
    office.done(CO, "cutoffs:defer", notice.public_id, **deferral(in_days(20), remit=(in_days(9), "500")))
    condition = Deferral.objects.get(street=office.cast.street, notice=notice).conditions.get()
    page = office.refused(CO, "cutoffs:fulfil", condition.pk, on=clock.today().isoformat(), evidence="说交了")
    assert "不能手工填报" in page
    owing.pay(TransactionKind.REMITTANCE, 50_000, on=clock.today())
    assert "达成" in office.get(AUDIT, "cutoffs:detail", notice.public_id)


def test_a_deferral_without_conditions_is_refused(office: Office, owing: Row):
    notice = make_notice(office.cast, owing)
    page = office.refused(CO, "cutoffs:defer", notice.public_id, **deferral(in_days(20)))
    assert "至少一项" in page
    assert in_days(20).isoformat() in page


def test_a_condition_half_written_is_refused_at_its_field(office: Office, owing: Row):
    notice = make_notice(office.cast, owing)
    page = office.refused(CO, "cutoffs:defer", notice.public_id, **deferral(in_days(20), remit=(in_days(9), "")))
    assert "金额条件要写明金额" in page


def test_a_page_that_is_out_of_date_is_told_so(office: Office, owing: Row):
    notice = make_notice(office.cast, owing)
    stale = deferral(in_days(20), remit=(in_days(9), "500")) | {"version": notice.version - 1}
    assert office.post(CO, "cutoffs:defer", notice.public_id, **stale).status_code == 409


@pytest.mark.parametrize("verb", ["renew", "lift", "withdraw", "notify", "cut", "clear"])
@pytest.mark.parametrize("version", ["", "behind"])
def test_a_step_without_the_version_its_page_showed_is_refused_with_everything_typed(
    office: Office, verb: str, version: str
):
    notice = office.things.notice
    typed = deferral(in_days(40), remit=(in_days(30), "123.45")) | {"reason": "写好的理由", "proof": "照片 9"}
    sent = typed | {"version": notice.version - 1 if version else ""}
    answer = office.post(CO, f"cutoffs:{verb}", notice.public_id, **sent)
    page = words(answer)
    if verb in ("notify", "cut"):  # these lack a time as well
        assert answer.status_code == (422 if version else 409)
        return
    assert answer.status_code == 409
    assert ("刷新后再办") in page
    assert ("123.45" if verb == "renew" else "写好的理由") in page
    office.things.deferral.refresh_from_db()
    assert office.things.deferral.state == DeferralState.RUNNING


def test_a_condition_somebody_has_met_meanwhile_makes_the_page_behind(office: Office):
    condition, notice = office.things.deferral.conditions.get(), office.things.notice
    told = {"on": clock.today().isoformat(), "evidence": "公示照片"}
    office.done(GRID, "cutoffs:fulfil", condition.pk, **told)
    assert office.post(GRID, "cutoffs:fulfil", condition.pk, version=notice.version, **told).status_code == 409
    sent = deferral(in_days(40), remit=(in_days(30), "100")) | {"version": notice.version}
    assert office.post(CO, "cutoffs:renew", notice.public_id, **sent).status_code == 409


def test_two_people_do_not_demand_twice_without_knowing_of_each_other(office: Office, owing: Row):
    told = {"delivered_on": clock.today().isoformat(), "how": "in_person", "proof": "签收单 7"}
    assert office.post(CO, "cutoffs:demand", owing.point.code, **told, version="").status_code == 409
    office.done(CO, "cutoffs:demand", owing.point.code, **told)
    assert office.post(CO, "cutoffs:demand", owing.point.code, **told, version=0).status_code == 409


def test_a_deferral_that_was_broken_protects_nobody_on_its_page_and_is_not_renewed(office: Office, owing: Row):
    day = in_days(-3)
    made = cutoff.defer_cutoff(
        make_notice(office.cast, owing),
        until=in_days(20),
        conditions=[ConditionDraft(ConditionKind.REMIT_AT_LEAST, day, fen=100)],
        by=None,
        at=at_noon(day),
    )
    Deferral.objects.filter(street=made.street, pk=made.pk).update(from_on=in_days(-40))
    made.conditions.update(due_on=in_days(-30))
    page = office.get(CO, "cutoffs:detail", made.notice.public_id)
    assert "暂缓已经失效：条件到期未达成" in page
    assert office.path("cutoffs:renew", made.notice.public_id) not in page
    sent = deferral(in_days(40), remit=(in_days(30), "100"))
    assert "已经失效" in office.refused(CO, "cutoffs:renew", made.notice.public_id, **sent)
    assert "暂缓自动失效" in office.get(CO, "cutoffs:detail", made.notice.public_id)


def test_a_condition_in_words_is_met_by_a_document_that_the_grid_worker_saw(office: Office):
    condition = office.things.deferral.conditions.get()
    office.done(GRID, "cutoffs:fulfil", condition.pk, on=clock.today().isoformat(), evidence="公示照片 3 张")
    assert "公示照片 3 张" in office.get(AUDIT, "cutoffs:detail", office.things.notice.public_id)


def test_a_deferral_is_renewed_with_what_is_still_open(office: Office):
    notice = office.things.notice
    assert "每周一公示收缴明细" in office.get(CO, "cutoffs:renew", notice.public_id)
    office.done(CO, "cutoffs:renew", notice.public_id, **deferral(in_days(40), remit=(in_days(30), "100")))
    page = office.get(AUDIT, "cutoffs:detail", notice.public_id)
    assert "续过 1 次" in page


def test_a_deferral_over_an_open_debt_is_not_lifted(office: Office):
    notice = office.things.notice
    assert office.path("cutoffs:lift", notice.public_id) not in office.get(CO, "cutoffs:detail", notice.public_id)
    assert "不能解除" in office.refused(CO, "cutoffs:lift", notice.public_id, reason="大家都同意")


def test_a_deferral_is_lifted_once_nothing_is_owed(office: Office):
    notice, row = office.things.notice, office.things.row
    row.pay(TransactionKind.REMITTANCE, 84_000, on=clock.today())
    assert office.path("cutoffs:lift", notice.public_id) in office.get(CO, "cutoffs:detail", notice.public_id)
    office.done(CO, "cutoffs:lift", notice.public_id, reason="")
    notice.refresh_from_db()
    assert notice.state == CutoffStep.CLEARED


def test_the_button_that_cuts_names_object_and_effect(office: Office, owing: Row):
    notice = make_notice(office.cast, owing)
    assert "对 3 户停水" in office.get(CO, "cutoffs:cut", notice.public_id)
    office.done(CO, "cutoffs:cut", notice.public_id, cut_at=an_hour_ago())
    assert "给 3 户恢复供水" in office.get(CO, "cutoffs:restore", notice.public_id)
    now = f"{clock.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    office.done(CO, "cutoffs:restore", notice.public_id, restored_at=now)
    notice.refresh_from_db()
    assert notice.state == CutoffStep.RESTORED


def test_a_cut_is_offered_by_the_rule_that_refuses_it(office: Office, owing: Row):
    notice = demanded(office, owing, 40)
    office.done(CO, "cutoffs:notify", notice.public_id, served_at=an_hour_ago(), how="posted", proof="照片")
    page = office.get(CO, "cutoffs:detail", notice.public_id)
    assert "现在不能停水：书面通知的期限还没有满" in page
    assert office.path("cutoffs:cut", notice.public_id) not in page
    assert "期限还没有满" in office.refused(CO, "cutoffs:cut", notice.public_id, cut_at=an_hour_ago())


def test_after_a_deferral_the_page_asks_for_a_new_notice(office: Office, owing: Row):
    notice, served = demanded(office, owing, 80), at_noon(in_days(-40))
    cutoff.give_notice(notice, how=Delivery.POSTED, proof="照片", served_at=served, by=None, at=served)
    words_ = ConditionDraft(ConditionKind.OTHER, in_days(-36), text="公示")
    made = cutoff.defer_cutoff(notice, until=in_days(-35), conditions=[words_], by=None, at=at_noon(in_days(-39)))
    cutoff.watch_deferrals(made.street, on=clock.today(), by=None, at=clock.now() - dt.timedelta(hours=2))
    page = office.get(CO, "cutoffs:detail", notice.public_id)
    assert "暂缓已结束，停水须重新书面通知" in page
    assert "最早" not in page
    assert "停水须重新书面通知" in office.get(CO, "cutoffs:index")
    assert "重新书面通知" in office.refused(CO, "cutoffs:cut", notice.public_id, cut_at=an_hour_ago())
    office.done(CO, "cutoffs:notify", notice.public_id, served_at=now(), how="posted", proof="照片")
    assert "可以停水" in office.get(CO, "cutoffs:detail", notice.public_id)


def test_the_utilitys_word_starts_the_clock_of_restoring(office: Office, owing: Row):
    notice = make_notice(office.cast, owing)
    office.done(CO, "cutoffs:cut", notice.public_id, cut_at=an_hour_ago())
    assert "24 小时内要恢复供水" in office.get(CO, "cutoffs:detail", notice.public_id)
    told = {"said_by": "营业所", "said_on": clock.today().isoformat(), "document": "复函 9 号"}
    office.done(Role.CLERK, "cutoffs:consent", notice.public_id, **told)
    page = office.get(CO, "cutoffs:detail", notice.public_id)
    assert "前恢复供水" in page
    assert "复函 9 号" in page


def test_the_utilitys_word_is_not_asked_for_once_the_time_to_restore_runs(office: Office, owing: Row):
    notice = make_notice(office.cast, owing)
    office.done(CO, "cutoffs:cut", notice.public_id, cut_at=an_hour_ago())
    consent = office.path("cutoffs:consent", notice.public_id)
    assert consent in office.get(CO, "cutoffs:detail", notice.public_id)
    owing.pay(TransactionKind.REMITTANCE, 90_000, on=clock.today())
    assert consent not in office.get(CO, "cutoffs:detail", notice.public_id)


def test_a_demand_is_offered_for_what_is_overdue_alone(office: Office, owing: Row):
    meter, demand = ("meters:detail", owing.point.code), office.path("cutoffs:demand", owing.point.code)
    assert demand in office.get(CO, *meter)
    notice = demanded(office, owing, 5)
    assert demand not in office.get(CO, *meter), "the procedure's page offers the next one"
    assert demand in office.get(CO, "cutoffs:detail", notice.public_id)
    cutoff.withdraw_notice(notice, reason="抄错了表。", by=None, at=clock.now())
    owing.pay(TransactionKind.REMITTANCE, 90_000, on=clock.today())
    owing.bill("B-3", fen=10_000, from_on=in_days(-30), until_on=clock.today())
    assert demand not in office.get(CO, *meter)
    told = {"delivered_on": clock.today().isoformat(), "how": "in_person", "proof": "签收单 7"}
    assert "没有逾期的账单" in office.refused(CO, "cutoffs:demand", owing.point.code, **told)


def test_water_that_is_protected_is_not_cut(office: Office):
    notice = office.things.notice
    assert office.path("cutoffs:cut", notice.public_id) not in office.get(CO, "cutoffs:detail", notice.public_id)
    assert "不能变为" in office.refused(CO, "cutoffs:cut", notice.public_id, cut_at=an_hour_ago())


def test_a_demand_is_taken_back_with_the_reason_or_cleared_when_paid(office: Office, owing: Row):
    notice = demanded(office, owing, 5)
    assert office.path("cutoffs:clear", notice.public_id) not in office.get(CO, "cutoffs:detail", notice.public_id)
    owing.pay(TransactionKind.REMITTANCE, 90_000, on=clock.today())
    assert office.path("cutoffs:clear", notice.public_id) in office.get(CO, "cutoffs:detail", notice.public_id)
    office.refused(CO, "cutoffs:withdraw", notice.public_id, reason="")
    office.done(CO, "cutoffs:withdraw", notice.public_id, reason="抄错了表。")
    assert "抄错了表。" in office.get(AUDIT, "cutoffs:detail", notice.public_id)


def test_the_list_shows_the_nearest_clock_first_and_hides_what_ended(office: Office, owing: Row):
    notice = demanded(office, owing, 5)
    page = office.get(AUDIT, "cutoffs:index")
    assert page.index(office.things.notice.public_id) < page.index(notice.public_id)
    office.done(CO, "cutoffs:withdraw", notice.public_id, reason="抄错了表。")
    assert notice.public_id not in office.get(AUDIT, "cutoffs:index")
    assert notice.public_id in office.get(AUDIT, "cutoffs:index", show="ended")


@pytest.mark.parametrize("verb", ["defer", "renew", "lift", "cut", "withdraw", "notify"])
def test_an_auditor_may_look_but_not_do(office: Office, verb: str):
    notice = office.things.notice.public_id
    assert office.path(f"cutoffs:{verb}", notice) not in office.get(AUDIT, "cutoffs:detail", notice)
    assert office.status(AUDIT, f"cutoffs:{verb}", notice, method="post") == 403


def test_more_procedures_are_no_more_queries(office: Office, django_assert_max_num_queries):
    for number in range(5):
        row = make_row(office.cast.street, code=f"ZB-1{number}")
        row.bill(f"B-1{number}", fen=90_000)
        make_notice(office.cast, row)
    with django_assert_max_num_queries(8):
        office.get(CO, "cutoffs:index")
    with django_assert_max_num_queries(
        25
    ):  # what the agreement covers that awaits the utility's consent, and the papers, too
        office.get(CO, "cutoffs:detail", office.things.notice.public_id)


def test_a_demand_is_put_on_a_case_of_ones_own_part_alone(office: Office, owing: Row):
    street, by = office.cast.street, office.cast.coordinator
    place, elsewhere = office.things.place, Place.objects.get(street=office.cast.street, code="B2")
    case = file_case(street, title="别处的案", point=owing.point, place=elsewhere, by=by, at=clock.now())
    owing.point.place = place
    owing.point.save(update_fields=["place"])
    assert f'<option value="{case.pk}"' in office.get(CO, "cutoffs:demand", owing.point.code)
    by.memberships.update(path=place.path)
    assert f'<option value="{case.pk}"' not in office.get(CO, "cutoffs:demand", owing.point.code)
