"""Many at once want one thing: one gets it, the others are told so, and the books stay whole.

Real threads with connections of their own, on both databases: PostgreSQL waits at row locks, SQLite at the
lock that a write transaction takes when it begins.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pyotp
import pytest
from django.db import IntegrityError, connection
from django.db.transaction import atomic
from django.test import RequestFactory

from hege.arrears.queries import who_holds_the_money
from hege.billing.actions import (
    PaymentDraft,
    choose_method,
    replace_allocation,
    reverse_transaction,
    share_bills,
    state_evidence,
    take_payments,
)
from hege.billing.chart import WATER, TransactionKind
from hege.billing.models import Allocation, Payment
from hege.billing.queries import unshared_bills
from hege.billing.rules import Method
from hege.imports.actions import import_file
from hege.imports.layouts import FileKind
from hege.imports.piles import Sent, book_pile, rehearse, stage_pile
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.ledger.models import Account, SourceRow, Transaction
from hege.ledger.queries import faults
from hege.ledger.rules import EvidenceKind, Side
from hege.metering.actions import ReadingDraft, correct_reading, exchange_meter, record_readings
from hege.metering.models import Meter, Reading
from hege.metering.rules import MeterKind
from hege.people.models import Membership, Organisation, Role, User
from hege.people.second_factor.rules import new_recovery_codes, new_secret
from hege.places.actions import move_out
from hege.places.models import Tenancy
from hege.places.second_factor.actions import (
    add_totp,
    make_recovery_codes,
    sign_in_by_code,
    sign_in_by_recovery_code,
)
from hege.places.staff.actions import agree_to_request, ask_for_role, end_role
from hege.trail.actions import Undone, do_once, record
from hege.trail.models import IdempotencyKey, TrailLine
from hege.web.account.lockout import PAIR, guess
from hege.web.errors import LockedOut
from tests.cast import DAY, NOW, first_broken, install_meter, make_row, move_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ON = dt.date(2026, 2, 2)
BY: Any = {"by": None, "at": NOW}
MANY = 8


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do these at the same moment, a thread each; what each answered, or the refusal it got. Anything else is raised."""
    start = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)
    broken: list[Exception] = []

    def run(position: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(20)
            answers[position] = act()
        except Refused as no:
            answers[position] = no
        except Exception as fault:  # noqa: BLE001  # handed to the test below
            broken.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody still waits"
    if broken:
        raise broken[0]
    return answers


def done(answers: list[Any]) -> list[Any]:
    return [a for a in answers if not isinstance(a, Refused)]


@pytest.fixture(autouse=True)
def _books_stay_whole(street):
    yield
    assert list(faults(street, WATER)) == []
    assert first_broken(street) is None


@pytest.fixture
def row(transactional_db, street):
    return make_row(street)


def receipts(*rows: str) -> bytes:
    return "\n".join(["日期,商铺编号,金额,方式,凭证号,收款人,证据,备注", *rows]).encode()


ROW = "2026-02-02,ZB-1-01,88.00,微信,S-1,二房东,已证实,"


def test_guesses_at_one_moment_are_no_more_than_one_after_another(street):
    looked: list[int] = []

    def guessed(n: int) -> None:
        with suppress(LockedOut):
            guess(RequestFactory().post("/sign-in/", REMOTE_ADDR="198.51.100.1"), "somebody", lambda: looked.append(n))

    at_once(*[lambda n=n: guessed(n) for n in range(32)])
    assert len(looked) <= PAIR.failures
    for n in range(9):
        guessed(n)
    assert len(looked) == PAIR.failures


def test_two_requests_with_one_source_row_book_it_once(row):
    file = receipts(ROW)
    both = at_once(
        *[lambda: import_file(row.street, FileKind.RECEIPTS, "收款.csv", file, dry_run=False, **BY) for _ in range(2)]
    )
    assert sorted(outcome.booked for outcome in both) == [0, 1]
    assert [o.faults for o in both] == [[], []]
    assert Transaction.objects.count() == Payment.objects.count() == SourceRow.objects.count() == 1


def test_two_files_that_share_a_row_book_it_once(row):
    files = [receipts(ROW, f"2026-02-03,ZB-1-02,{n}.00,微信,S-{n},二房东,已证实,") for n in (2, 3)]
    both = at_once(
        *[lambda f=f: import_file(row.street, FileKind.RECEIPTS, "收款.csv", f, dry_run=False, **BY) for f in files]
    )
    assert sorted(outcome.booked for outcome in both) == [1, 2]
    assert Transaction.objects.count() == SourceRow.objects.count() == 3
    assert who_holds_the_money(row.point, on=ON).confirmed.held == 8_800


def seen_pile(row: Any, user: User) -> Any:
    """A pile of one file of receipts that its owner has looked at."""
    pile = stage_pile(row.street, [Sent("收款.csv", receipts(ROW))], by=user, at=NOW)
    rehearse(pile, by=user, at=NOW)
    return pile


def test_a_pile_that_is_confirmed_twice_at_once_is_booked_once(row):
    user = User.objects.create_user("owner")
    pile = seen_pile(row, user)
    both = at_once(*[lambda: book_pile(pile, by=user, at=NOW) for _ in range(2)])
    assert sorted(outcome is not None and outcome.booked for outcome in both) == [False, True]
    assert Transaction.objects.count() == Payment.objects.count() == SourceRow.objects.count() == 1


def test_a_pile_and_a_file_that_share_a_row_book_it_once(row):
    user = User.objects.create_user("owner")
    pile, file = seen_pile(row, user), receipts(ROW) + b"\n"
    at_once(
        lambda: book_pile(pile, by=user, at=NOW),
        lambda: import_file(row.street, FileKind.RECEIPTS, "另存.csv", file, dry_run=False, **BY),
    )
    assert Transaction.objects.count() == Payment.objects.count() == SourceRow.objects.count() == 1


def test_a_row_whose_voucher_is_named_with_two_amounts_is_booked_once(row):
    files = [receipts(ROW), receipts(ROW.replace("88.00", "89.00"))]
    both = at_once(
        *[lambda f=f: import_file(row.street, FileKind.RECEIPTS, "收款.csv", f, dry_run=False, **BY) for f in files]
    )
    assert sorted(outcome.booked for outcome in both) == [0, 1]
    assert sorted(len(outcome.faults) for outcome in both) == [0, 1]
    assert Transaction.objects.count() == 1


def test_an_idempotency_key_is_used_once(row):
    def act() -> str:
        return f"/trail/{record('try', row.street, street=row.street, **BY).seq}/"

    before = TrailLine.objects.count()
    answers = at_once(*[lambda: do_once("k", asked="a", act=act, **BY) for _ in range(MANY)])
    assert answers == [f"/trail/{before + 1}/"] * MANY
    assert (TrailLine.objects.count(), IdempotencyKey.objects.count()) == (before + 1, 1)


@pytest.fixture
def under_way():
    """Wait until both are under way; on SQLite the second begins when the first has ended, and nobody waits long."""
    both = threading.Barrier(2)

    def wait() -> None:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.5)

    return wait


def test_of_two_sendings_under_way_the_one_that_is_refused_gets_the_answer_of_the_other(row, under_way):
    def act() -> str | None:
        under_way()
        try:
            with atomic():
                record("try", row.street, street=row.street, **BY)
                if Organisation.objects.filter(name="neu").exists():
                    raise Refused("已经有了")
                Organisation.objects.create(name="neu")
        except Refused:
            return None
        return "/neu/"

    before = TrailLine.objects.count()
    assert at_once(*[lambda: do_once("k", asked="a", act=act, **BY) for _ in range(2)]) == ["/neu/"] * 2
    assert (TrailLine.objects.count(), IdempotencyKey.objects.count()) == (before + 1, 1)


def test_of_two_sendings_under_way_the_one_that_breaks_gets_the_answer_of_the_other(row, under_way):
    def act() -> str | None:
        under_way()
        try:
            with atomic():
                Organisation.objects.create(name="neu")
        except IntegrityError as taken:
            raise Undone from taken
        return "/neu/"

    assert at_once(*[lambda: do_once("k", asked="a", act=act, **BY) for _ in range(2)]) == ["/neu/"] * 2
    assert (Organisation.objects.filter(name="neu").count(), IdempotencyKey.objects.count()) == (1, 1)


def test_lines_on_the_trail_follow_one_another(row):
    before = TrailLine.objects.count()
    lines = at_once(*[lambda: record("try", row.street, street=row.street, **BY) for _ in range(MANY)])
    assert sorted(line.seq for line in lines) == list(range(before + 1, before + 1 + MANY))


def test_a_bill_is_shared_once(row):
    choose_method(row.point, method=Method.AREA, from_on=DAY, decision="会议", **BY)
    row.units[0].area_sqm = None
    row.units[0].save()
    bill = row.bill(fen=900)
    row.units[0].area_sqm = 20
    row.units[0].save()
    answers = at_once(*[lambda: share_bills(row.street, unshared_bills(row.street), **BY) for _ in range(MANY)])
    assert sum(len(shared.allocations) for shared in answers) == 1
    assert Allocation.objects.filter(bill=bill).count() == 1
    assert who_holds_the_money(row.point, on=ON).confirmed.unshared == 0


def test_a_transaction_is_reversed_once(row):
    transaction = row.pay(TransactionKind.RECEIPT, 100, on=ON, unit=0)
    answers = at_once(*[lambda: reverse_transaction(transaction, reason="登记错", **BY) for _ in range(MANY)])
    assert len(done(answers)) == 1
    assert Transaction.objects.filter(reverses=transaction).count() == 1


def test_a_bill_is_either_shared_anew_or_taken_back(row):
    bill = row.bill(fen=900)
    reverse_transaction(bill.allocations.get().transaction, reason="面积有误", **BY)
    shared, gone = at_once(
        lambda: share_bills(row.street, [bill], **BY),
        lambda: reverse_transaction(bill.transaction, reason="抄错", **BY),
    )
    assert (len(shared.allocations) == 1) is isinstance(gone, Refused)
    assert who_holds_the_money(row.point, on=ON).confirmed.payable == (900 if shared.allocations else 0)


def test_an_allocation_is_either_replaced_or_taken_back(row):
    bill = row.bill(fen=900)
    first = bill.allocations.get()
    answers = at_once(
        lambda: replace_allocation(bill, method=Method.AREA, decision="再议", **BY),
        lambda: reverse_transaction(first.transaction, reason="抄错", **BY),
    )
    assert len(done(answers)) == 1


def test_an_allocation_is_replaced_one_after_another(row):
    bill = row.bill(fen=900)
    at_once(*[lambda: replace_allocation(bill, method=Method.AREA, decision="再议", **BY) for _ in range(4)])
    assert [u.owed for u in who_holds_the_money(row.point, on=ON).confirmed.units] == [200, 300, 400]
    assert Allocation.objects.filter(corrects__isnull=False).values("corrects").distinct().count() == 4


def test_evidence_and_reversal_of_one_payment_wait_for_each_other(row):
    transaction = row.pay(TransactionKind.RECEIPT, 100, on=ON, unit=0, confirmed=False)
    _level, mirror = at_once(
        lambda: state_evidence(
            transaction, side=Side.PAYEE, kind=EvidenceKind.ORAL_WORD, supports=True, stated_on=ON, **BY
        ),
        lambda: reverse_transaction(transaction, reason="登记错", **BY),
    )
    assert mirror.reverses_id == transaction.pk
    assert who_holds_the_money(row.point, on=ON).confirmed.held == 0


def test_words_on_one_payment_are_all_heard(row):
    transaction = row.pay(TransactionKind.RECEIPT, 100, on=ON, unit=0, confirmed=False)
    at_once(
        *[
            lambda s=s: state_evidence(
                transaction, side=s, kind=EvidenceKind.ORAL_WORD, supports=True, stated_on=ON, **BY
            )
            for s in (Side.PAYER, Side.PAYEE, Side.THIRD)
        ]
    )
    assert who_holds_the_money(row.point, on=ON).confirmed.held == 100


def test_payments_over_two_books_in_opposite_order_do_not_block_each_other(row):
    rows = [row, make_row(row.street, code="ZB-2")]

    def pay(order: list[Any]) -> list[int]:
        drafts = [PaymentDraft(TransactionKind.RECEIPT, r.point, ON, 5, True, r.tenancies[0]) for r in order]
        return take_payments(row.street, drafts, **BY)

    at_once(*[lambda o=o: pay(o) for o in [rows, rows[::-1]] * 4])
    assert Payment.objects.count() == 16
    assert Account.objects.filter(kind="agent").count() == 2


def test_a_shop_is_let_once(row):
    move_out(row.tenancies[0], until_on=ON, **BY)
    answers = at_once(
        *[lambda n=n: move_in(row.units[0], operator=f"新店主 {n}", from_on=ON, **BY) for n in range(MANY)]
    )
    assert len(done(answers)) == 1
    assert Tenancy.objects.filter(unit=row.units[0]).count() == 2


def test_a_meter_is_read_once_a_day_corrected_once_and_taken_out_once(row):
    meter = install_meter(row.point, number="FB-1", kind=MeterKind.SUB, unit=row.units[0], started_on=DAY, **BY)
    read = at_once(*[lambda: record_readings(row.street, [ReadingDraft(meter, ON, 1_000)], **BY) for _ in range(4)])
    assert len(done(read)) == Reading.objects.count() == 1
    first = Reading.objects.get()
    right = at_once(*[lambda: correct_reading(first, litres=1_100, reason="抄错", **BY) for _ in range(4)])
    assert len(done(right)) == 1
    new = at_once(
        *[
            lambda n=n: exchange_meter(meter, on=ON + dt.timedelta(days=9), last_litres=2_000, number=f"N-{n}", **BY)
            for n in range(4)
        ]
    )
    assert len(done(new)) == 1
    assert Meter.objects.filter(kind=MeterKind.SUB).count() == 2


def test_a_street_keeps_an_administrator_when_two_end_each_others_role(row):
    first, second = User.objects.create_user("first"), User.objects.create_user("second")
    post: Any = {"street": row.street, "role": Role.ADMINISTRATOR, "from_on": DAY}
    posts = [(Membership.objects.create(user=user, **post), by) for user, by in ((first, second), (second, first))]
    end: Any = {"until_on": day_of(NOW), "reason": "调离", "at": NOW}
    assert len(done(at_once(*[lambda m=m, by=by: end_role(m, by=by, **end) for m, by in posts]))) == 1


def test_a_request_that_two_agree_to_is_done_once(row):
    asks, *able, whom = (User.objects.create_user(name) for name in ("asks", "first", "second", "whom"))
    for user in (asks, *able):
        Membership.objects.create(street=row.street, user=user, role=Role.ADMINISTRATOR, from_on=DAY)
    asked = ask_for_role(row.street, whom, role=Role.AUDITOR, from_on=day_of(NOW), reason="新到岗", by=asks, at=NOW)
    acts = [lambda by=by: agree_to_request(asked, password="", by=by, at=NOW) for by in able]
    assert len(done(at_once(*acts))) == 1
    assert Membership.objects.get(user=whom).granted_by in able
    assert TrailLine.objects.filter(verb="agree_to_request").count() == 1


def test_a_code_of_the_second_factor_lets_in_once(row):
    user = User.objects.create_user("first")
    Membership.objects.create(user=user, street=row.street, role=Role.COORDINATOR, from_on=DAY)
    own: Any = {"by": user, "at": NOW}
    secret, codes = new_secret(), new_recovery_codes()
    totp, step = pyotp.TOTP(secret), NOW + dt.timedelta(seconds=30)
    add_totp(user, name="手机", secret=secret, code=totp.at(NOW), **own)
    make_recovery_codes(user, codes=codes, **own)
    by: Any = {"address": "127.0.0.1", "by": user, "at": step}
    assert len(done(at_once(*[lambda: sign_in_by_code(user, code=totp.at(step), **by)] * MANY))) == 1
    assert len(done(at_once(*[lambda: sign_in_by_recovery_code(user, code=codes[0], **by)] * MANY))) == 1
