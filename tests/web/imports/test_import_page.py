"""Choose, see, confirm: files chosen together, one pile, and nothing booked before the one yes."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.billing.models import Payment
from hege.imports.layouts import TEMPLATES, FileKind
from hege.imports.models import Pile, StagedFile
from hege.ledger.models import SourceFile, Transaction
from hege.people.models import Role, Street, User
from tests.cast import Cast, make_cast
from tests.imports.books import claiming, old_book
from tests.imports.files import (
    BILLS,
    MASTER,
    METERS,
    RECEIPTS,
    UNITS,
    a_street,
    bill,
    csv_of,
    receipt,
    taken,
    unit,
    xlsx_of,
)

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
    """Choose one file; the page of its pile, or the form where it was refused."""
    return send_all(client, SimpleUploadedFile(name, content), kind=kind)


def send_all(client: Client, *files: SimpleUploadedFile, kind: str = "") -> HttpResponse:
    answer = client.post("/310117006/imports/choose/", {"kind": kind, "file": [*files]}, follow=True)
    assert isinstance(answer, HttpResponse)
    return answer


def pile_at(step: str = "") -> str:
    """The address of the pile chosen last, or of a step of it."""
    return f"/310117006/imports/piles/{Pile.objects.latest('pk').public_id}/{step}"


def file_at(step: str) -> str:
    """The address of a step of the file chosen last."""
    return pile_at(f"{StagedFile.objects.latest('pk').public_id}/{step}")


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
    assert "商铺交给代收人" in page
    assert "登记这 1 行" in page


def test_a_file_whose_headings_say_no_kind_waits_for_one_to_be_chosen(desk: Client):
    page = text(send(desk, csv_of("日期,商铺编号,金额", [["2026-02-10", "001", "5"]]), kind=""))
    assert "分不清" in page
    assert "/confirm/" not in page
    page = text(desk.post(file_at("say/"), {"kind": "receipts"}, follow=True))  # type: ignore[arg-type]
    assert "登记这 1 行" in page


def test_a_look_shows_counts_and_totals_and_books_nothing(desk: Client):
    before = Transaction.objects.count()
    answer = send(desk, csv_of(RECEIPTS, [receipt(), receipt("R-2", code="002")]))
    assert answer.status_code == 200
    page = text(answer)
    assert "<h1>1 份文件读得出，可以登记 2 行</h1>" in page
    assert "新增 2" in page
    assert "登记这 2 行" in page
    assert "609.60" in page
    assert "409.60" in page
    assert (Transaction.objects.count(), Payment.objects.count()) == (before, 0)


def test_looking_at_a_pile_writes_nothing(desk: Client):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    with CaptureQueriesContext(connection) as asked:
        for step in ("", "done/"):
            desk.get(pile_at(step))
        for step in ("columns/", "lines/"):
            assert desk.get(file_at(step)).status_code == 200
    wrote = [
        q["sql"]
        for q in asked
        if not q["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE")) and '"people_session"' not in q["sql"]
    ]
    assert wrote == []


def test_confirming_books_the_file_and_lets_it_go(desk: Client, cast: Cast):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    answer = desk.post(pile_at("confirm/"), follow=True)
    assert "1 块总表、3 户、1 张账单；代收人手里 100.00 元，商铺欠 509.60 元" in text(answer)  # type: ignore[arg-type]
    assert (Payment.objects.count(), bytes(StagedFile.objects.get().content)) == (1, b"")
    assert SourceFile.objects.get(kind="receipts").by == cast.coordinator


def test_confirming_again_leads_where_the_first_yes_did_and_says_that_it_is_done(desk: Client):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    first, again = desk.post(pile_at("confirm/")), desk.post(pile_at("confirm/"), follow=True)
    assert again.redirect_chain == [(first.headers["Location"], 302)]
    assert "这一叠已经登记，这次没有再登记" in again.content.decode()
    assert Payment.objects.count() == 1
    assert desk.post(file_at("marked/")).status_code == 422
    assert desk.get(pile_at()).headers["Location"] == pile_at("done/")


@pytest.mark.both
def test_a_pile_in_a_second_tab_leaves_the_first_one_to_be_confirmed(desk: Client):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    first = pile_at("confirm/")
    for n in range(2, 6):
        send(desk, csv_of(RECEIPTS, [receipt(f"R-{n}")]))
    assert Pile.objects.count() == 5
    assert desk.post(first).status_code == 302
    send(desk, csv_of(RECEIPTS, [receipt("R-6")]))
    assert (Payment.objects.count(), Pile.objects.count()) == (1, 5)


def test_the_same_file_again_says_when_it_came_and_offers_no_button(desk: Client):
    content = csv_of(RECEIPTS, [receipt()])
    send(desk, content)
    desk.post(pile_at("confirm/"))
    page = text(send(desk, content))
    assert "没有要做的" in page
    assert "导入过" in page
    assert "/confirm/" not in page


def test_faults_alike_stand_together_on_the_page_and_each_in_the_senders_workbook(desk: Client):
    rows = [receipt(f"R-{n}", code=f"{900 + n % 20}") for n in range(60)]
    page = text(send(desk, xlsx_of(RECEIPTS, rows), name="三月.xlsx"))
    assert "<title>有错：" in " ".join(page.split()).replace("<title> ", "<title>")
    assert "<h1>1 份文件读得出，1 处请您看一眼</h1>" in page
    assert "60 行：名册里没有这个商铺" in " ".join(page.split()).replace(" ：", "：")
    assert "20 个不同的值：900、901" in page
    assert "先导入商铺名册" in page
    assert "/confirm/" not in page
    back = desk.post(file_at("marked/"))
    assert "attachment" in back.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(back.content)).active
    assert sheet is not None
    assert len([c for c in sheet["I"] if c.value]) == 61
    assert Payment.objects.count() == 0


def test_a_single_cell_is_set_right_in_the_page(desk: Client):
    page = text(send(desk, csv_of(RECEIPTS, [receipt(amount="12.345")])))
    assert 'name="cell-2-金额"' in page
    page = text(desk.post(file_at("say/"), {"cell-2-金额": "12.35"}, follow=True))  # type: ignore[arg-type]
    assert "照您说的读作“12.35”" in page
    desk.post(pile_at("confirm/"))
    assert Payment.objects.get().amount_fen == 1235


def test_files_chosen_together_are_one_pile_with_one_yes(street: Street, cast: Cast):
    desk = at_desk(cast.coordinator)
    told = {
        "收款.csv": csv_of(RECEIPTS, [receipt()]), "账单.csv": csv_of(BILLS, [bill()]),
        "商铺.csv": csv_of(UNITS, [unit("001"), unit("002")]), "水表.csv": csv_of(METERS, [MASTER]),
    }  # fmt: skip
    files = [SimpleUploadedFile(name, content) for name, content in told.items()]
    page = text(send_all(desk, files[0]))
    assert "先导入商铺名册" in page
    assert "没有水费账单" in text(desk.get("/310117006/imports/"))  # type: ignore[arg-type]
    more = {"file": [SimpleUploadedFile(name, content) for name, content in list(told.items())[1:]]}
    page = text(desk.post(pile_at("add/"), more, follow=True))  # type: ignore[arg-type]
    assert "<h1>4 份文件读得出，可以登记 5 行</h1>" in page
    assert sorted(told, key=page.index) == ["水表.csv", "商铺.csv", "账单.csv", "收款.csv"]
    page = text(desk.post(pile_at("confirm/"), follow=True))  # type: ignore[arg-type]
    assert "1 块总表、2 户、1 张账单；代收人手里 100.00 元，商铺欠 509.60 元" in page
    assert "没有水司缴费记录" in page
    assert "没有水司对账单" in page


def test_a_file_is_taken_off_a_pile_and_a_pile_is_let_go(desk: Client):
    send_all(desk, *(SimpleUploadedFile(f"{n}.csv", csv_of(RECEIPTS, [receipt(f"R-{n}")])) for n in "123"))
    page = text(desk.post(file_at("drop/"), follow=True))  # type: ignore[arg-type]
    assert "登记这 2 行" in page
    assert "什么都没有登记" in text(desk.post(pile_at("drop/"), follow=True))  # type: ignore[arg-type]
    assert (Pile.objects.count(), StagedFile.objects.count(), Payment.objects.count()) == (0, 0, 0)
    send(desk, csv_of(RECEIPTS, [receipt()]))
    desk.post(file_at("drop/"))
    assert Pile.objects.count() == 0


def test_changed_cells_show_what_was_and_what_will_be(desk: Client):
    page = text(send(desk, csv_of(UNITS, [unit(name="新店名")]), kind="units"))
    assert "001 号铺" in page
    assert "<b>新店名</b>" in page


def test_what_cannot_be_read_stays_in_the_pile_with_its_reason(desk: Client):
    for content, reason in ((b"%PDF-1.7", "PDF"), (csv_of("甲,乙", [["1", "2"]]), "表头缺少")):
        page = text(send(desk, content))
        assert reason in page
        assert "/confirm/" not in page


def test_a_workbook_that_fells_its_reader_is_a_sentence_however_often_it_comes(desk: Client):
    poison = claiming(old_book([RECEIPTS.split(","), receipt()]), 2**32 - 1, 256)
    for _time in range(3):
        assert "文件已损坏" in text(send(desk, poison))
    assert "登记这 1 行" in text(send(desk, csv_of(RECEIPTS, [receipt()])))


def test_a_file_that_is_too_large_is_refused_by_its_size(desk: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hege.imports.sheets.MOST_BYTES", 100)
    answer = send(desk, csv_of(RECEIPTS, [receipt(f"R-{n}") for n in range(20)]))
    assert (answer.status_code, Pile.objects.count()) == (422, 0)
    assert "MB" in text(answer)


def test_hostile_cells_are_shown_as_text(desk: Client):
    page = text(send(desk, csv_of(RECEIPTS, [receipt(code="<script>alert(1)</script>")])))
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_pile_of_one_person_is_nobody_elses(desk: Client, cast: Cast, other_street: Street):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    stranger = make_cast(other_street)
    for step in ("", "confirm/", "add/", "look/", "accept/", "drop/"):
        address = pile_at(step)
        moved = address.replace("310117006", other_street.code)
        for who, where, status in (
            (cast.administrator, address, 422), (stranger.coordinator, address, 404), (stranger.coordinator, moved, 422),
        ):  # fmt: skip
            client = at_desk(who)
            answer = client.post(where) if step else client.get(where)
            assert (step, answer.status_code) == (step, status)
    for step in ("say/", "columns/", "lines/", "marked/", "drop/"):
        assert at_desk(cast.administrator).post(file_at(step)).status_code == 422
    assert (Payment.objects.count(), Pile.objects.count()) == (0, 1)


@pytest.mark.both
def test_a_pile_that_has_expired_is_not_booked(desk: Client):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    Pile.objects.update(expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert desk.post(pile_at("confirm/")).status_code == 422
    assert Payment.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "see", "send_in"),
    [(Role.COORDINATOR, 200, 200), (Role.ADMINISTRATOR, 200, 200), (Role.AUDITOR, 200, 403), (Role.AGENT, 404, 404)],
)
def test_who_may_look_and_who_may_bring_in(shops: Street, cast: Cast, role: Role, see: int, send_in: int):
    client = at_desk(cast.of(role))
    assert client.get("/310117006/imports/").status_code == see
    answer = send(client, csv_of(RECEIPTS, [receipt()]))
    assert (answer.status_code, "登记这 1 行" in text(answer)) == (send_in, send_in == 200)


def test_a_template_downloads_and_an_unknown_one_does_not(desk: Client):
    answer = desk.get("/310117006/imports/template/direct-payments/")
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames == ["商铺直接交水司", "说明"]
    assert desk.get("/310117006/imports/template/money/").status_code == 404


@pytest.mark.both
def test_who_has_a_part_of_the_street_imports_nothing_for_the_rest(desk: Client, cast: Cast):
    send(desk, csv_of(RECEIPTS, [receipt()]))
    cast.coordinator.memberships.update(path="S/B1/")
    page = desk.get("/310117006/imports/")
    assert (page.status_code, "只给管全街道的" in text(page)) == (403, True)  # type: ignore[arg-type]
    assert desk.get("/310117006/imports/template/units/").status_code == 403
    assert send(desk, csv_of(RECEIPTS, [receipt("R-2")])).status_code == 403
    assert [desk.post(pile_at("confirm/")).status_code, desk.post(file_at("marked/")).status_code] == [403, 403]
    assert Transaction.objects.filter(source_row__file__name="三月.csv").count() == 0


def test_the_menu_leads_to_imports_only_for_the_whole_street(desk: Client, cast: Cast):
    assert 'href="/310117006/imports/"' in text(desk.get("/310117006/"))  # type: ignore[arg-type]
    cast.coordinator.memberships.update(path="S/B1/")
    assert 'href="/310117006/imports/"' not in text(desk.get("/310117006/"))  # type: ignore[arg-type]


@pytest.mark.both
def test_two_papers_of_one_payment_are_chosen_between_row_by_row(desk: Client):
    send(desk, csv_of(RECEIPTS, [receipt("4200000000000001")]))
    desk.post(pile_at("confirm/"))
    page = text(send(desk, csv_of(RECEIPTS, [receipt("")]), name="笔记本.csv"))
    assert "1 行要您说明是哪一种" in page
    assert "/confirm/" not in page
    page = text(desk.get(file_at("lines/")))  # type: ignore[arg-type]
    name = SourceFile.objects.get(name="三月.csv").sha256[:12] + ".2"
    assert f'type="radio" name="row-2" value="same:{name}"' in " ".join(page.split())
    assert "4200000000000001（三月.csv 第 2 行" in page
    unanswered = desk.post(pile_at("confirm/"))
    assert (unanswered.status_code, Payment.objects.count()) == (422, 1)
    page = text(desk.post(file_at("say/"), {"row-2": f"same:{name}"}, follow=True))  # type: ignore[arg-type]
    assert "登记这 1 行" in page
    assert desk.post(pile_at("confirm/")).status_code == 302
    paid = Transaction.objects.get(kind="receipt")
    assert (Payment.objects.count(), paid.evidence.count()) == (1, 2)


def test_what_was_written_since_the_look_is_looked_at_again_before_it_is_booked(desk: Client, shops: Street):
    send(desk, csv_of(RECEIPTS, [receipt(), receipt("R-2")]))
    taken(shops, FileKind.RECEIPTS, receipt(), name="别人.csv")
    assert "您看过以后街道又有新的登记" in text(desk.get(pile_at()))  # type: ignore[arg-type]
    answer = desk.post(pile_at("confirm/"))
    assert (answer.status_code, Payment.objects.count()) == (422, 1)
    assert "您看过以后底账变了" in answer.content.decode()
    desk.post(pile_at("confirm/"))
    assert Payment.objects.count() == 2
