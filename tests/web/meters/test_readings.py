"""抄表 from the page: an index is written down, put right with a reason, and goes on in the next meter."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hege.billing.rules import Method
from hege.kernel import clock
from hege.metering.actions import ReadingDraft, record_readings
from hege.metering.models import Meter, Reading
from hege.metering.rules import MeterKind
from hege.people.models import Street
from tests.attachments.files import picture
from tests.cast import DAY, FRAME_QUERIES, NOW, Cast, Row, install_meter, make_row
from tests.web.office import complaints, words

pytestmark = pytest.mark.django_db
HERE = "/310117006/meters/ZB-1/readings/"
BY: Any = {"by": None, "at": NOW}
M3 = 1000


@pytest.fixture
def row(cast: Cast, street: Street) -> Row:
    """Three shops with a sub-meter each; January was shared by what they read: 30, 40 and 50 m³."""
    row = make_row(street, method=Method.SUB_METER)
    meters = [
        install_meter(row.point, number=f"FB-{n}", kind=MeterKind.SUB, unit=unit, started_on=DAY, digits=5, **BY)
        for n, unit in enumerate(row.units, start=1)
    ]
    read = [ReadingDraft(m, dt.date(2026, 1, 31), m3 * M3) for m, m3 in zip(meters, (30, 40, 50), strict=True)]
    record_readings(street, read, **BY)
    row.bill("B-JAN", fen=120_000)
    return row


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.grid_worker)
    return client


def meter(number: str) -> Meter:
    return Meter.objects.get(number=number)


def reading(number: str = "FB-1") -> Reading:
    return Reading.objects.get(meter__number=number, corrected_by__isnull=True)


def sent(at_desk: Client, tail: str, **data: object) -> Any:
    return at_desk.post(f"{HERE}{tail}", data)


def test_an_index_is_written_down_in_cubic_metres(at_desk: Client, row: Row, cast: Cast):
    answer = sent(
        at_desk, "new/", meter=meter("FB-1").pk, read_on="2026-02-28", litres="1,062.5", method="on_site", reader="小李"
    )
    assert answer.status_code == 302, complaints(answer)
    made = Reading.objects.get(read_on=dt.date(2026, 2, 28))
    assert (made.litres, made.reader, made.by) == (1_062_500, "小李", cast.grid_worker)
    assert "1,062.5 m³" in words(at_desk.get(HERE))


@pytest.mark.both
@pytest.mark.parametrize(
    ("litres", "read_on", "said"),
    [
        ("一百", "2026-02-28", "行度（立方米）：请写表上的数"),
        ("20", "2026-02-28", "行度（立方米）：行度比上次"),
        ("35", "2026-01-31", "抄表日期：这块表这一天已经抄过"),
    ],
)
def test_a_bad_index_comes_back_at_its_field(at_desk: Client, row: Row, litres: str, read_on: str, said: str):
    Meter.objects.filter(number="FB-1").update(diameter_mm=20)
    answer = sent(
        at_desk, "new/", meter=meter("FB-1").pk, read_on=read_on, litres=litres, method="on_site", reader="小李"
    )
    assert answer.status_code == 422
    assert complaints(answer)[0].startswith(said)


def test_a_correction_keeps_the_old_index_and_leads_to_sharing_the_bill_again(at_desk: Client, row: Row):
    old = reading()
    page = words(at_desk.get(f"{HERE}{old.pk}/correct/"))
    assert "账单 B-JAN 是按它分摊的" in page
    answer = sent(at_desk, f"{old.pk}/correct/", litres="60", reason="两位数抄反")
    bill = row.point.bills.get()
    assert answer.headers["Location"] == f"/310117006/meters/ZB-1/bills/{bill.pk}/"
    assert "账单 B-JAN 是按更正以前的读数分摊的" in words(at_desk.get(answer.headers["Location"]))
    assert (reading().litres, reading().corrects) == (60 * M3, old)
    page = words(at_desk.get(HERE))
    assert "已被更正" in page
    assert "两位数抄反" in page
    assert f"{old.pk}/correct/" not in page


def test_the_bill_says_so_until_it_is_shared_again(at_desk: Client, row: Row, cast: Cast, client: Client):
    bill = row.point.bills.get()
    address = f"/310117006/meters/ZB-1/bills/{bill.pk}/"
    assert "底数改过了" not in words(at_desk.get(address))
    sent(at_desk, f"{reading().pk}/correct/", litres="60", reason="两位数抄反")
    assert "底数改过了" in words(at_desk.get(address))
    client.force_login(cast.coordinator)
    client.post(f"{address}share/", {"method": "sub_meter", "decision": "11月16日联席会议第 5 项"})
    assert "底数改过了" not in words(client.get(address))


def test_a_correction_that_shares_nothing_otherwise_goes_back_to_the_readings(at_desk: Client, row: Row):
    late = record_readings(row.street, [ReadingDraft(meter("FB-1"), dt.date(2026, 6, 30), 90 * M3)], **BY)[0]
    assert sent(at_desk, f"{late.pk}/correct/", litres="95", reason="看错").headers["Location"] == HERE


def test_a_correction_needs_a_reason_and_happens_once(at_desk: Client, row: Row):
    old = reading()
    assert sent(at_desk, f"{old.pk}/correct/", litres="31", reason="").status_code == 422
    sent(at_desk, f"{old.pk}/correct/", litres="31", reason="看错")
    answer = sent(at_desk, f"{old.pk}/correct/", litres="32", reason="又看错")
    assert complaints(answer) == ["这一次抄表已经更正过，请更正最新的一次。"]


def test_an_exchange_goes_on_in_the_new_meter(at_desk: Client, row: Row):
    today = clock.today()
    answer = sent(
        at_desk, "exchange/", meter=meter("FB-1").pk, on=today, last_litres="77", number="FB-1B", first_litres="0",
        diameter_mm="20",
    )  # fmt: skip
    assert answer.status_code == 302, complaints(answer)
    old, new = meter("FB-1"), meter("FB-1B")
    assert (old.ended_on, old.ended_litres, new.started_on, new.diameter_mm) == (today, 77 * M3, today, 20)
    assert (new.unit, new.point) == (old.unit, old.point)


@pytest.mark.parametrize("pictures", [0, 1])
def test_an_exchange_without_a_picture_of_the_dial_says_so_from_then_on(at_desk: Client, row: Row, pictures: int):
    papers = [SimpleUploadedFile("表盘.jpg", picture(size=(60, 40)))] * pictures
    fields = {"meter": meter("FB-1").pk, "on": clock.today(), "last_litres": "77", "number": "FB-9", "first_litres": 0}
    assert sent(at_desk, "exchange/", **fields, papers=papers).status_code == 302
    told = words(at_desk.get(HERE))
    assert ("旧表的读数都留着。没有表盘照片" in told) is (pictures == 0)
    assert ("FB-9 是" in told) is (pictures == 0)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"number": "FB-2"}, "新表表号：表号 FB-2 已登记"),
        ({"last_litres": "20", "on": "2026-02-28"}, "旧表拆下时的行度（立方米）：行度比上次"),
        ({"on": "2026-01-15"}, "换表日期：这块表在换表日期之后还有抄表记录"),
    ],
)
def test_an_exchange_that_cannot_be_comes_back_at_its_field(at_desk: Client, row: Row, wish: dict[str, str], said: str):
    Meter.objects.filter(number="FB-1").update(diameter_mm=20)
    fields = {"meter": meter("FB-1").pk, "on": clock.today(), "last_litres": "77", "number": "FB-9", "first_litres": 0}
    answer = sent(at_desk, "exchange/", **{**fields, **wish})
    assert answer.status_code == 422
    assert complaints(answer)[0].startswith(said)


@pytest.mark.both
def test_an_auditor_looks_at_readings_and_writes_none(client: Client, row: Row, cast: Cast):
    client.force_login(cast.auditor)
    assert "correct/" not in words(client.get(HERE))
    for tail in ("new/", "exchange/", f"{reading().pk}/correct/"):
        assert client.get(f"{HERE}{tail}").status_code == 403


def test_a_reading_of_another_meter_is_not_there(at_desk: Client, row: Row, make_shops: Any):
    make_shops(code="ZB-2")
    assert at_desk.get(f"/310117006/meters/ZB-2/readings/{reading().pk}/correct/").status_code == 404


def test_the_readings_ask_as_often_for_many_as_for_few(at_desk: Client, row: Row, django_assert_max_num_queries: Any):
    record_readings(row.street, [ReadingDraft(meter("FB-2"), dt.date(2026, 2, d), 41 * M3) for d in range(1, 20)], **BY)
    with django_assert_max_num_queries(FRAME_QUERIES + 6):
        at_desk.get(HERE)
