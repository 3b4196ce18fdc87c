"""Files chosen together: looked at as each will be in its turn, booked as one or not at all, once."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Q
from django.db.transaction import atomic, set_rollback

from hege.arrears.queries import who_holds_the_money
from hege.billing.models import Payment
from hege.imports import actions, piles
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.models import Pile, StagedFile
from hege.imports.piles import Sent, book_pile, file_as_json, rehearse, stage_pile, take_files
from hege.kernel.refused import Refused
from hege.ledger.models import SourceFile, Transaction
from hege.metering.models import Meter, SupplyPoint
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
from tests.imports.office import expected, paper

pytestmark = pytest.mark.once

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


@pytest.mark.both
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
    for other in PAPERS[1:]:
        staged(street, owner, other)
    assert (Pile.objects.count(), Pile.objects.filter(pk=first.pk).exists(), StagedFile.objects.count()) == (
        5,
        False,
        5,
    )
    stage_pile(street, PAPERS[:1], by=owner, at=NOW + piles.STAGED_FOR)
    assert (Pile.objects.count(), StagedFile.objects.count()) == (1, 1)


@pytest.mark.both
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


@pytest.mark.both
@pytest.mark.slow
def test_the_order_in_which_ten_papers_are_chosen_changes_neither_the_questions_nor_the_books(street: Street):
    sent = [Sent(told["file"], paper(told["file"])) for told in expected()["files"]]
    read = {seen.sent.name: seen for seen in piles._opened(street, sent, at=NOW)}
    chosen = [random.Random(seed).sample(sorted(read), len(read)) for seed in range(30)]
    in_turn = [[seen.sent.name for seen in sorted((read[n] for n in names), key=lambda s: s.turn)] for names in chosen]
    assert in_turn == in_turn[:1] * len(in_turn)  # what a pile is depends on the order of booking alone
    asked = [questions(_asked(street, [read[name] for name in names])) for names in chosen[::15]]
    assert asked == asked[:1] * len(asked)
    accepted = [replace(one, answers=Answers(accept=True)) for one in sent]
    read = {seen.sent.name: seen for seen in piles._opened(street, accepted, at=NOW)}
    books = [_booked(street, [read[name] for name in names]) for names in chosen[::15]]
    assert books == books[:1] * len(books)
    assert books[0][0] == [truth["confirmed"]["held"] for truth in expected()["money"]]


def questions(outcome: piles.PileOutcome) -> list[Any]:
    return [
        (f.sent.name, f.outcome.new, [(d.row, d.met, d.code) for d in f.outcome.doubts])
        for f in outcome.files
        if f.outcome
    ]


def _asked(street: Street, files: list[piles.Seen]) -> piles.PileOutcome:
    return piles._taken(street, [piles.Seen(f.sent, f.opened) for f in files], by=None, at=NOW, dry_run=True)


def _booked(street: Street, files: list[piles.Seen]) -> tuple[Any, ...]:
    """What the books say after a pile, which is then taken back: money on three days, payments, how each is proven, the trail."""
    with atomic():
        outcome = piles._run(street, [piles.Seen(f.sent, f.opened) for f in files], by=None, at=NOW)
        assert not outcome.stopped
        point = SupplyPoint.objects.get()
        days = [dt.date.fromisoformat(truth["on"]) for truth in expected()["money"]]
        held = [who_holds_the_money(point, on=day).confirmed.held for day in days]
        payments = sorted(
            Payment.objects.values_list("transaction__kind", "transaction__effective_on", "amount_fen", "voucher")
        )
        levels = Counter(Transaction.objects.annotate(said=Q(open_claim__isnull=False)).values_list("kind", "said"))
        verbs = Counter(TrailLine.objects.values_list("verb", flat=True))
        set_rollback(True)
    return held, payments, levels, verbs, outcome.after


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


def test_a_sum_that_does_not_add_up_can_be_set_right_under_the_words_of_its_paper(street: Street):
    taken(street, K.METERS, MASTER)
    taken(street, K.UNITS, unit("001"), unit("002"))
    heads = ["收款日期", "铺号", "收款", "收据号"]
    rows = [["2026-02-10", "001", "12.35", "R-1"], ["2026-02-11", "002", "20.00", "R-2"], ["合计", "", "32.53", ""]]
    paper = csv_of(heads, rows)
    seen = take_files(street, [Sent("收款.csv", paper, K.RECEIPTS)], by=None, at=NOW, dry_run=True).files[0]
    (fault,) = file_as_json(seen)["faults"]
    assert (fault["row"], fault["head"], fault["value"]) == (4, "收款", "32.53")
    good = Answers(cells={(4, fault["head"]): "32.35"})
    done = take_files(street, [Sent("收款.csv", paper, K.RECEIPTS, answers=good)], by=None, at=NOW, dry_run=False)
    assert done.booked
    assert Payment.objects.count() == 2
