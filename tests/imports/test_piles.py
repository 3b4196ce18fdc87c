"""Files chosen together: looked at as each will be in its turn, booked as one or not at all, once."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from hege.billing.models import Payment
from hege.imports import actions, piles
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.models import Pile, StagedFile
from hege.imports.piles import Sent, book_pile, rehearse, stage_pile, take_files
from hege.kernel.refused import Refused
from hege.ledger.models import SourceFile, Transaction
from hege.metering.models import Meter
from hege.people.models import Street, User
from hege.places.models import Tenancy, Unit
from hege.trail.models import TrailLine
from tests.imports.files import (
    BILLS,
    MASTER,
    METERS,
    NOW,
    RECEIPTS,
    REMITTANCES,
    UNITS,
    bill,
    csv_of,
    meter,
    receipt,
    taken,
    unit,
)

K = FileKind
SUBS = [MASTER, meter("FB-1", master="ZB-1"), meter("FB-2", master="ZB-1")]
PAPERS = [
    Sent("收款.csv", csv_of(RECEIPTS, [receipt(), receipt("", code="002", on="2026-02-11")])),
    Sent("账单.csv", csv_of(BILLS, [bill()])),
    Sent("商铺.csv", csv_of(UNITS, [unit("001", sub="FB-1"), unit("002", operator="李四", sub="FB-2"), unit("003")])),
    Sent("水表.csv", csv_of(METERS, SUBS)),
    Sent("缴费.csv", csv_of(REMITTANCES, [["2026-02-20", "ZB-1", "80", "转账", "P-1", "二房东", "已证实", ""]])),
    Sent("补收款.csv", csv_of(RECEIPTS, [receipt("4200000000000001", code="002", on="2026-02-12")])),
]
SAME = Answers(same=frozenset({2}))


@pytest.fixture
def owner(street: Street) -> User:
    return User.objects.create_user("owner")


def counted() -> list[int]:
    return [model.objects.count() for model in (Unit, Meter, Transaction, SourceFile, TrailLine, Payment)]


def staged(street: Street, owner: User, *files: Sent) -> Pile:
    return stage_pile(street, files or PAPERS, by=owner, at=NOW)


def test_a_street_comes_in_from_its_files_chosen_together_in_whatever_order(street: Street, owner: User):
    pile = staged(street, owner)
    before = counted()
    seen = rehearse(pile, by=owner, at=NOW)
    assert counted() == before
    assert [(f.sent.name, f.stopped) for f in seen.files] == [
        ("水表.csv", False), ("商铺.csv", False), ("账单.csv", False), ("收款.csv", False), ("补收款.csv", True),
        ("缴费.csv", False),
    ]  # fmt: skip
    asked = seen.files[4]
    assert asked.outcome is not None
    assert [(d.row, d.met) for d in asked.outcome.doubts] == [(2, f"{seen.files[3].opened.run.sha256[:12]}.3")]  # type: ignore[union-attr]


def test_an_answer_about_a_payment_of_the_same_pile_holds_when_it_is_booked(street: Street, owner: User):
    pile = staged(street, owner)
    (doubt,) = rehearse(pile, by=owner, at=NOW).files[4].outcome.doubts  # type: ignore[union-attr]
    file = pile.files.get(name="补收款.csv")
    piles.answer_file(file, Answers(same=frozenset({2}), seen={2: doubt.met}), kind=None, by=owner, at=NOW)
    assert rehearse(pile, by=owner, at=NOW).stopped is False
    outcome = book_pile(pile, by=owner, at=NOW)
    assert outcome is not None
    assert (outcome.booked, Payment.objects.count(), SourceFile.objects.count()) == (True, 3, 6)
    assert {bytes(f.content) for f in StagedFile.objects.all()} == {b""}


def test_totals_of_a_pile_are_those_before_the_first_file_and_after_the_last(street: Street):
    seen = take_files(street, PAPERS[:5], by=None, at=NOW, dry_run=True)
    done = take_files(street, PAPERS[:5], by=None, at=NOW, dry_run=False)
    assert (seen.before, seen.after, seen.booked, done.booked) == (done.before, done.after, False, True)
    wanted = {"units": 3, "meters": 3, "bills": 1, "payments": 3, "payable": 60960 - 8000, "held": 12000, "owed": 40960}
    assert {name: done.after[name] for name in wanted} == wanted
    assert {name: n for name, n in done.before.items() if n and name != "by_meter"} == {}


def test_one_file_that_is_stopped_stops_all_and_those_that_wait_for_it_say_so(street: Street, owner: User):
    bad = Sent("商铺.csv", csv_of(UNITS, [unit("001", in_on="2026-13-01")]))
    pile = staged(street, owner, bad, *PAPERS[:2], PAPERS[3])
    seen = {f.sent.name: f for f in rehearse(pile, by=owner, at=NOW).files}
    assert {name: (f.stopped, f.waits) for name, f in seen.items()} == {
        "水表.csv": (False, []), "商铺.csv": (True, []), "账单.csv": (False, []), "收款.csv": (True, ["商铺.csv"]),
    }  # fmt: skip
    before = counted()
    outcome = book_pile(pile, by=owner, at=NOW)
    assert outcome is not None
    assert (outcome.booked, counted()) == (False, before)


def test_what_is_no_table_stays_in_the_pile_with_its_reason(street: Street, owner: User):
    pile = staged(street, owner, PAPERS[3], Sent("照片.png", b"\x89PNG...."), Sent("不明.csv", "甲,乙\n1,2\n".encode()))
    rehearse(pile, by=owner, at=NOW)
    assert pile.seen is not None
    told = {f["file"]: (f["refused_file"], f["asked"]) for f in pile.seen["files"]}
    assert told["水表.csv"] == (None, "")
    assert "PNG" in told["照片.png"][0]
    assert told["不明.csv"][1] == "kind"


def test_a_second_yes_books_nothing_and_is_told_so(street: Street, owner: User):
    pile = staged(street, owner, *PAPERS[:5])
    rehearse(pile, by=owner, at=NOW)
    assert book_pile(pile, by=owner, at=NOW)
    before = counted()
    assert book_pile(pile, by=owner, at=NOW) is None
    assert counted() == before


def test_what_would_be_otherwise_than_it_was_seen_is_not_booked_but_shown(street: Street, owner: User):
    taken(street, K.METERS, MASTER)
    taken(street, K.UNITS, unit("001"), unit("002"))
    pile = staged(street, owner, PAPERS[0], PAPERS[1])
    rehearse(pile, by=owner, at=NOW)
    taken(street, K.RECEIPTS, receipt(), name="别人.csv")
    outcome = book_pile(pile, by=owner, at=NOW)
    assert outcome is not None
    assert pile.seen is not None
    assert (outcome.booked, outcome.stopped, pile.seen["moved"]) == (False, False, True)
    again = book_pile(pile, by=owner, at=NOW)
    assert again is not None
    assert (again.booked, Payment.objects.count()) == (True, 2)


def test_a_pile_is_its_owners_alone_and_for_some_hours(street: Street, owner: User):
    pile, other = staged(street, owner, *PAPERS[:5]), User.objects.create_user("other")
    rehearse(pile, by=owner, at=NOW)
    file = pile.files.first()
    assert file is not None
    for by, at in ((other, NOW), (owner, pile.expires_at)):
        acts: list[Any] = [
            lambda by=by, at=at: book_pile(pile, by=by, at=at),
            lambda by=by, at=at: rehearse(pile, by=by, at=at),
            lambda by=by, at=at: piles.add_to_pile(pile, PAPERS[:1], by=by, at=at),
            lambda by=by, at=at: piles.answer_file(file, SAME, kind=None, by=by, at=at),
            lambda by=by, at=at: piles.drop_file(file, by=by, at=at),
            lambda by=by, at=at: piles.drop_pile(pile, by=by, at=at),
            lambda by=by, at=at: piles.accept_proposals(pile, by=by, at=at),
        ]
        for act in acts:
            with pytest.raises(Refused, match="过了确认的时间"):
                act()
    outcome = book_pile(pile, by=owner, at=pile.expires_at - dt.timedelta(microseconds=1))
    assert outcome is not None
    assert outcome.booked


def test_a_pile_that_is_booked_is_changed_no_more(street: Street, owner: User):
    pile = staged(street, owner, *PAPERS[:5])
    rehearse(pile, by=owner, at=NOW)
    book_pile(pile, by=owner, at=NOW)
    with pytest.raises(Refused, match="已经导入"):
        piles.add_to_pile(pile, PAPERS[:1], by=owner, at=NOW)


def test_five_piles_of_one_person_wait_and_old_ones_go(street: Street, owner: User):
    first = staged(street, owner, PAPERS[0])
    assert staged(street, owner, PAPERS[0]) == first
    for paper in PAPERS[1:]:
        staged(street, owner, paper)
    assert (Pile.objects.count(), Pile.objects.filter(pk=first.pk).exists(), StagedFile.objects.count()) == (
        5,
        False,
        5,
    )
    stage_pile(street, PAPERS[:1], by=owner, at=NOW + piles.STAGED_FOR)
    assert (Pile.objects.count(), StagedFile.objects.count()) == (1, 1)


def test_a_file_lies_on_a_pile_once(street: Street, owner: User):
    pile = staged(street, owner, *PAPERS[:2], PAPERS[0])
    piles.add_to_pile(pile, PAPERS[1:3], by=owner, at=NOW)
    assert sorted(pile.files.values_list("name", flat=True)) == sorted(paper.name for paper in PAPERS[:3])


def test_too_many_files_are_refused_and_none_is_kept(street: Street, owner: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(piles, "MOST_FILES", 3)
    with pytest.raises(Refused, match="一叠最多 3 份"):
        staged(street, owner)
    assert (Pile.objects.count(), StagedFile.objects.count()) == (0, 0)


def test_a_cell_is_read_as_its_owner_says_and_the_trail_says_so(street: Street, owner: User):
    bad = csv_of(RECEIPTS, [receipt(amount="12.345")])
    taken(street, K.METERS, MASTER)
    taken(street, K.UNITS, unit("001"))
    mended = Answers(cells={(2, "金额"): "12.35"})
    assert take_files(street, [Sent("收款.csv", bad)], by=None, at=NOW, dry_run=True).stopped
    done = take_files(street, [Sent("收款.csv", bad, answers=mended)], by=None, at=NOW, dry_run=False)
    assert (done.booked, Payment.objects.get().amount_fen) == (True, 1235)
    assert done.files[0].outcome is not None
    assert done.files[0].outcome.notices == ["第 2 行的“金额”照您说的读作“12.35”，表里是“12.345”"]
    line = TrailLine.objects.filter(verb="import_file").latest("pk")
    assert line.data["cells"] == [[2, "金额", "12.35"]]
    with pytest.raises(Refused, match="没有第 9 行"):
        actions.preview_file(
            street, K.RECEIPTS, "收款.csv", bad, by=None, at=NOW, answers=Answers(cells={(9, "金额"): "1"})
        )


@pytest.mark.slow
def test_the_order_in_which_files_are_chosen_changes_neither_questions_nor_books(street: Street):
    told = []
    for seed in range(6):
        files = random.Random(seed).sample(PAPERS, len(PAPERS))
        seen = take_files(street, files, by=None, at=NOW, dry_run=True)
        told.append([(f.sent.name, f.outcome.new, [d.met for d in f.outcome.doubts]) for f in seen.files if f.outcome])
    assert told == told[:1] * 6


def test_nothing_stays_of_a_pile_whose_booking_breaks_off(street: Street, owner: User, monkeypatch: pytest.MonkeyPatch):
    pile = staged(street, owner, *PAPERS[:5])
    rehearse(pile, by=owner, at=NOW)
    before, booked = counted(), []

    def break_off(*what: Any, **more: Any) -> Any:
        booked.append(what)
        if len(booked) == 4:
            raise KeyboardInterrupt
        return actions.bring_in(*what, **more)

    monkeypatch.setattr(piles, "bring_in", break_off)
    with pytest.raises(KeyboardInterrupt):
        book_pile(pile, by=owner, at=NOW)
    pile.refresh_from_db()
    assert (counted(), pile.booked_at) == (before, None)
    monkeypatch.undo()
    assert book_pile(pile, by=owner, at=NOW)
    assert Tenancy.objects.count() == 3
