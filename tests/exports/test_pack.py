"""The pack for whoever checks: what was drawn, its papers, and every line of the trail, each with its SHA-256."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from hege.attachments import store
from hege.attachments.actions import add_files
from hege.attachments.preparing import Prepared
from hege.billing.chart import TransactionKind
from hege.exports.pack import write_pack
from hege.exports.tables import untold
from hege.trail.models import TrailHead
from tests.cast import DAY, NOW, Row
from tests.web.things import a_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(row: Row) -> Prepared:
    """The picture of the paper of one payment."""
    paid = row.pay(TransactionKind.RECEIPT, 12_345, on=DAY, unit=1)
    add_files([a_picture()], about=paid, by=None, at=NOW)
    return a_picture()


def packed(row: Row) -> zipfile.ZipFile:
    out = io.BytesIO()
    write_pack(row.street, "7", out, untold)
    return zipfile.ZipFile(out)


def test_each_paper_is_in_it_and_the_table_names_its_hash(row: Row, paper: Prepared):
    pack = packed(row)
    (name,) = [name for name in pack.namelist() if name.startswith("凭证/")]
    assert hashlib.sha256(pack.read(name)).hexdigest() == paper.sha256
    table = CalamineWorkbook.from_filelike(io.BytesIO(pack.read("抽查.xlsx"))).get_sheet_by_index(0).to_python()
    assert str(table[1][7]) == f"{name}  SHA-256 {paper.sha256}"


def test_every_line_of_the_trail_follows_the_one_before_up_to_the_head_it_names(row: Row, paper: Prepared):
    pack, head = packed(row), TrailHead.objects.get(street=row.street)
    lines = [json.loads(line) for line in pack.read("留痕.jsonl").splitlines()]
    assert [line["previous"] for line in lines[1:]] == [line["hash"] for line in lines[:-1]]
    assert (len(lines), lines[-1]["hash"]) == (head.seq, head.hash)
    assert head.hash in pack.read("说明.txt").decode()


def test_a_paper_that_is_gone_from_the_disk_is_said_to_be_missing(row: Row, paper: Prepared):
    store.path_of(paper.sha256).unlink()
    try:
        assert "磁盘上找不到" in packed(row).read("说明.txt").decode()
    finally:
        a_picture.cache_clear()
