"""Which pairs a transaction may use, and how well it is proven: a table a clerk can check."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.billing.chart import WATER, AccountKind, TransactionKind
from hege.kernel.refused import allows
from hege.ledger.rules import (
    EvidenceKind,
    Level,
    Line,
    Ref,
    Side,
    Statement,
    check_arguable,
    check_lines,
    level,
    line,
)

PAYER, PAYEE, THIRD = Side
UTILITY, BANK, WALLET, SIGNED, ORAL = EvidenceKind
CONFIRMED, CLAIMED, CONTESTED = Level


def words(*said):
    """``(side, kind)`` speaks for it, ``(side, kind, False)`` against."""
    return [Statement(w[0], w[1], supports=w[2] if len(w) > 2 else True) for w in said]


@pytest.mark.parametrize(
    ("said", "proven"),
    [
        ([], CLAIMED),
        ([(PAYER, ORAL)], CLAIMED),
        ([(PAYEE, ORAL)], CLAIMED),
        ([(THIRD, ORAL)], CLAIMED),
        ([(PAYER, ORAL), (THIRD, ORAL)], CLAIMED),
        ([(PAYER, ORAL), (PAYER, ORAL)], CLAIMED),
        ([(PAYER, ORAL), (PAYEE, ORAL)], CONFIRMED),
        ([(PAYEE, SIGNED)], CONFIRMED),
        ([(PAYEE, SIGNED), (PAYEE, ORAL)], CONFIRMED),
        ([(PAYEE, SIGNED), (PAYEE, ORAL, False)], CONTESTED),
        ([(PAYEE, SIGNED), (PAYEE, ORAL, False), (PAYEE, ORAL)], CONFIRMED),
        ([(PAYER, ORAL), (PAYEE, ORAL, False)], CONTESTED),
        ([(PAYER, ORAL), (PAYEE, ORAL, False), (PAYEE, ORAL)], CONFIRMED),
        ([(PAYER, ORAL), (PAYEE, SIGNED, False)], CONTESTED),
        ([(PAYER, ORAL, False)], CONTESTED),
        ([(PAYER, ORAL), (THIRD, BANK)], CONFIRMED),
        ([(PAYER, WALLET)], CONFIRMED),
        ([(PAYER, WALLET), (PAYEE, ORAL, False)], CONFIRMED),
        ([(THIRD, UTILITY, False), (PAYER, ORAL), (PAYEE, SIGNED)], CONTESTED),
        ([(PAYER, BANK), (THIRD, UTILITY, False)], CONTESTED),
        ([(THIRD, UTILITY, False), (PAYER, BANK)], CONFIRMED),
    ],
)
@pytest.mark.parametrize("kind", sorted(WATER.needs_evidence))
def test_a_payment_is_as_well_proven_as_its_words(kind, said, proven):
    assert level(WATER, kind, words(*said)) is proven


@pytest.mark.parametrize("kind", [k for k in TransactionKind if k not in WATER.needs_evidence])
def test_what_rests_on_the_utilitys_papers_is_confirmed_whatever_is_said(kind):
    assert level(WATER, kind, words((PAYEE, ORAL, False))) is CONFIRMED


any_word = st.builds(Statement, st.sampled_from(Side), st.sampled_from(EvidenceKind), st.booleans())


@given(st.lists(any_word, max_size=6), st.sampled_from(Side), st.sampled_from(EvidenceKind))
def test_a_word_for_it_never_weakens_a_payment(said, side, kind):
    rank = [CONTESTED, CLAIMED, CONFIRMED]
    before = level(WATER, TransactionKind.RECEIPT, said)
    after = level(WATER, TransactionKind.RECEIPT, [*said, Statement(side, kind, supports=True)])
    assert rank.index(after) >= rank.index(before)


@given(st.lists(any_word, max_size=6), st.sampled_from(Side), st.sampled_from(EvidenceKind))
def test_a_word_against_it_never_strengthens_a_payment(said, side, kind):
    rank = [CONTESTED, CLAIMED, CONFIRMED]
    before = level(WATER, TransactionKind.RECEIPT, said)
    after = level(WATER, TransactionKind.RECEIPT, [*said, Statement(side, kind, supports=False)])
    assert rank.index(after) <= rank.index(before)


def test_a_signed_amount_that_is_negative_runs_the_other_way():
    a, b = Ref(AccountKind.UNSHARED), Ref(AccountKind.PAYABLE)
    assert line(a, b, 5) == Line(a, b, 5)
    assert line(a, b, -5) == Line(b, a, 5)


@pytest.mark.parametrize("fen", [0, -1])
def test_a_row_that_is_not_above_zero_is_a_bug(fen):
    with pytest.raises(ValueError, match="not above zero"):
        check_lines(WATER, TransactionKind.BILL, [Line(Ref(AccountKind.UNSHARED), Ref(AccountKind.PAYABLE), fen)])


def whose(kind: AccountKind) -> Ref:
    """An account of a kind with the owner that its chart wants."""
    owner = WATER.owners.get(kind)
    return Ref(kind, *(7 if owner and name == owner.value else None for name in Ref._fields[1:]))


def test_an_account_of_another_owner_than_the_chart_says_is_a_bug():
    tenancy, unshared = Ref(AccountKind.TENANCY, tenancy_id=7), Ref(AccountKind.UNSHARED)
    check_lines(WATER, TransactionKind.SHARE, [Line(tenancy, unshared, 1)])
    wrong = [
        Line(Ref(AccountKind.TENANCY), unshared, 1),
        Line(Ref(AccountKind.TENANCY, party_id=7), unshared, 1),
        Line(tenancy._replace(member_id=7), unshared, 1),
        Line(tenancy, unshared._replace(party_id=7), 1),
    ]
    for row in wrong:
        with pytest.raises(ValueError, match="is not an account of"):
            check_lines(WATER, TransactionKind.SHARE, [row])


def test_an_owner_that_came_later_is_in_no_seal_of_an_account_without_it():
    assert Ref("tenancy", tenancy_id=7).says == ("tenancy", 7, None)
    assert Ref("member_points", member_id=7).says == ("member_points", None, None, 7)


@pytest.mark.parametrize("kind", list(WATER.pairs))
def test_every_pair_outside_the_table_is_a_bug(kind):
    for debit, credit in itertools.product(AccountKind, repeat=2):
        rows = [Line(whose(debit), whose(credit), 1)]
        if (debit, credit) in WATER.pairs[kind]:
            check_lines(WATER, kind, rows)
            continue
        with pytest.raises(ValueError, match="not a pair"):
            check_lines(WATER, kind, rows)


@pytest.mark.parametrize(("kind", "touched"), [(k, {a for pair in WATER.pairs[k] for a in pair}) for k in WATER.pairs])
def test_only_the_utilitys_bills_and_openings_make_debt_to_it(kind, touched):
    raises_payable = any(credit is AccountKind.PAYABLE for _debit, credit in WATER.pairs[kind])
    assert raises_payable == (kind in (TransactionKind.BILL, TransactionKind.OPENING))
    assert AccountKind.DEPOSIT not in touched


@pytest.mark.parametrize("kind", TransactionKind)
def test_what_needs_no_evidence_is_not_argued_about(kind: TransactionKind):
    assert allows(check_arguable, chart=WATER, kind=kind, is_reversed=False) is (kind in WATER.needs_evidence)
    assert not allows(check_arguable, chart=WATER, kind=kind, is_reversed=True)
