"""A file is a row that is never changed, sealed with the act that brought it; covered by another, never replaced."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import Model

from hege.attachments import store
from hege.attachments.actions import add_files, cover, look_at_original
from hege.attachments.models import Attachment
from hege.attachments.preparing import Prepared, prepare
from hege.attachments.queries import files_of, named, the_file
from hege.attachments.rules import Purpose
from hege.cases.models import Report
from hege.cases.reports.actions import submit_report
from hege.cases.rules import ReportKind
from hege.installation.actions import sweep
from hege.integrity.queries import faults
from hege.kernel.mutability import Immutable
from hege.kernel.refused import Refused
from hege.kernel.seal import known_as
from hege.ledger.models import Transaction
from hege.ledger.rules import TRANSACTIONS
from hege.trail.models import TrailLine
from tests.attachments.files import phone_photo, picture
from tests.cast import NOW, Cast
from tests.integrity.tampering import tamper

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def looked_at(data: bytes, name: str = "IMG_1.jpg", purpose: Purpose = Purpose.PHOTO) -> Prepared:
    return prepare(name, len(data), lambda: data, purpose=purpose)


@pytest.fixture
def by(cast: Cast) -> dict[str, Any]:
    return {"by": cast.coordinator, "at": NOW}


@pytest.fixture
def report(cast: Cast) -> Report:
    return submit_report(cast.street, kind=ReportKind.PATROL, text="渗水", by=cast.coordinator, at=NOW)


@pytest.fixture
def receipt(report: Report, by: dict[str, Any]) -> Attachment:
    """A photo of a receipt, kept as it came too."""
    return add_files([looked_at(phone_photo(), purpose=Purpose.RECEIPT)], about=report, **by)[0]


def test_the_table_of_transactions_is_called_as_the_trail_calls_it():
    assert known_as(Transaction) == TRANSACTIONS


def test_a_report_brings_photos_whose_names_tell_nobody_who_sent_them(cast: Cast):
    file = looked_at(picture(), "张三家门口.jpg")
    made = submit_report(cast.street, kind=ReportKind.SHOP, text="停水", photos=[file], by=None, at=NOW)
    (kept,) = files_of(cast.street, "cases.report", [made.pk])[made.pk]
    assert (kept.name, kept.by) == ("照片.jpg", None)
    line = TrailLine.objects.get(verb="submit_report")
    assert line.data["files"] == 1
    assert "attachments.attachment" in line.data["sealed"]


def test_the_original_is_kept_beside_the_clean_picture(receipt: Attachment):
    assert store.read(receipt.original_sha256) == phone_photo()
    assert named({receipt.original_sha256, receipt.sha256, "0" * 64}) >= {receipt.original_sha256, receipt.sha256}


def test_a_row_is_neither_changed_nor_taken_away(receipt: Attachment):
    receipt.name = "another.jpg"
    with pytest.raises(Immutable):
        receipt.save()
    with pytest.raises(Immutable):
        receipt.delete()


@pytest.mark.both
@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE attachments_attachment SET name = 'x.jpg' WHERE id = %s", "not what line"),
        ("UPDATE attachments_attachment SET about_id = about_id + 1 WHERE id = %s", "not what line"),
        ("DELETE FROM attachments_attachment WHERE id = %s", "is gone"),
    ],
)
def test_what_is_changed_behind_our_back_is_named(cast: Cast, receipt: Attachment, sql: str, said: str):
    assert tamper(sql, receipt.pk) == 1
    first = next(iter(faults(cast.street)))
    assert first.startswith(f"attachments.attachment {receipt.pk}: ")
    assert said in first


@pytest.mark.both
def test_a_picture_is_covered_by_another_and_shown_no_more(cast: Cast, report: Report, receipt: Attachment, by: Any):
    covered = cover(receipt, bars=[(0, 0, 500, 1000)], **by)
    assert files_of(cast.street, "cases.report", [report.pk])[report.pk] == [covered]
    assert the_file(cast.street, receipt.public_id) is None
    assert (covered.covers, covered.width) == (receipt, receipt.width)
    assert covered.original_sha256 == receipt.original_sha256
    assert list(faults(cast.street)) == []
    with pytest.raises(Refused, match="已经打过码"):
        cover(receipt, bars=[(0, 0, 500, 1000)], **by)


@pytest.mark.parametrize("bars", [[], [(0, 0, 0, 10)], [(500, 0, 100, 10)], [(0, 0, 1001, 10)], [(0, 0, 1, 1)] * 21])
def test_bars_that_cover_nothing_are_refused(receipt: Attachment, by: Any, bars: list[tuple[int, int, int, int]]):
    with pytest.raises(Refused):
        cover(receipt, bars=bars, **by)


def test_each_look_at_an_original_is_on_the_trail_with_its_reason(receipt: Attachment, by: Any):
    with pytest.raises(Refused, match="理由"):
        look_at_original(receipt, reason=" ", **by)
    look_at_original(receipt, reason="核对签字", **by)
    line = TrailLine.objects.get(verb="look_at_original")
    assert (line.by, line.data["reason"], line.thing_id) == (by["by"], "核对签字", str(receipt.pk))


def test_the_daily_sweep_takes_what_no_row_names_and_no_more(cast: Cast, receipt: Attachment):
    stray = looked_at(picture(size=(99, 88)))
    at = dt.datetime.fromtimestamp(store.path_of(stray.sha256).stat().st_mtime, dt.UTC)
    sweep(by=None, at=at + dt.timedelta(hours=23))
    assert store.is_there(stray.sha256)
    sweep(by=None, at=at + dt.timedelta(hours=25))
    assert not store.is_there(stray.sha256)
    assert not store.is_there(stray.small_sha256)
    assert list(faults(cast.street)) == []


@pytest.mark.both
def test_each_owner_of_files_is_a_table_of_ours():
    from hege.kernel.mutability import append_only_models, watched_models
    from hege.web.shared.kept_files import OWNERS

    tables: set[type[Model]] = {*append_only_models(), *watched_models()}
    assert {owner.about for owner in OWNERS.values()} <= {known_as(table) for table in tables}
