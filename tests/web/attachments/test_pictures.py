"""What may be done to a picture: black bars over it, a look at it as it came; and how much of what is confirmed has one."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from hege.attachments.models import Attachment
from hege.billing.chart import TransactionKind
from hege.billing.models import Acknowledgement, Payment
from hege.trail.models import TrailLine
from tests.attachments.files import GPS, pdf, phone_photo, picture
from tests.cast import Cast, Row
from tests.web.office import words

pytestmark = pytest.mark.django_db
MARCH = dt.date(2026, 3, 1)
MONEY = "/310117006/meters/ZB-1/money/"
SHOP = "/310117006/meters/ZB-1/shops/ZB-1-01/"
PAID = {"kind": "receipt", "on": "2026-03-02", "amount_fen": "100", "proven": "yes", "voucher": "SJ-7"}


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.coordinator)
    return client


def paid(client: Client, data: bytes, name: str = "收据.jpg") -> Attachment:
    """A payment that was booked with a picture of its receipt."""
    answer = client.post(f"{SHOP}pay/", {**PAID, "papers": [SimpleUploadedFile(name, data)]})
    assert answer.status_code == 302, answer.content.decode()
    return Attachment.objects.get()


def test_a_payment_is_booked_with_a_picture_of_its_receipt(at_desk: Client, row: Row):
    kept = paid(at_desk, phone_photo())
    payment = Payment.objects.get()
    assert (kept.about, kept.about_id, kept.purpose) == ("ledger.event", payment.transaction_id, "receipt")
    page = at_desk.get(f"{MONEY}{payment.transaction_id}/").content.decode()
    assert f"/files/transactions/{kept.public_id}/small/" in page


def test_an_admission_is_kept_with_its_signed_page(at_desk: Client, row: Row):
    said = {"on": "2026-03-02", "amount_fen": "120", "voucher": "签 7"}
    at_desk.post(f"{SHOP}acknowledge/", {**said, "papers": [SimpleUploadedFile("签字单.pdf", pdf())]})
    kept = Attachment.objects.get()
    assert (kept.about_id, kept.purpose) == (Acknowledgement.objects.get().pk, "signed_page")
    answer = at_desk.get(f"/310117006/files/acknowledgements/{kept.public_id}/")
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''%E7%AD%BE%E5%AD%97%E5%8D%95.pdf"
    assert (answer["Content-Type"], answer.content) == ("application/pdf", pdf())
    assert at_desk.get(f"/310117006/files/acknowledgements/{kept.public_id}/small/").status_code == 404
    assert "签字单.pdf" in at_desk.get(SHOP).content.decode()


def test_a_statement_brings_its_paper(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    transaction = row.pay(TransactionKind.RECEIPT, 10_000, on=MARCH, unit=0, confirmed=False)
    said = {"stance": "for", "side": "third", "kind": "bank_line", "stated_on": "2026-03-02", "document": "回单"}
    files = {"papers": [SimpleUploadedFile("回单.jpg", picture())]}
    assert at_desk.post(f"{MONEY}{transaction.pk}/evidence/", {**said, **files}).status_code == 302
    assert Attachment.objects.get().about_id == transaction.pk
    assert TrailLine.objects.get(verb="state_evidence").data["files"] == 1


def test_the_money_page_tells_what_was_seen_from_what_was_typed(at_desk: Client, row: Row):
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 30_000, on=MARCH, unit=1)
    row.pay(TransactionKind.RECEIPT, 50_000, on=MARCH, unit=2, confirmed=False)
    paid(at_desk, picture())
    page = words(at_desk.get(MONEY))
    assert "已证实的收付 2 笔 400.00 元，其中 1 笔 100.00 元（25.0%）的凭证有照片在这里" in page
    assert page.count("</svg> 有照片") == 1
    assert re.search(r'<a href="[^"]+/files/transactions/\w+/">SJ-7</a>', at_desk.get(SHOP).content.decode())


def test_the_auditor_draws_a_sample_that_anybody_can_draw_again(at_desk: Client, cast: Cast, row: Row):
    row.bill(fen=90_000)
    for unit in range(3):
        for fen in range(1, 11):
            row.pay(TransactionKind.RECEIPT, fen * 100, on=MARCH, unit=unit)
    paid(at_desk, picture())
    at_desk.force_login(cast.auditor)

    def drawn(seed: str) -> list[str]:
        page = words(at_desk.get("/310117006/trail/papers/", {"seed": seed}))
        assert "31 笔" in page
        return re.findall(rf"{MONEY}(\d+)/", page)

    first = drawn("2026-11-25 甲")
    assert len(first) == len(set(first)) == 20
    assert drawn("2026-11-25 甲") == first
    assert drawn("2026-11-25 乙") != first


def test_who_looks_at_an_original_says_why_and_is_on_the_trail(at_desk: Client, cast: Cast, row: Row):
    kept = paid(at_desk, phone_photo())
    here = f"/310117006/files/{kept.public_id}/original/"
    assert "看一次留痕一次" in at_desk.get(here).content.decode()
    assert at_desk.post(here, {"reason": ""}).status_code == 422
    assert not TrailLine.objects.filter(verb="look_at_original").exists()
    ticket = at_desk.post(here, {"reason": "核对签字"})["Location"]
    assert TrailLine.objects.filter(verb="look_at_original", by=cast.coordinator).count() == 1
    answer = at_desk.get(ticket)
    assert GPS in answer.content
    assert (answer["Content-Type"], answer["Content-Disposition"][:10]) == ("application/octet-stream", "attachment")
    at_desk.force_login(cast.auditor)
    assert at_desk.get(ticket).status_code == 404
    at_desk.force_login(cast.grid_worker)
    assert at_desk.get(here).status_code == 404


def test_black_bars_stand_on_the_picture_from_then_on(at_desk: Client, row: Row):
    kept = paid(at_desk, picture())
    here = f"/310117006/files/{kept.public_id}/cover/"
    assert at_desk.get(here).status_code == 200
    assert at_desk.post(here, {"bars": "100 200"}).status_code == 422
    assert at_desk.post(here, {"bars": "0,0,2000,10"}).status_code == 422
    assert at_desk.post(here, {"bars": "0,0,500,1000"}).status_code == 302
    assert at_desk.get(f"/310117006/files/transactions/{kept.public_id}/").status_code == 404
    covered = Attachment.objects.get(covers=kept)
    shown: Any = Image.open(io.BytesIO(at_desk.get(f"/310117006/files/transactions/{covered.public_id}/").content))
    assert max(shown.getpixel((100, 240))) < 20
    assert shown.getpixel((600, 240))[2] > 150
    assert at_desk.get(here).status_code == 404
