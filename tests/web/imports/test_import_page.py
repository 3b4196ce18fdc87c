"""Choose, see, confirm: three steps on one page, and nothing stored before the third."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from hege.billing.models import Payment
from hege.imports.layouts import TEMPLATES
from hege.imports.models import StagedFile
from hege.ledger.models import SourceFile, Transaction
from hege.people.models import Role, Street, User
from tests.cast import Cast, make_cast
from tests.imports.books import claiming, old_book
from tests.imports.files import RECEIPTS, UNITS, a_street, csv_of, receipt, unit, xlsx_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shops(street: Street, cast: Cast) -> Street:
    return a_street(street)


def at_desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk(shops: Street, cast: Cast) -> Client:
    return at_desk(cast.coordinator)


def send(client: Client, content: bytes, kind: str = "receipts", name: str = "三月.csv") -> HttpResponse:
    file = SimpleUploadedFile(name, content)
    answer = client.post("/310117006/imports/check/", {"kind": kind, "file": file})
    assert isinstance(answer, HttpResponse)
    return answer


def staged() -> StagedFile:
    return StagedFile.objects.get()


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_the_first_step_offers_every_kind_and_its_template(desk: Client):
    page = text(desk.get("/310117006/imports/"))  # type: ignore[arg-type]
    for kind in TEMPLATES:
        assert f"/310117006/imports/template/{kind.value}/" in page
        assert f'value="{kind.value}"' in page


def test_no_kind_is_chosen_beforehand_and_the_headings_say_which(desk: Client):
    page = text(desk.get("/310117006/imports/"))  # type: ignore[arg-type]
    assert '<option value="" selected' in page
    page = text(send(desk, csv_of(RECEIPTS, [receipt()]), kind=""))
    assert "看表头认作“商铺交给代收人”" in page
    assert (staged().kind, 'value="receipts" selected' in page) == ("receipts", True)
    answer = send(desk, csv_of("日期,商铺编号,金额", [["2026-02-10", "001", "5"]]), kind="")
    assert (answer.status_code, "分不清" in text(answer)) == (422, True)


def test_a_preview_shows_counts_and_totals_and_books_nothing(desk: Client):
    before = Transaction.objects.count()
    answer = send(desk, csv_of(RECEIPTS, [receipt(), receipt("R-2", code="002")]))
    assert answer.status_code == 200
    page = text(answer)
    assert "新增 2" in page
    assert "登记这 2 行" in page
    assert "609.60" in page
    assert "409.60" in page
    assert (Transaction.objects.count(), Payment.objects.count()) == (before, 0)


def test_confirming_books_the_file_and_lets_it_go(desk: Client, cast: Cast):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    answer = desk.post(f"/310117006/imports/{staged().public_id}/confirm/", follow=True)
    assert "三月.csv：已导入：新增 1 行" in text(answer)  # type: ignore[arg-type]
    assert (Payment.objects.count(), bytes(staged().content)) == (1, b"")
    assert SourceFile.objects.get(kind="receipts").by == cast.coordinator


def test_confirming_again_leads_where_the_first_yes_did_and_says_that_it_is_done(desk: Client):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    address = f"/310117006/imports/{staged().public_id}/confirm/"
    first, again = desk.post(address), desk.post(address, follow=True)
    assert again.redirect_chain == [(first.headers["Location"], 302)]
    assert "三月.csv 已经导入，这次没有再登记" in again.content.decode()
    assert Payment.objects.count() == 1
    assert desk.post(address.replace("confirm", "marked")).status_code == 422


def test_a_preview_in_a_second_tab_leaves_the_first_one_to_be_confirmed(desk: Client):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    first = staged().public_id
    for n in range(2, 6):
        send(desk, csv_of(RECEIPTS, [receipt(f"R-{n}")]))
    assert StagedFile.objects.count() == 5
    assert desk.post(f"/310117006/imports/{first}/confirm/").status_code == 302
    send(desk, csv_of(RECEIPTS, [receipt("R-6")]))
    assert (Payment.objects.count(), StagedFile.objects.count()) == (1, 5)


def test_the_same_file_again_says_when_it_came_and_offers_no_button(desk: Client):
    content = csv_of(RECEIPTS, [receipt()])
    send(desk, content)
    desk.post(f"/310117006/imports/{staged().public_id}/confirm/")
    page = text(send(desk, content))
    assert "没有要做的" in page
    assert "/confirm/" not in page


def test_faults_stand_on_the_page_and_all_of_them_in_the_senders_workbook(desk: Client):
    rows = [receipt(f"R-{n}", code="999") for n in range(60)]
    answer = send(desk, xlsx_of(RECEIPTS, rows), name="三月.xlsx")
    page = text(answer)
    assert answer.status_code == 422
    assert "<title>有错：" in page
    assert "前 50 处，共 60 处" in page
    assert "/confirm/" not in page
    back = desk.post(f"/310117006/imports/{staged().public_id}/marked/")
    assert "attachment" in back.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(back.content)).active
    assert sheet is not None
    assert len([c for c in sheet["I"] if c.value]) == 61
    assert Payment.objects.count() == 0


def test_changed_cells_show_what_was_and_what_will_be(desk: Client):
    page = text(send(desk, csv_of(UNITS, [unit(name="新店名")]), kind="units"))
    assert "001 号铺" in page
    assert "<b>新店名</b>" in page


def test_a_refused_file_comes_back_with_its_reason(desk: Client):
    for content, reason in ((b"%PDF-1.7", "PDF"), (csv_of("甲,乙", [["1", "2"]]), "表头缺少")):
        answer = send(desk, content)
        assert answer.status_code == 422
        assert reason in text(answer)
    assert StagedFile.objects.count() == 0


def test_a_workbook_that_fells_its_reader_is_a_sentence_however_often_it_comes(desk: Client):
    poison = claiming(old_book([RECEIPTS.split(","), receipt()]), 2**32 - 1, 256)
    for _time in range(3):
        answer = send(desk, poison)
        assert answer.status_code == 422
        assert "文件已损坏" in text(answer)
    assert send(desk, csv_of(RECEIPTS, [receipt()])).status_code == 200


def test_a_file_that_is_too_large_is_refused_by_its_size(desk: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hege.imports.sheets.MOST_BYTES", 100)
    answer = send(desk, csv_of(RECEIPTS, [receipt(f"R-{n}") for n in range(20)]))
    assert answer.status_code == 422
    assert "MB" in text(answer)


def test_hostile_cells_are_shown_as_text(desk: Client):
    page = text(send(desk, csv_of(RECEIPTS, [receipt(code="<script>alert(1)</script>")])))
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_preview_of_one_person_is_nobody_elses(desk: Client, cast: Cast, other_street: Street):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    address = f"/310117006/imports/{staged().public_id}/confirm/"
    assert at_desk(cast.administrator).post(address).status_code == 422
    stranger = make_cast(other_street)
    assert at_desk(stranger.coordinator).post(address).status_code == 404
    moved = address.replace("310117006", other_street.code)
    assert at_desk(stranger.coordinator).post(moved).status_code == 422
    assert Payment.objects.count() == 0


def test_a_preview_that_has_expired_is_not_booked(desk: Client):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    StagedFile.objects.update(expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert desk.post(f"/310117006/imports/{staged().public_id}/confirm/").status_code == 422
    assert Payment.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "see", "send_in"),
    [(Role.COORDINATOR, 200, 200), (Role.ADMINISTRATOR, 200, 200), (Role.AUDITOR, 200, 403), (Role.AGENT, 404, 404)],
)
def test_who_may_look_and_who_may_bring_in(shops: Street, cast: Cast, role: Role, see: int, send_in: int):
    client = at_desk(cast.of(role))
    assert client.get("/310117006/imports/").status_code == see
    assert send(client, csv_of(RECEIPTS, [receipt()])).status_code == send_in


def test_a_template_downloads_and_an_unknown_one_does_not(desk: Client):
    answer = desk.get("/310117006/imports/template/direct-payments/")
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames == ["商铺直接交水司", "说明"]
    assert desk.get("/310117006/imports/template/money/").status_code == 404


def test_who_has_a_part_of_the_street_imports_nothing_for_the_rest(desk: Client, cast: Cast):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    cast.coordinator.memberships.update(path="S/B1/")
    page = desk.get("/310117006/imports/")
    assert (page.status_code, "只给管全街道的" in text(page)) == (403, True)  # type: ignore[arg-type]
    assert desk.get("/310117006/imports/template/units/").status_code == 403
    assert send(desk, csv_of(RECEIPTS, [receipt("R-2")])).status_code == 403
    for step in ("confirm", "marked"):
        assert desk.post(f"/310117006/imports/{staged().public_id}/{step}/").status_code == 403
    assert Transaction.objects.filter(source_row__file__name="三月.csv").count() == 0


def test_the_menu_leads_to_imports_only_for_the_whole_street(desk: Client, cast: Cast):
    assert 'href="/310117006/imports/"' in text(desk.get("/310117006/"))  # type: ignore[arg-type]
    cast.coordinator.memberships.update(path="S/B1/")
    assert 'href="/310117006/imports/"' not in text(desk.get("/310117006/"))  # type: ignore[arg-type]


def test_two_papers_of_one_payment_are_chosen_between_row_by_row(desk: Client):
    send(desk, csv_of(RECEIPTS, [receipt("4200000000000001")]))
    desk.post(f"/310117006/imports/{staged().public_id}/confirm/")
    StagedFile.objects.all().delete()
    page = text(send(desk, csv_of(RECEIPTS, [receipt("")]), name="笔记本.csv"))
    paid = Transaction.objects.get(kind="receipt")
    name = SourceFile.objects.get(name="三月.csv").sha256[:12] + ".2"
    assert f'type="radio" name="row-2" value="same:{name}" required' in page
    assert "4200000000000001（三月.csv 第 2 行" in page
    address = f"/310117006/imports/{staged().public_id}/confirm/"
    unanswered = desk.post(address)
    assert (unanswered.status_code, Payment.objects.count()) == (422, 1)
    assert desk.post(address, {"row-2": f"same:{name}"}).status_code == 302
    assert (Payment.objects.count(), paid.evidence.count()) == (1, 2)
