"""Each fen can be opened: its rows, its evidence, the line it came from; and be proven, denied, taken back, shared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from hege.arrears.queries import who_holds_the_money
from hege.billing.actions import PaymentDraft, take_payments
from hege.billing.chart import TransactionKind
from hege.billing.models import Allocation
from hege.billing.rules import ComponentKind, Method, Rate
from hege.billing.tariff.actions import adopt_tariff
from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.kernel.clock import at_noon
from hege.ledger.actions import Source
from hege.ledger.models import SourceFile, Transaction
from hege.trail.models import TrailLine
from tests.cast import FRAME_QUERIES, NOW, SAMPLE_RATES, Cast, Row, make_row
from tests.web.things import make_places

pytestmark = pytest.mark.django_db
HERE = "/310117006/meters/ZB-1/"
MARCH = dt.date(2026, 3, 1)


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.coordinator)
    return client


def imported(row: Row, *, name: str = "收据 3月.csv") -> Transaction:
    """A receipt booked from a line of a file."""
    file = SourceFile.objects.create(
        street=row.street, kind="receipts", name=name, sha256="a" * 64, content="日期,金额\n".encode(), row_count=1,
        booked_count=1, at=NOW,
    )  # fmt: skip
    source = Source("file", "r-1", "d" * 64, {"商铺编号": "ZB-1-01", "金额": "12.50"}, row_number=7)
    draft = PaymentDraft(
        TransactionKind.RECEIPT, row.point, MARCH, 1_250, confirmed=False, tenancy=row.tenancies[0], source=source
    )
    return Transaction.objects.get(pk=take_payments(row.street, [draft], by=None, at=NOW, file=file)[0])


@pytest.mark.both
def test_the_list_filters_by_kind_level_and_shop(at_desk: Client, row: Row):
    row.pay(TransactionKind.RECEIPT, 111, on=MARCH, unit=0)
    row.pay(TransactionKind.RECEIPT, 222, on=MARCH, unit=1, confirmed=False)
    row.pay(TransactionKind.REMITTANCE, 333, on=MARCH)

    def sums(**query: str) -> list[str]:
        html = at_desk.get(f"{HERE}money/", query).content.decode()
        return [fen for fen in ("1.11", "2.22", "3.33") if f">{fen}<" in html]

    assert sums() == ["1.11", "2.22", "3.33"]
    assert sums(kind="remittance") == ["3.33"]
    assert sums(level="claimed") == ["2.22"]
    assert sums(kind="receipt", level="confirmed") == ["1.11"]
    assert sums(shop="ZB-1-02") == ["2.22"]


def test_a_transaction_shows_its_rows_its_evidence_and_the_line_it_came_from(at_desk: Client, row: Row):
    transaction = imported(row)
    html = at_desk.get(f"{HERE}money/{transaction.pk}/").content.decode()
    for shown in ("代收人往来", "商铺往来", "12.50", "口述", "收据 3月.csv 第 7 行", "a" * 64, "单方说"):
        assert shown in html


def test_the_file_comes_back_byte_for_byte(at_desk: Client, row: Row):
    answer = at_desk.get(f"{HERE}money/{imported(row).pk}/source/")
    assert answer.content == "日期,金额\n".encode()
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_file_with_a_hostile_name_is_still_an_attachment(at_desk: Client, row: Row):
    transaction = imported(row, name="a';\r\nX: y.csv")
    answer = at_desk.get(f"{HERE}money/{transaction.pk}/source/")
    assert "\n" not in answer.headers["Content-Disposition"]


def test_the_agent_may_not_fetch_a_file_with_other_peoples_rows(client: Client, cast: Cast, row: Row):
    transaction = imported(row)
    row.point.roles.update(party=cast.agent_party)
    client.force_login(cast.agent)
    assert client.get(f"{HERE}money/{transaction.pk}/").status_code == 200
    assert client.get(f"{HERE}money/{transaction.pk}/source/").status_code == 404


def test_who_has_a_part_of_the_street_reads_the_row_but_does_not_fetch_the_file(
    client: Client, cast: Cast, row: Row, make_shops: Callable[..., Row]
):
    transaction, other = imported(row), make_shops(code="ZB-2").pay(TransactionKind.REMITTANCE, 5, on=MARCH)
    row.point.place, _there = make_places(cast)
    row.point.save(update_fields=["place"])
    cast.coordinator.memberships.update(path=row.point.place.path)
    client.force_login(cast.coordinator)
    page = client.get(f"{HERE}money/{transaction.pk}/").content.decode()
    assert ("收据 3月.csv 第 7 行" in page, f"{transaction.pk}/source/" in page) == (True, False)
    assert client.get(f"{HERE}money/{transaction.pk}/source/").status_code == 403
    assert client.get(f"/310117006/meters/ZB-2/money/{other.pk}/").status_code == 404


def test_a_transaction_of_another_meter_is_not_under_this_one(
    at_desk: Client, row: Row, make_shops: Callable[..., Row]
):
    other = make_shops(code="ZB-2").pay(TransactionKind.REMITTANCE, 5, on=MARCH)
    assert at_desk.get(f"{HERE}money/{other.pk}/").status_code == 404


def test_a_transaction_of_another_street_is_not_there_nor_can_it_be_reversed(
    at_desk: Client, row: Row, other_cast: Cast
):
    far = make_row(other_cast.street, code="ZB-FAR").pay(TransactionKind.REMITTANCE, 5, on=MARCH)
    assert at_desk.get(f"{HERE}money/{far.pk}/").status_code == 404
    assert at_desk.post(f"{HERE}money/{far.pk}/reverse/", {"reason": "x"}).status_code == 404


PROOF = {"stance": "for", "side": "payee", "kind": "oral_word", "stated_on": "2026-03-02", "document": ""}


def test_the_payees_word_beside_the_payers_proves_a_receipt(client: Client, cast: Cast, row: Row):
    row.bill(fen=90_000)
    transaction = row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=0, confirmed=False)
    client.force_login(cast.grid_worker)
    answer = client.post(f"{HERE}money/{transaction.pk}/evidence/", PROOF)
    assert answer.headers["Location"] == f"{HERE}money/{transaction.pk}/"
    assert who_holds_the_money(row.point, on=MARCH).confirmed.held == 30_000


def test_a_denial_makes_a_payment_contested(at_desk: Client, row: Row):
    transaction = row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=0)
    at_desk.post(f"{HERE}money/{transaction.pk}/evidence/", PROOF | {"stance": "against"})
    assert "有争议" in at_desk.get(f"{HERE}money/{transaction.pk}/").content.decode()


def test_a_statement_from_the_future_comes_back_with_all_that_was_typed(at_desk: Client, row: Row):
    transaction = row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=0)
    answer = at_desk.post(
        f"{HERE}money/{transaction.pk}/evidence/", PROOF | {"stated_on": "2099-01-01", "document": "第 9 号"}
    )
    assert answer.status_code == 422
    assert "日期不能晚于今天" in answer.content.decode()
    assert "第 9 号" in answer.content.decode()


def test_a_reversal_needs_a_reason_and_keeps_both(at_desk: Client, row: Row):
    transaction = row.pay(TransactionKind.REMITTANCE, 30_000, on=MARCH)
    where = f"{HERE}money/{transaction.pk}/reverse/"
    assert at_desk.post(where, {"reason": " "}).status_code == 422
    assert at_desk.post(where, {"reason": "登记了两次"}).status_code == 302
    assert who_holds_the_money(row.point, on=MARCH).confirmed.payable == 0
    html = at_desk.get(f"{HERE}money/").content.decode()
    assert html.count("300.00") == 2
    assert "已冲正" in html


def test_evidence_is_asked_for_where_it_counts(at_desk: Client, row: Row):
    paid, bill = row.pay(TransactionKind.REMITTANCE, 30_000, on=MARCH), row.bill(fen=90_000)
    assert f"{HERE}money/{paid.pk}/evidence/" in at_desk.get(f"{HERE}money/{paid.pk}/").content.decode()
    assert "/evidence/" not in at_desk.get(f"{HERE}money/{bill.transaction_id}/").content.decode()
    answer = at_desk.post(f"{HERE}money/{bill.transaction_id}/evidence/", PROOF)
    assert (answer.status_code, "不用举证" in answer.content.decode()) == (422, True)


def test_a_shared_bill_is_not_reversed_over_its_shares(at_desk: Client, row: Row):
    bill = row.bill(fen=90_000)
    answer = at_desk.post(f"{HERE}money/{bill.transaction_id}/reverse/", {"reason": "错了"})
    assert answer.status_code == 422
    assert "请先冲正那些" in answer.content.decode()


def test_an_auditor_looks_but_does_not_reverse(client: Client, cast: Cast, row: Row):
    transaction = row.pay(TransactionKind.REMITTANCE, 30_000, on=MARCH)
    client.force_login(cast.auditor)
    assert "冲正这一笔" not in client.get(f"{HERE}money/{transaction.pk}/").content.decode()
    assert client.post(f"{HERE}money/{transaction.pk}/reverse/", {"reason": "x"}).status_code == 403


def test_a_bill_shows_each_shops_part_and_proves_the_sum(at_desk: Client, row: Row):
    bill = row.bill(m3=100)
    html = at_desk.get(f"{HERE}bills/{bill.pk}/").content.decode()
    assert "各户合计与账单逐项核对，差 0.00 元" in html
    assert html.count("609.60") >= 2


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("3.99", "与“2026 年水价”（2026年1月1日 起）算的一分不差"),
        ("3.90", "账单 B-1 的 609.60 元，比按“2026 年水价”算的 600.60 元多 9.00 元"),
        ("4.00", "账单 B-1 的 609.60 元，比按“2026 年水价”算的 610.60 元少 1.00 元"),
    ],
)
def test_a_bill_stands_beside_what_the_price_list_gives(at_desk: Client, row: Row, price: str, said: str):
    bill = row.bill(m3=100)
    assert "还没有登记这一账期的水价" in at_desk.get(f"{HERE}bills/{bill.pk}/").content.decode()
    rates = [Rate(ComponentKind.SUPPLY, Decimal(price)), SAMPLE_RATES[1]]
    adopt_tariff(
        row.street,
        name="2026 年水价",
        from_on=dt.date(2026, 1, 1),
        rates=rates,
        decision="沪发改 1 号",
        by=None,
        at=NOW,
    )
    assert said in at_desk.get(f"{HERE}bills/{bill.pk}/").content.decode()


def test_a_bill_shared_again_by_a_decision_posts_the_difference_and_keeps_the_old_statement(at_desk: Client, row: Row):
    bill = row.bill(fen=90_000)
    answer = at_desk.post(f"{HERE}bills/{bill.pk}/share/", {"method": Method.AREA, "decision": "第 3 次会议"})
    assert answer.status_code == 302
    assert Allocation.objects.filter(bill=bill).count() == 2
    assert who_holds_the_money(row.point, on=MARCH).confirmed.difference == 0
    assert "第 3 次会议" in at_desk.get(f"{HERE}bills/{bill.pk}/").content.decode()


def test_sharing_again_without_a_decision_is_refused(at_desk: Client, row: Row):
    bill = row.bill(fen=90_000)
    assert at_desk.post(f"{HERE}bills/{bill.pk}/share/", {"method": Method.AREA, "decision": ""}).status_code == 422


def test_an_unshared_bill_can_be_tried_again_and_says_what_is_still_missing(
    at_desk: Client, make_shops: Callable[..., Row]
):
    shops = make_shops(code="ZB-1", method=Method.SUB_METER)
    bill = shops.bill(fen=90_000)
    answer = at_desk.post(f"{HERE}bills/{bill.pk}/share/", {"first": "1"}, follow=True)
    assert answer.content.decode().count("没有这一账期的分表用水量") >= 2


def test_the_pages_of_the_book_ask_a_constant_number_of_times(
    at_desk: Client, make_shops: Callable[..., Row], django_assert_max_num_queries: object
):
    shops = make_shops(code="ZB-1", shops=8)
    bill = shops.bill(m3=100)
    transaction = shops.pay(TransactionKind.RECEIPT, 100, on=MARCH, unit=0)
    for unit in range(8):
        shops.pay(TransactionKind.RECEIPT, 100 + unit, on=MARCH, unit=unit)
    for address, most in (
        ("money/", 7),
        (f"money/{transaction.pk}/", 10),
        ("bills/", 4),
        (f"bills/{bill.pk}/", 23),
        ("readings/", 4),
    ):
        with django_assert_max_num_queries(most + FRAME_QUERIES):  # type: ignore[operator]
            at_desk.get(HERE + address)


def test_each_export_is_on_the_trail_with_its_number_of_rows(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    answer = at_desk.post(f"{HERE}export/")
    line = TrailLine.objects.filter(verb="export_shops").get()
    assert line.data["rows"] == 3
    assert at_desk.get(answer.headers["Location"]).status_code == 200


def test_nobody_fetches_an_export_without_a_ticket_of_their_own(client: Client, cast: Cast, row: Row):
    row.bill(fen=90_000)
    client.force_login(cast.coordinator)
    address = client.post(f"{HERE}export/").headers["Location"]
    client.force_login(cast.grid_worker)
    assert client.get(address).status_code == 404
    assert client.get(f"/{row.street.code}/jobs/taken/made-up/").status_code == 404
    assert client.post(f"{HERE}export/").status_code == 403


def test_a_look_never_exports(at_desk: Client, row: Row):
    assert at_desk.get(f"{HERE}export/").status_code == 405
    assert not TrailLine.objects.filter(verb="export_shops").exists()


def test_late_learnt_transactions_say_when_they_were_learnt(at_desk: Client, row: Row):
    row.pay(TransactionKind.REMITTANCE, 30_000, on=dt.date(2026, 1, 5))
    assert at_noon(dt.date(2026, 11, 23)) == NOW
    assert "11月23日 12:00 才登记" in at_desk.get(f"{HERE}money/").content.decode()


def test_what_was_owed_before_is_booked_by_the_coordinator_with_its_paper(at_desk: Client, row: Row):
    wishes = {"on": "2025-12-31", "payable_fen": "12,345.60", "document": "水司对账单 2025-12"}
    assert at_desk.post(f"{HERE}money/opening/", wishes).status_code == 302
    assert who_holds_the_money(row.point, on=MARCH).confirmed.unexplained == 1_234_560
    page = at_desk.get(f"{HERE}money/opening/").content.decode()
    assert "已经有一笔期初（2025年12月31日）" in page


def test_an_opening_of_nothing_or_of_tomorrow_is_refused(at_desk: Client, row: Row):
    wishes = {"on": (clock.today() + DAY).isoformat(), "payable_fen": "0", "document": "对账单"}
    page = at_desk.post(f"{HERE}money/opening/", wishes).content.decode()
    assert "日期不能晚于今天" in page
    assert "金额不能少于" in page


def test_only_the_coordinator_books_an_opening(client: Client, cast: Cast, row: Row):
    client.force_login(cast.grid_worker)
    assert "money/opening/" not in client.get(f"{HERE}money/").content.decode()
    assert client.get(f"{HERE}money/opening/").status_code == 403
