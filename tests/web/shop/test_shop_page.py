"""The shop keeper's page: four questions, four answers, their own shop alone."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hege.arrears.actions import set_threshold
from hege.arrears.cutoff.actions import (
    cut_water,
    defer_cutoff,
    demand_payment,
    fulfil_condition,
    give_notice,
    renew_deferral,
)
from hege.arrears.cutoff.models import CutoffNotice, Deferral
from hege.arrears.cutoff.rules import ConditionDraft, ConditionKind, Consent, Delivery
from hege.arrears.rules import ThresholdKind
from hege.attachments.models import Attachment
from hege.billing.actions import AcknowledgementDraft, acknowledge_debts
from hege.billing.chart import TransactionKind
from hege.cases.actions import add_line, add_note, file_case
from hege.cases.models import Report, Reporter
from hege.cases.rules import LineKind
from hege.kernel import clock
from hege.kernel.clock import at_noon
from hege.places.actions import move_out, unit_token
from hege.trail.models import IdempotencyKey
from tests.attachments.files import picture
from tests.cast import NOW, Cast, Row, move_in

pytestmark = pytest.mark.django_db
MARCH = dt.date(2026, 3, 1)
BUDGET = 50_000


def address(row: Row, unit: int = 0) -> str:
    return f"/u/{unit_token(row.units[unit])}/"


def text(client: Client, row: Row, unit: int = 0) -> str:
    answer = client.get(address(row, unit))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_four_questions_stand_in_the_order_people_ask_them(client: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=0)
    page = text(client, row)
    asked = ["会停水吗？", "我还要付吗？", "我的钱到水务公司了吗？", "街道在做什么？"]
    assert sorted(asked, key=page.index) == asked


def test_a_shop_that_paid_its_part_has_nothing_more_to_pay(client: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=0)
    assert "您已付清，不用再付" in text(client, row)


def test_what_is_only_said_to_be_paid_waits_for_evidence(client: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=0, confirmed=False)
    assert "您说已付清，等证据" in text(client, row)


def test_what_is_admitted_is_called_unpaid_and_what_is_not_is_called_unproven(client: Client, row: Row):
    row.bill(fen=90_000)
    draft = AcknowledgementDraft(point=row.point, tenancy=row.tenancies[1], on=MARCH, amount_fen=30_000)
    acknowledge_debts(row.street, [draft], by=None, at=NOW)
    assert "还有 300.00 元没有证据" in text(client, row, 0)
    assert "还有 300.00 元没付" in text(client, row, 1)


def test_what_arrived_is_inferred_by_proportion_and_says_so(client: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=0)
    row.pay(TransactionKind.RECEIPT, 10_000, on=MARCH, unit=1)
    row.pay(TransactionKind.REMITTANCE, 10_000, on=MARCH)
    page = text(client, row)
    assert "大部分还没到" in page
    assert "75.00" in page
    assert "225.00" in page
    assert "这里按每户付款的比例推算，不是查到的事实" in page


def test_money_paid_straight_to_the_utility_has_arrived(client: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.DIRECT_PAYMENT, 30_000, on=MARCH, unit=0)
    page = text(client, row)
    assert "我的钱到水务公司了吗？ 到了" in page
    assert "推算，不是查到的事实" not in page


def test_no_shop_is_ever_told_that_it_owes_the_utility(client: Client, row: Row):
    row.bill(fen=90_000)
    for unit in range(3):
        assert not re.search(r"您.{0,8}欠(水务公司|水司)", text(client, row, unit))


def test_a_code_shows_nothing_of_any_other_shop(client: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 12_345, on=MARCH, unit=1)
    html = client.get(address(row)).content.decode()
    for strange in ("02 号铺", "店主02", "123.45", "ZB-1-02", "900.00"):
        assert strange not in html


def test_a_new_tenant_sees_nothing_of_the_one_before(client: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 12_345, on=dt.date(2026, 2, 3), unit=0)
    move_out(row.tenancies[0], until_on=MARCH, by=None, at=NOW)
    empty = text(client, row)
    move_in(row.units[0], operator="新来的", from_on=MARCH, by=None, at=NOW)
    moved = text(client, row)
    assert "这里现在没有登记租户" in empty
    assert "还没有分到您的水费" in moved
    assert "123.45" not in empty + moved


def test_a_wrong_code_is_a_404(client: Client, row: Row):
    assert client.get("/u/abcdefghjkmnpqrstuvwxyz234/").status_code == 404
    assert client.get(f"/u/{row.units[0].pk}/").status_code == 404


def cut(row: Row, *, steps: int) -> None:
    """Go some steps of the way to a cut: demand, notice, deferral until a month from today."""
    today = clock.today()
    row.bill(fen=90_000)
    at = at_noon(today - dt.timedelta(days=30))
    demand = demand_payment(row.point, how=Delivery.IN_PERSON, proof="签收", delivered_on=at.date(), by=None, at=at)
    if steps < 2:
        return
    noticed = at_noon(today - dt.timedelta(days=5))
    notice = give_notice(demand.notice, how=Delivery.POSTED, proof="照片", served_at=noticed, by=None, at=noticed)
    if steps < 3:
        return
    condition = ConditionDraft(ConditionKind.OTHER, today + dt.timedelta(days=9), text="每周公示")
    defer_cutoff(notice, until=today + dt.timedelta(days=10), conditions=[condition], by=None, at=at_noon(today))


@pytest.mark.parametrize(("steps", "answer"), [(0, "没有登记停水通知"), (1, "现在不停，已经催缴"), (2, "可能停水")])
def test_whether_water_will_be_cut_is_answered_first(client: Client, row: Row, steps: int, answer: str):
    if steps:
        cut(row, steps=steps)
    assert answer in text(client, row)


def test_a_deferral_names_its_last_day_and_what_may_end_it_earlier(client: Client, row: Row):
    cut(row, steps=3)
    last = Deferral.objects.get().last_day
    page = text(client, row)
    assert "没有登记水务公司的书面同意" in page, "nobody wrote down that it agreed"
    assert "下面的条件有一项没做到，暂缓就提前结束" in page
    assert page.index("每周公示") < page.index("还没做到")
    assert "要停水，须重新书面通知，送达满 48 小时以后才可以" in page
    assert f"现在不停，暂缓到 {last.month}月{last.day}日" in page
    assert "前不停水" not in page, "it may end earlier"
    assert "（含当天）" in page


def test_a_condition_that_was_met_says_so_and_the_utilitys_letter_is_named(client: Client, row: Row):
    cut(row, steps=3)
    today, deferral = clock.today(), Deferral.objects.get()
    fulfil_condition(deferral.conditions.get(), on=today, evidence="照片", by=None, at=clock.now())
    renew_deferral(
        deferral, until=today + dt.timedelta(days=30),
        conditions=[ConditionDraft(ConditionKind.REMIT_AT_LEAST, today, fen=12_300)],
        consent=Consent("营业所", today, "复函 7 号"), by=None, at=clock.now(),
    )  # fmt: skip
    row.pay(TransactionKind.REMITTANCE, 12_300, on=today)
    page = text(client, row)
    assert "向水务公司缴够 123.00 元" in page
    assert "已做到" in page
    assert "复函 7 号" in page


def test_after_a_deferral_the_page_asks_for_a_new_notice_with_the_hours_of_the_street(client: Client, row: Row):
    cut(row, steps=3)
    Deferral.objects.update(
        until_on=clock.today() - dt.timedelta(days=20), from_on=clock.today() - dt.timedelta(days=40)
    )
    set_threshold(
        row.street, kind=ThresholdKind.NOTICE_HOURS, value=72, from_on=clock.today(), source="区里规定", by=None,
        at=clock.now(),
    )  # fmt: skip
    page = text(client, row)
    assert "现在不停，暂缓已经结束" in page
    assert "送达满 72 小时以后才可以" in page


def test_cut_water_says_by_when_it_must_run_again(client: Client, row: Row):
    cut(row, steps=2)
    at = clock.now() - dt.timedelta(hours=1)
    cut_water(CutoffNotice.objects.get(), cut_at=at, by=None, at=at)
    assert "应在 24 小时内恢复供水" in text(client, row)
    row.pay(TransactionKind.REMITTANCE, 90_000, on=clock.today())
    due = clock.today() + dt.timedelta(days=2)
    assert f"应在 {due.month}月{due.day}日 00:00 前恢复供水" in text(client, row)


def test_what_the_street_does_shows_public_lines_only(client: Client, cast: Cast, row: Row):
    case = file_case(row.street, title="蟠龙路总表欠费", point=row.point, by=cast.coordinator, at=NOW)
    add_note(case, text="代收人态度不好", internal=True, by=cast.coordinator, at=NOW)
    add_line(case, kind=LineKind.MEDIATION, text="房东不肯来", internal=True, by=cast.coordinator, at=NOW)
    page = text(client, row)
    assert case.number in page
    assert "态度不好" not in page
    assert "房东不肯来" not in page


def test_a_wrong_account_becomes_a_report_with_the_number_kept_apart(client: Client, row: Row):
    answer = client.post(f"{address(row)}wrong/", {"text": "9月的我付过", "phone": "13812345678"})
    assert re.fullmatch(r"\.\./thanks/[\w:-]+/", answer.headers["Location"])
    report = Report.objects.get()
    assert (report.kind, report.unit, report.point) == ("shop", row.units[0], row.point)
    assert "138" not in report.text
    assert Reporter.objects.get().phone == "13812345678"


def test_what_is_kept_of_a_complaint_for_its_repeat_holds_no_code(client: Client, row: Row):
    sent = {"text": "9月的我付过", "request_key": "k" * 26}
    for _time in range(2):
        answer = client.post(f"{address(row)}wrong/", sent, follow=True)
        assert answer.request["PATH_INFO"].startswith(f"{address(row)}thanks/")
    assert unit_token(row.units[0]) not in IdempotencyKey.objects.get().answer
    assert Report.objects.count() == 1


def test_the_sender_alone_sees_the_pictures_of_a_complaint_and_not_for_long(
    client: Client, row: Row, monkeypatch: pytest.MonkeyPatch
):
    sent = {"text": "9月的我付过", "photos": [SimpleUploadedFile("我家.jpg", picture())]}
    answer = client.post(f"{address(row)}wrong/", sent, follow=True)
    here, kept = answer.request["PATH_INFO"], Attachment.objects.get()
    assert (kept.about, kept.about_id, kept.name) == ("cases.report", Report.objects.get().pk, "照片.jpg")
    assert f"{here}{kept.public_id}/" in answer.content.decode()
    assert client.get(f"{here}{kept.public_id}/").headers["Content-Type"] == "image/jpeg"
    assert f"{kept.public_id}" not in client.get(f"{address(row)}thanks/").content.decode()
    assert client.get(f"{address(row)}thanks/made-up/{kept.public_id}/").status_code == 404
    assert client.get(f"{here.replace(address(row), address(row, 1))}{kept.public_id}/").status_code == 404
    monkeypatch.setattr("hege.web.shop.views.SENT_SECONDS", -1)
    assert client.get(f"{here}{kept.public_id}/").status_code == 404


def test_nobody_elses_files_are_looked_at(client: Client, row: Row, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hege.web.files.prepare", lambda *_a, **_k: pytest.fail("looked at"))
    sent = {"text": "9月的我付过", "photos": [SimpleUploadedFile("我家.jpg", picture())]}
    assert client.post("/u/aaaaaaaabbbbbbbbcccccccc/wrong/", sent).status_code == 404


def test_an_empty_complaint_comes_back_with_the_number_that_was_typed(client: Client, row: Row):
    answer = client.post(f"{address(row)}wrong/", {"text": "", "phone": "13812345678"})
    assert answer.status_code == 422
    assert "13812345678" in answer.content.decode()


def test_the_sixth_complaint_of_a_day_is_refused_in_words(client: Client, row: Row):
    for number in range(5):
        assert client.post(f"{address(row)}wrong/", {"text": f"第 {number} 次"}).status_code == 302
    answer = client.post(f"{address(row)}wrong/", {"text": "第六次"})
    assert answer.status_code == 422
    assert "今天已经报过 5 次" in answer.content.decode()
    assert client.post(f"{address(row, 1)}wrong/", {"text": "别家"}).status_code == 302


def test_the_page_needs_no_script_and_weighs_at_most_50_kb_with_all_it_loads(client: Client, row: Row):
    row.bill(fen=90_000)
    for _time in range(12):
        row.pay(TransactionKind.RECEIPT, 1_000, on=MARCH, unit=0)
    html = client.get(address(row)).content.decode()
    assert "<script" not in html
    loaded = {re.sub(r"[#?].*", "", path) for path in re.findall(r'(?:href|src)="/static/([^"]+)"', html)}
    sizes = {path: Path(str(finders.find(path))).stat().st_size for path in loaded}
    assert len(html.encode()) + sum(sizes.values()) <= BUDGET, sizes


def test_the_page_asks_a_constant_number_of_times(client: Client, row: Row, django_assert_max_num_queries: Any):
    cut(row, steps=3)
    for _time in range(4):
        row.pay(TransactionKind.RECEIPT, 1_000, on=MARCH, unit=0)
    here = address(row)
    with django_assert_max_num_queries(19):
        client.get(here)


@pytest.mark.parametrize(
    "number", ["13912345678", "139 1234 5678", "１３９１２３４５６７８", "310117199003074518", "wang.li@example.com"]
)
def test_a_number_typed_into_the_words_stands_in_the_reporters_table_alone(client: Client, row: Row, number: str):
    said = f"9月的我付过，找我：{number}。"
    client.post(f"{address(row)}wrong/", {"text": said, "request_key": "k" * 26})
    report = Report.objects.get(street=row.street)
    assert "已隐去］。" in report.text
    holding = {
        model.__name__
        for model in apps.get_models()
        for values in model._default_manager.values_list()
        if any(number in str(value) for value in values)
    }
    assert holding == {"Reporter"}
    assert Reporter.objects.get(report=report).words == said


def test_words_without_a_number_stand_in_the_report_alone(client: Client, row: Row):
    client.post(f"{address(row)}wrong/", {"text": "9月的 320 元我付过。"})
    assert Report.objects.get(street=row.street).text == "9月的 320 元我付过。"
    assert Reporter.objects.get(street=row.street).words == ""
