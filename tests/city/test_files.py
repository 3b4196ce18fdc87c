"""The files of a city: whole or not there, of one instant, without a person's name, and to the fen what `hege money` says."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from hege.billing.actions import (
    AcknowledgementDraft,
    PaymentDraft,
    acknowledge_debts,
    reverse_transaction,
    take_payments,
)
from hege.billing.chart import TransactionKind
from hege.cases.actions import file_case
from hege.city.actions import export_parquet
from hege.city.engines import Engine, who_holds
from hege.city.queries import sources_of
from hege.city.rules import MANIFEST, TABLES, described
from hege.kernel.refused import Refused
from hege.people.models import Party, Street
from hege.privacy.rules import PrivacyClass, class_of
from hege.trail.models import TrailLine
from tests.cast import NOW, Row, make_row
from tests.city.reading import rows_of, unlike

DOCS = Path(__file__).resolve().parents[2] / "docs" / "city.md"
TOKENS = ("手机一三八", "备注里的人", "写着的对方", "案情里的人")
BY: Any = {"by": None, "at": NOW}


def lived(row: Row) -> Row:
    """One pays too much and one the utility, one says it paid, one payment is taken back; one admits twice; a meter rests."""
    row.bill(fen=30_000)
    row.bill("B-2", fen=-1_000, from_on=dt.date(2026, 2, 1), until_on=dt.date(2026, 3, 1))
    row.pay(TransactionKind.RECEIPT, 12_000, on=dt.date(2026, 2, 5), unit=0)
    row.pay(TransactionKind.DIRECT_PAYMENT, 11_000, on=dt.date(2026, 2, 6), unit=1)
    row.pay(TransactionKind.RECEIPT, 1_000, on=dt.date(2026, 2, 7), unit=2, confirmed=False)
    wrong = row.pay(TransactionKind.RECEIPT, 777, on=dt.date(2026, 2, 8), unit=2)
    reverse_transaction(wrong, reason="记错了", **BY)
    row.pay(TransactionKind.REMITTANCE, 15_000, on=dt.date(2026, 2, 9))
    admissions = [(9, 9_000), (10, 4_000)]
    drafts = [
        AcknowledgementDraft(row.point, row.tenancies[2], dt.date(2026, 2, d), fen, note=TOKENS[1])
        for d, fen in admissions
    ]
    acknowledge_debts(row.street, drafts, **BY)
    paid = PaymentDraft(
        kind=TransactionKind.RECEIPT, point=row.point, on=dt.date(2026, 2, 8), amount_fen=500, confirmed=True,
        tenancy=row.tenancies[0], counterparty=TOKENS[2], note=TOKENS[1],
    )  # fmt: skip
    take_payments(row.street, [paid], **BY)
    file_case(row.street, title="水费", summary=TOKENS[3], point=row.point, **BY)
    Party.objects.filter(street=row.street).update(phone=TOKENS[0])
    make_row(row.street, code="ZB-2", shops=1)
    return row


@pytest.fixture
def export(row: Row, tmp_path: Path) -> Path:
    """The street's files, written by the command."""
    lived(row)
    call_command("export", "parquet", str(tmp_path / "out"), stdout=StringIO())
    return tmp_path / "out"


@pytest.mark.once
def test_every_column_is_in_the_handbook_with_its_source_and_tells_of_no_person():
    text = DOCS.read_text(encoding="utf-8").splitlines()
    for table in TABLES:
        source_of = sources_of(table)
        assert [line for line in described(table, source_of) if line not in text] == []
        classes = {source: class_of(*source.rsplit(".", 1)) for source in source_of.values()}
        assert [s for s, found in classes.items() if found not in (PrivacyClass.PUBLIC, PrivacyClass.INSIDE)] == []


def test_the_files_have_the_documented_columns_name_nobody_and_say_what_hege_money_says(export: Path, row: Row):
    said = ""
    for table in TABLES:
        rows = rows_of(export, table.name)
        assert list(rows[0]) == [*(column.name for column in table.columns), *table.partitions]
        said += repr(rows)
    names = [*TOKENS, *Party.objects.values_list("name", flat=True)]
    assert [name for name in names if name in said] == []
    assert unlike(export, map(dt.date.fromisoformat, ("2026-01-30", "2026-02-05", "2026-02-09", "2026-03-31"))) == []
    shares = [share["fen"] for share in rows_of(export, "shares")]
    assert (len(shares), sum(shares)) == (6, 29_000)
    line = TrailLine.objects.get(verb="export_parquet")
    assert (line.by, line.data["rows"]["shares"]) == (None, 6)


@pytest.mark.once
def test_the_command_prints_each_meter_and_refuses_a_day_after_the_export(export: Path):
    out = StringIO()
    call_command("city", "who-holds", str(export), "--on", "2026-02-28", "--json", stdout=out)
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["meter"], first["on"], second["confirmed"]["payable"]) == ("ZB-1", "2026-02-28", 0)
    call_command("city", "who-holds", str(export), stdout=out)
    assert "合计" in out.getvalue()
    with pytest.raises(CommandError, match="不知道那以后的事"):
        call_command("city", "who-holds", str(export), "--on", "2099-01-01")
    with pytest.raises(CommandError, match="会算两遍"):
        call_command("city", "who-holds", str(export), str(export))


@pytest.mark.once
def test_a_killed_export_is_not_taken_for_a_whole_one_and_the_next_clears_it_away(
    row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place, part = tmp_path / "out", tmp_path / ".out.part"

    def killed(_street: str, table: str) -> None:
        if table == TABLES[-1].name:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_how, **_what: None)  # nobody is left to clear it away
        with pytest.raises(KeyboardInterrupt):
            export_parquet([row.street], place, tell=killed, **BY)
    assert not place.exists()
    with pytest.raises(Refused, match="不是 hege export"):
        who_holds([part])
    assert not TrailLine.objects.filter(verb="export_parquet").exists()
    export_parquet([row.street], place, **BY)
    assert (part.exists(), place.stat().st_mode & 0o077) == (False, 0)
    with pytest.raises(Refused, match="已经有了"):
        export_parquet([row.street], place, **BY)
    (place / next(iter(json.loads((place / MANIFEST).read_text("utf-8"))["files"]))).write_bytes(b"cut")
    with pytest.raises(Refused, match="不一样大"):
        who_holds([place])


@pytest.mark.django_db(transaction=True)
def test_all_tables_are_of_one_instant_though_somebody_books_meanwhile(street: Street, tmp_path: Path):
    row = make_row(street)
    row.bill(fen=30_000)

    def book() -> None:
        row.pay(TransactionKind.RECEIPT, 500, on=dt.date(2026, 2, 5), unit=0)
        connection.close()

    def meanwhile(_street: str, table: str) -> None:
        if table == "payments":
            thread = threading.Thread(target=book)
            thread.start()
            thread.join()

    export_parquet([street], tmp_path / "out", tell=meanwhile, **BY)
    assert not (tmp_path / "out" / "payments").exists()
    assert row.point.book.transactions.filter(kind=TransactionKind.RECEIPT).count() == 1


@pytest.mark.once
def test_an_engine_that_is_not_installed_is_told_in_a_sentence(export: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(Refused, match="没有 pyspark"):
        list(who_holds([export], engine=Engine.SPARK)[1])
