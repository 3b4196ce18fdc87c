"""What is counted, in whole numbers: one row = debit, credit, amount. Nothing here is ever changed or deleted but the marked projection.

A *book* (账本) is a closed set of accounts: of one supply point in fen, of a street's points or minutes; a *transaction* is
one thing that happened, with two dates; a *transfer* is one pair row. Balances are summed from the transfers, or from their
``MonthTotal``, a projection of them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from hege.kernel.mutability import AppendOnly, AppendOnlyQuerySet, Mutable
from hege.ledger.rules import EvidenceKind, Level, Side
from hege.people.models import Acted, OfStreet, Party, Recorded, Street


class Book(Mutable):
    """A closed set of accounts (账本): of one supply point, or the one of a street that keeps to a ``chart`` with a name.

    Locked by every action that posts to it, unless the package above locks the owners of its accounts instead.
    """

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="books")
    chart = models.CharField(max_length=16, blank=True, default="", help_text="The name of its chart.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "chart"], condition=~Q(chart=""), name="book_of_named_chart_unique"
            )
        ]


class Account(OfStreet, AppendOnly):
    """One account of one book, with whose it is: at most one of ``Owner``'s columns, as the chart of the book says."""

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=20)
    tenancy = models.ForeignKey("places.Tenancy", null=True, on_delete=models.PROTECT, related_name="accounts")
    party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="accounts")
    member = models.ForeignKey(  # its default is left out of seals, as of a column that came later
        "members.Member", null=True, default=None, on_delete=models.PROTECT, related_name="accounts", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "book", "kind"],
                condition=Q(tenancy__isnull=True, party__isnull=True, member__isnull=True),
                name="account_of_nobody_unique",
            ),
            models.UniqueConstraint(
                fields=["street", "book", "kind", "tenancy"],
                condition=Q(tenancy__isnull=False),
                name="account_tenancy_unique",
            ),
            models.UniqueConstraint(
                fields=["street", "book", "kind", "party"],
                condition=Q(party__isnull=False),
                name="account_party_unique",
            ),
            models.UniqueConstraint(
                fields=["street", "member", "kind"], condition=Q(member__isnull=False), name="account_member_unique"
            ),
            models.CheckConstraint(
                condition=Q(tenancy__isnull=True, party__isnull=True)
                | Q(tenancy__isnull=True, member__isnull=True)
                | Q(party__isnull=True, member__isnull=True),
                name="account_of_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.tenancy_id or self.party_id or self.member_id or ''}".strip()


class SourceFile(Acted, AppendOnly):
    """A file as it came in: kept by its SHA-256, whole, so that every booked line can be shown in it."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="source_files")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    row_count = models.PositiveIntegerField()
    booked_count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "kind", "sha256"], name="source_file_unique")]


class SourceRow(OfStreet, AppendOnly):
    """One booked line's raw row. The same key with the same content is already booked; with other content, refused."""

    source = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    raw = models.JSONField()
    file = models.ForeignKey(SourceFile, null=True, on_delete=models.PROTECT, related_name="rows")
    row_number = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "source", "key"], name="source_row_unique")]


class FoldedKey(OfStreet, Mutable):
    """Under which key a row is looked for that was kept before keys were folded (``kernel.spelling``).

    Beside ``SourceRow``, which is append-only and sealed as it was. Two old rows may have one key.
    """

    unwatched = "a projection: every proof folds the key of each sealed source row again and compares"

    row = models.OneToOneField(SourceRow, on_delete=models.PROTECT, related_name="folded_key")
    source = models.CharField(max_length=20)
    key = models.CharField(max_length=240)

    class Meta:
        indexes = [models.Index(fields=["street", "source", "key"], name="folded_key")]


class TransactionQuerySet(AppendOnlyQuerySet):
    """Chainable filters over transactions."""

    def standing(self) -> TransactionQuerySet:
        """Those that are neither reversed nor a reversal."""
        return self.filter(reversed_by__isnull=True, reverses__isnull=True)


class Transaction(OfStreet, Recorded, AppendOnly):
    """One thing that happened to the money of one supply point.

    ``effective_on`` is when it happened, ``recorded_at`` when we learnt it. ``depends_on`` is the transaction
    that must stand as long as this one does (a share on its bill). ``document_digest`` is the digest of the paper
    booked (bill, allocation, payment), handed in by the package that knows it. ``digest`` covers the transaction, its
    transfers, first words and the document's digest; the trail carries it, so that ``hege verify`` names what was changed.
    """

    sealed_by = "its digest, which the trail carries"

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=16)
    effective_on = models.DateField()
    source_row = models.OneToOneField(SourceRow, null=True, on_delete=models.PROTECT, related_name="transaction")
    depends_on = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="dependents")
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    reason = models.CharField(max_length=300, blank=True)
    document_digest = models.CharField(max_length=64, blank=True, default="", db_column="particulars")
    digest = models.CharField(max_length=64)

    objects: ClassVar[models.Manager[Transaction]] = models.Manager.from_queryset(TransactionQuerySet)()

    class Meta:
        db_table = "ledger_event"  # tables and columns keep the names that seals and kept copies know
        indexes = [models.Index(fields=["street", "book", "kind", "effective_on"], name="event_book_kind")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False) | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="event_reversal_names_its_event",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.effective_on}"

    @property
    def level(self) -> str:
        """How well it is proven as far as that is asked of its kind, from its projection."""
        return str(self.open_claim.level) if hasattr(self, "open_claim") else str(Level.CONFIRMED.value)


class Transfer(OfStreet, AppendOnly):
    """One pair row: ``amount_fen`` > 0 from the credit account to the debit account."""

    sealed_by = "its transaction, whose digest the trail carries"

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="+", db_index=False)
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="transfers", db_column="event_id"
    )
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits", db_index=False)
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits", db_index=False)
    amount_fen = models.BigIntegerField()
    effective_on = models.DateField()

    class Meta:
        db_table = "ledger_entry"
        indexes = [
            # All that a sum asks of a row, so that it never leaves the index: docs/performance.md.
            models.Index(
                fields=["debit", "effective_on", "amount_fen", "credit", "transaction"], name="entry_debit_covering"
            ),
            models.Index(
                fields=["credit", "effective_on", "amount_fen", "debit", "transaction"], name="entry_credit_covering"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="entry_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="entry_two_accounts"),
        ]


class Evidence(OfStreet, Recorded, AppendOnly):
    """A statement beside a transaction (证据): whose word, resting on what, for it or against it.

    ``source_row`` where it came in a file, as a further paper of a payment that stands.
    """

    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="evidence", db_column="event_id"
    )
    side = models.CharField(max_length=6, choices=Side.choices)
    kind = models.CharField(max_length=16, choices=EvidenceKind.choices)
    supports = models.BooleanField()
    document = models.CharField(max_length=200, blank=True)
    stated_on = models.DateField()
    source_row = models.ForeignKey(SourceRow, null=True, on_delete=models.PROTECT, related_name="evidence")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "source_row"],
                condition=Q(source_row__isnull=False),
                name="evidence_source_row_unique",
            )
        ]


class OpenClaim(OfStreet, Mutable):
    """The transactions that are not confirmed at present: a projection of ``Evidence``, made by one action, proven by verify.

    It exists so that a confirmed balance is "all rows less the rows of these few transactions" and never a
    join over every statement of a street.
    """

    unwatched = "a projection: every proof makes it again from the evidence and compares"

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="open_claims")
    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, related_name="open_claim", db_column="event_id"
    )
    level = models.CharField(max_length=10, choices=Level.choices)


class MonthTotal(OfStreet, Mutable):
    """What moved on an account in one month (月发生额), debits less credits: a projection of ``Transfer``, made by the one place
    that posts, proven by verify, made anew by ``hege rebuild``. Kept of books of the charts ``rules.BY_MONTH``.

    ``month_on`` is the month's first day, by effective days; ``unproven_fen`` the part of it whose transactions are an
    ``OpenClaim``. A balance at a month's end is the sum of the months until then: what is booked late is added to its own
    month, and no later one has to follow (docs/adr/0040-month-totals.md).
    """

    unwatched = "a projection: every proof sums the entries of each account and month again and compares"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="month_totals", db_index=False)
    month_on = models.DateField()
    fen = models.BigIntegerField()
    unproven_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "account", "month_on"], name="month_total_unique")]


class AccountTotal(OfStreet, Mutable):
    """What ever moved between an account and all accounts of one kind (累计发生额), debits less credits: a projection of ``Transfer``
    as ``MonthTotal`` is, of the same books. ``against`` is the kind of the other side.

    It answers how things stand now without the months there were: a shop's charges stand against what is unshared, its
    payments against agents and the utility.
    """

    unwatched = "a projection: every proof sums the entries of each account and other side again and compares"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="totals", db_index=False)
    against = models.CharField(max_length=20)
    fen = models.BigIntegerField()
    unproven_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "account", "against"], name="account_total_unique")]


class BalanceAssertion(Recorded, AppendOnly):
    """What a third record says a balance is (余额核对): one that fails is a warning with its difference."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="assertions")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="assertions")
    account_kind = models.CharField(max_length=20)
    tenancy = models.ForeignKey("places.Tenancy", null=True, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    amount_fen = models.BigIntegerField()
    document = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)
    source_row = models.OneToOneField(SourceRow, null=True, on_delete=models.PROTECT, related_name="assertion")
