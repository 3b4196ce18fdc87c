"""`hege setup`, `import`, `share`, `method`: an empty database becomes a street that knows who holds the money."""

from __future__ import annotations

import io
import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hege.billing.models import Allocation, Payment
from hege.billing.queries import standing_bills
from hege.people.models import Membership, Role, Street, User
from hege.places.models import CalendarDay, Place
from hege.trail.models import TrailLine
from tests.cast import PASSWORD
from tests.imports.files import BILLS, METERS, RECEIPTS, UNITS, Row, a_street, bill, csv_of, meter, receipt, unit
from tests.imports.office import HERE, expected

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def run(*words: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*map(str, words), stdout=out, **options)
    return out.getvalue()


def failed(*words: Any) -> tuple[int, str]:
    """The exit status and what was printed by a command that ends the process."""
    out = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command(*map(str, words), stdout=out)
    assert isinstance(caught.value.code, int)
    return caught.value.code, out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def make(header: str, *rows: Row, name: str = "表.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(csv_of(header, rows))
        return path

    return make


def set_up(monkeypatch: pytest.MonkeyPatch, *words: str, password: str = PASSWORD) -> str:
    monkeypatch.setattr(sys, "stdin", StringIO(password + "\n"))
    return run("setup", "--street", "310117006", "--name", "九里亭街道", "--password-stdin", *words)


# -- setup -------------------------------------------------------------------------------------------------------------


def test_setup_makes_a_street_its_root_place_its_calendar_and_its_first_administrator(monkeypatch: pytest.MonkeyPatch):
    said = set_up(monkeypatch)
    assert ["九里亭街道" in said, "hege serve" in said, "人员与岗位" in said] == [True] * 3  # what comes next
    street, user = Street.objects.get(), User.objects.get(username="admin")
    assert (street.code, user.check_password(PASSWORD)) == ("310117006", True)
    assert Membership.objects.get(street=street, user=user).role == Role.ADMINISTRATOR
    assert Place.objects.get(street=street).path == "310117006/"
    assert CalendarDay.objects.filter(street=street).exists()
    assert TrailLine.objects.filter(street=street, verb="found_street").exists()


def test_setup_refuses_a_street_that_is_there_and_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    set_up(monkeypatch)
    with pytest.raises(CommandError, match="已经有了"):
        set_up(monkeypatch, "--admin", "another")
    assert (Street.objects.count(), User.objects.count()) == (1, 1)


@pytest.mark.parametrize("words", [("--street", "abc"), ("--street", "31"), ("--street", "３１０１１７００６")])
def test_setup_refuses_a_code_that_is_none(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]):
    with pytest.raises(CommandError, match="6 到 9 位"):
        set_up(monkeypatch, *words)


def test_setup_refuses_a_weak_password_and_a_name_that_is_taken(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(CommandError):
        set_up(monkeypatch, password="12345")
    set_up(monkeypatch)
    with pytest.raises(CommandError, match="admin"):
        set_up(monkeypatch, "--street", "310117007")
    assert Street.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--name", "  "), "请写明街道名称"), (("--name", "长" * 61), "街道名称最多 60 个字"), (("--name", "九里\x07亭"), "看不见的字符"),
        (("--admin", " "), "请写明管理员用户名"), (("--admin", "a" * 61), "用户名最多 60"), (("--organisation", "\n"), "请写明管理单位名称"),
    ],
)  # fmt: skip
def test_setup_refuses_a_name_that_is_none(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], reason: str):
    with pytest.raises(CommandError, match=reason):
        set_up(monkeypatch, *words)
    assert (Street.objects.count(), User.objects.count()) == (0, 0)


def test_setup_keeps_names_without_the_spaces_around_them(monkeypatch: pytest.MonkeyPatch):
    set_up(monkeypatch, "--name", " 九里亭街道　", "--admin", " admin ")
    assert (Street.objects.get().name, User.objects.get().username) == ("九里亭街道", "admin")


def test_a_short_password_is_refused_in_one_language(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(CommandError) as caught:
        set_up(monkeypatch, password="q7")
    assert str(caught.value) == "密码太短，至少要 10 位。"


# -- import ------------------------------------------------------------------------------------------------------------


def test_a_street_comes_in_from_its_files(street: Street, file: Any):
    run("import", "meters", file(METERS, meter("ZB-1", "总表", agent="二房东", method="等额")))
    run("import", "units", file(UNITS, unit("001"), unit("002", operator="李四")))
    run("import", "bills", file(BILLS, bill()))
    said = run("import", "receipts", file(RECEIPTS, receipt()))
    assert "已导入：新增 1 行" in said
    assert "商铺欠缴：609.60 → 509.60" in said
    money = json.loads(run("money", "ZB-1", "--on", "2026-02-28", "--json"))["confirmed"]
    assert (money["payable"], money["held"], money["owed"]) == (60960, 10000, 50960)
    assert "没有要做的" in run("import", "receipts", file(RECEIPTS, receipt()))


def test_the_answer_as_json_has_every_count_and_the_totals(street: Street, file: Any):
    a_street(street)
    path = file(RECEIPTS + ",多余", [*receipt(), "x"])
    seen = json.loads(run("import", "receipts", path, "--dry-run", "--json"))
    done = json.loads(run("import", "receipts", path, "--json"))
    again = json.loads(run("import", "receipts", path, "--json"))
    assert set(done) >= {
        "kind", "file", "sha256", "dry_run", "rows", "new", "changed", "same", "refused", "booked", "already_imported_on",
        "faults", "notices", "ignored_columns", "totals",
    }  # fmt: skip
    assert [(a["dry_run"], a["new"], a["same"], a["booked"]) for a in (seen, done, again)] == [
        (True, 1, 0, 0), (False, 1, 0, 1), (False, 0, 1, 0),
    ]  # fmt: skip
    assert (done["totals"]["before"]["held"], done["totals"]["after"]["held"]) == (0, 10000)
    assert done["ignored_columns"] == ["多余"]
    assert again["already_imported_on"]


def test_bad_rows_are_all_named_and_end_with_status_one(street: Street, file: Any):
    a_street(street)
    path = file(RECEIPTS, receipt(amount="x"), receipt("R-2", code="999"), receipt("R-3"))
    status, said = failed("import", "receipts", path)
    assert status == 1
    assert "第 2 行　金额　“x”" in said
    assert "第 3 行　商铺编号　“999”" in said
    status, said = failed("import", "receipts", path, "--json")
    answer = json.loads(said)
    assert (status, answer["refused"], answer["booked"]) == (1, 2, 0)
    assert answer["faults"][0].keys() == {"row", "column", "value", "reason"}


def test_a_kind_or_file_that_is_none_is_refused_in_words(street: Street, file: Any, tmp_path: Path):
    with pytest.raises(CommandError, match="direct-payments"):
        run("import", "money", file(RECEIPTS, receipt()))
    with pytest.raises(CommandError, match="没有"):
        run("import", "receipts", tmp_path / "nothing.csv")
    with pytest.raises(CommandError, match="表头缺少"):
        run("import", "bills", file(RECEIPTS, receipt()))


def test_a_refused_file_answers_as_json_with_every_count_too(street: Street, file: Any):
    def answer(kind: str) -> dict[str, Any]:
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("import", kind, str(file(RECEIPTS, receipt())), "--json", stdout=out)
        told = json.loads(out.getvalue())
        assert isinstance(told, dict)
        return told

    a_street(street)
    done = json.loads(run("import", "receipts", file(RECEIPTS, receipt()), "--json"))
    assert done["refused_file"] is None
    for kind, reason in (("bills", "表头缺少"), ("money", "没有 money 这种文件")):
        told = answer(kind)
        assert told.keys() == done.keys()
        assert (told["kind"], told["rows"], told["faults"], told["file"]) == (kind, 0, [], "表.csv")
        assert reason in told["refused_file"]


def test_a_file_of_200_megabytes_is_refused_before_it_is_read(street: Street, tmp_path: Path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as huge:
        huge.truncate(200 * 1024 * 1024)
    with pytest.raises(CommandError, match="200 MB"):
        run("import", "receipts", path)


def test_where_there_are_two_streets_one_must_be_named(street: Street, other_street: Street, file: Any):
    path = file(METERS, meter("ZB-1", "总表"))
    with pytest.raises(CommandError, match="--street"):
        run("import", "meters", path)
    assert "已导入" in run("import", "meters", path, "--street", other_street.code)


def test_a_template_is_written_and_never_over_another_file(street: Street, tmp_path: Path):
    out = tmp_path / "模板.xlsx"
    run("import", "receipts", "--template", out)
    assert openpyxl.load_workbook(io.BytesIO(out.read_bytes())).sheetnames[1] == "说明"
    with pytest.raises(CommandError, match="这个文件夹"):
        run("import", "receipts", "--template", tmp_path / "没有" / "模板.xlsx")
    with pytest.raises(CommandError, match="已存在"):
        run("import", "receipts", "--template", out)


# -- share, method -----------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_a_bill_that_lacked_its_data_is_shared_once_it_is_there(street: Street, file: Any):
    run("import", "meters", file(METERS, meter("ZB-1", "总表", agent="二房东")))
    run("import", "units", file(UNITS, unit("001")))
    assert "分摊方式" in run("import", "bills", file(BILLS, bill()))
    missing = json.loads(run("share", "--json"))
    assert [(b["bill"], b["amount"]) for b in missing["unshared"]] == [("B-1", 60960)]
    assert "等额" in run("method", "ZB-1", "等额", "--from", "2025-01-01", "--decision", "三月五日联席会议")
    assert "已分摊 B-1（609.60 元）" in run("share")
    assert json.loads(run("share", "--json")) == {"street": street.code, "shared": [], "unshared": []}
    assert Allocation.objects.count() == 1


def test_what_another_process_shared_is_not_counted_as_ones_own(street: Street, monkeypatch: pytest.MonkeyPatch):
    a_street(street)
    monkeypatch.setattr("hege.cli.management.commands.share.unshared_bills", standing_bills)  # read before the others
    assert json.loads(run("share", "--json")) == {"street": street.code, "shared": [], "unshared": []}


@pytest.mark.parametrize(("words", "reason"), [(("ZB-1", "随便"), "只能填"), (("没有", "等额"), "没有总表")])
def test_a_method_or_meter_that_is_none_is_refused(street: Street, words: tuple[str, str], reason: str):
    a_street(street)
    with pytest.raises(CommandError, match=reason):
        run("method", *words, "--from", "2026-01-01", "--decision", "会议")


# -- what is said of the columns ---------------------------------------------------------------------------------------


def test_a_mapping_from_a_file_says_what_the_columns_are(street: Street, file: Any, tmp_path: Path):
    paper = file("店招,门牌号,谁,租期起,所属总表", ["面馆", "18-2", "某人", "2024-03-01", "ZB-1"])
    said = tmp_path / "对列.json"
    said.write_text(json.dumps({paper.name: {"columns": {"谁": "经营者"}}}), encoding="utf-8")
    answer = json.loads(run("import", "units", paper, "--map", said, "--dry-run", "--json"))
    assert (answer["mapping"]["columns"]["谁"], answer["mapping"]["why"]["谁"]) == ("经营者", "person")
    assert answer["read_as"][0]["经营者"] == "某人"


def test_a_refusal_for_the_columns_tells_the_mapping_and_what_is_asked(street: Street, file: Any):
    paper = file("日期,铺号,实收金额,收款金额", ["2026-02-04", "A", "5", "6"])
    out = StringIO()
    with pytest.raises(CommandError, match="哪一列是金额"):
        call_command("import", "receipts", str(paper), "--json", stdout=out)
    mapping = json.loads(out.getvalue())["mapping"]
    assert mapping["columns"]["实收金额"] == "金额"
    assert [(q["code"], q["heading"], q["chosen"]) for q in mapping["questions"]] == [("which", "收款金额", None)]


@pytest.mark.parametrize("text", ["", "[]", '{"cells": [1]}'])
def test_a_mapping_that_is_none_is_refused(street: Street, file: Any, tmp_path: Path, text: str):
    said = tmp_path / "对列.json"
    said.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="读不懂对列办法"):
        run("import", "receipts", file(RECEIPTS, receipt()), "--map", said)


SHOP = ("until", "charged", "paid", "owed", "passed_over", "advance")


# -- several files together --------------------------------------------------------------------------------------------


def test_files_are_taken_together_in_whatever_order_and_all_of_them_or_none(street: Street, file: Any):
    papers = [
        file(RECEIPTS, receipt(), name="收款.csv"), file(BILLS, bill(), name="账单.csv"),
        file(UNITS, unit("001"), unit("002", operator="李四"), name="商铺.csv"),
        file(METERS, meter("ZB-1", "总表", agent="二房东", method="等额"), name="水表.csv"),
    ]  # fmt: skip
    status, said = failed("import", papers[0], papers[1])
    assert (status, "还有 2 份文件要先看：账单.csv、收款.csv" in said, "一行都没有登记" in said) == (1, True, True)
    said = run("import", *papers, "--dry-run")
    assert (said.count("可以导入：新增"), "已导入" in said) == (4, False)
    seen = json.loads(run("import", *papers, "--dry-run", "--json"))
    assert [f["file"] for f in seen["files"]] == ["水表.csv", "商铺.csv", "账单.csv", "收款.csv"]
    assert (seen["booked"], seen["totals"]["after"]["held"], Payment.objects.count()) == (False, 10000, 0)
    done = json.loads(run("import", *papers, "--json"))
    assert (done["booked"], done["totals"] == seen["totals"], Payment.objects.count()) == (True, True, 1)
    assert "这一叠 4 份文件登记了 0 行" in run("import", *papers)


def test_a_file_whose_kind_nobody_says_is_left_with_its_reason(street: Street, file: Any, tmp_path: Path):
    strange = file("日期,商铺编号,金额", ["2026-02-10", "001", "5"], name="不明.csv")
    status, said = failed("import", strange)
    assert (status, "不明.csv：单看表头分不清" in said) == (1, True)
    said_of = tmp_path / "map.json"
    said_of.write_text(json.dumps({"不明.csv": {"kind": "acknowledgements"}}), encoding="utf-8")
    _status, answer = failed("import", strange, "--map", said_of, "--json")
    assert json.loads(answer)["files"][0]["kind"] == "acknowledgements"


def test_rows_of_several_files_are_answered_in_the_file_of_the_map(street: Street, file: Any):
    with pytest.raises(CommandError, match="--map"):
        run("import", file(RECEIPTS, receipt()), "--same", "2")


@pytest.mark.slow
def test_ten_papers_of_an_office_come_in_by_the_command_line_to_the_figures_that_are_true(street: Street):
    papers = [HERE / told["file"] for told in expected()["files"]]
    status, answer = failed("import", *papers, "--json")
    assert (status, sum(f["n_doubts"] for f in json.loads(answer)["files"])) == (1, 56)
    assert json.loads(run("import", *papers, "--accept", "--json"))["booked"] is True
    for truth in expected()["money"]:
        told = json.loads(run("money", expected()["meter"], "--on", truth["on"], "--json"))
        for level in ("confirmed", "with_claims"):
            names = ("payable", "owed", "advances", "passed_over", "held", "fronted", "unshared")
            assert [told[level][name] for name in names] == [truth[level][name] for name in names]
            shops = [{name: shop[name] for name in ("code", "from", *SHOP)} for shop in told[level]["units"]]
            there = [shop for shop in truth[level]["units"] if shop["from"] <= truth["on"]]
            assert shops == [{name: shop[name] for name in ("code", "from", *SHOP)} for shop in there]
