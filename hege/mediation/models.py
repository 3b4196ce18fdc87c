"""The mediation file (调解卷宗), the agreement it may end in, and the dated schedule of what is to be paid."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from hege.cases.models import Case
from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable, MutableQuerySet
from hege.mediation.rules import (
    FILE_FINISHED,
    GENERATED,
    REQUIRED,
    AgreementForm,
    AgreementState,
    Confirmation,
    DocumentKind,
    DocumentState,
    FileSource,
    FileState,
    IdentityKind,
    Particulars,
    PartySide,
    PayManner,
    PayTo,
    SessionKind,
    SignerKind,
)
from hege.metering.models import SupplyPoint
from hege.people.models import Acted, OfStreet, Party, Recorded, Street, User


class DossierQuerySet(MutableQuerySet["Dossier"]):
    """Chainable filters over files."""

    def unfinished(self) -> DossierQuerySet:
        """Neither agreed nor ended otherwise."""
        return self.exclude(state__in=FILE_FINISHED)


class Dossier(Mutable):
    """One mediation (调解案件): on application or on the committee's own initiative, free of charge (art. 4, 17)."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="mediation_files")
    public_id = models.CharField(max_length=12, default=public_id)
    number = models.CharField(max_length=20)
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="mediation_files")
    point = models.ForeignKey(
        SupplyPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="mediation_files"
    )
    source = models.CharField(max_length=16, choices=FileSource.choices)
    subject = models.CharField(max_length=120)
    summary = models.TextField()
    mediator = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="mediation_files")
    state = models.CharField(max_length=14, choices=FileState.choices, default=FileState.REGISTERED)
    opened_on = models.DateField()
    rights_told_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    archived_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it failed, was terminated or withdrawn.")

    objects: ClassVar[models.Manager[Dossier]] = models.Manager.from_queryset(DossierQuerySet)()

    class Meta:
        db_table = "mediation_mediationfile"
        constraints = [
            models.UniqueConstraint(fields=["street", "number"], name="mediation_number_unique"),
            models.UniqueConstraint(fields=["street", "public_id"], name="mediation_public_id_unique"),
        ]
        indexes = [models.Index(fields=["street", "state"], name="mediation_state")]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"


class MediationParty(OfStreet, Mutable):
    """A party to the dispute, the side it is on, and its particulars; a person's number is kept masked only."""

    file = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="parties")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="mediations")
    side = models.CharField(max_length=10, choices=PartySide.choices)
    identity_kind = models.CharField(max_length=8, choices=IdentityKind.choices, blank=True)
    identity_number = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    representative = models.CharField(max_length=60, blank=True)
    post = models.CharField(max_length=60, blank=True)
    about = models.CharField(max_length=120, blank=True, help_text="Sex, ethnicity, age, occupation.")

    @property
    def particulars(self) -> Particulars | None:
        """Its particulars; None until they are written."""
        if not self.identity_kind:
            return None
        return Particulars(
            IdentityKind(self.identity_kind), self.identity_number, self.address, self.phone, self.representative,
            self.post, self.about,
        )  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "file", "party"], name="mediation_party_unique")]


class MediationDocument(OfStreet, Mutable):
    """One of the thirteen documents of a file: there, missing, or not needed."""

    file = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=18, choices=DocumentKind.choices)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=DocumentState.choices, default=DocumentState.MISSING)
    text = models.TextField(blank=True)
    happened_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "file", "kind"], name="mediation_document_unique")]

    @property
    def required(self) -> bool:
        """Whether a file must have it."""
        return self.kind in REQUIRED

    @property
    def lacking(self) -> bool:
        """Whether it must be there and is not; what the archive makes itself is never lacking."""
        return self.required and self.kind not in GENERATED and self.state == DocumentState.MISSING


class SupplementaryPaper(OfStreet, Recorded, AppendOnly):
    """A paper on what happened after the archive (补充文书): receipts, return visits, judicial confirmation."""

    file = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="supplements")
    kind = models.CharField(max_length=18, choices=DocumentKind.choices)
    text = models.TextField()
    happened_on = models.DateField()


class MediationRecord(OfStreet, Recorded, AppendOnly):
    """What was said and found at a session or visit (调查/调解/回访记录)."""

    file = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(max_length=14, choices=SessionKind.choices)
    held_on = models.DateField()
    present = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    satisfied = models.BooleanField(null=True, help_text="Return visits only.")


class Authorisation(OfStreet, Recorded, AppendOnly):
    """One party's or shop's written authority for somebody to sign for it (授权委托书); one paper may list many."""

    file = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="authorisations")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=200)
    paper = models.CharField(max_length=120)
    given_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "file", "party", "agent"], name="authorisation_once"),
        ]


class AgreementDraft(OfStreet, Mutable):
    """What the parties are about to sign (协议草案); sums in fen. ``schedule`` is ``[["2026-03-10", 30000], …]``."""

    file = models.OneToOneField(Dossier, on_delete=models.PROTECT, related_name="draft")
    form = models.CharField(max_length=8, choices=AgreementForm.choices)
    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="+")
    debtor = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    debt_fen = models.BigIntegerField()
    counted_on = models.DateField(help_text="The day whose debt in the ledger this is about.")
    ledger_fen = models.BigIntegerField(help_text="What the ledger showed as owed on that day.")
    difference = models.CharField(max_length=300, blank=True, help_text="Why the debt is not the ledger's.")
    facts = models.TextField()
    terms = models.TextField()
    statement = models.TextField(blank=True)
    committee = models.CharField(max_length=120)
    manner = models.CharField(max_length=8, choices=PayManner.choices)
    payee = models.CharField(max_length=120)
    bank = models.CharField(max_length=120)
    account = models.CharField(max_length=60, blank=True)
    schedule = models.JSONField()
    saved_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(debt_fen__gt=0), name="draft_over_a_debt")]

    @property
    def pay_to(self) -> PayTo:
        """How and into which account."""
        return PayTo(PayManner(self.manner), self.payee, self.bank, self.account)


class AgreementPrint(OfStreet, Acted, AppendOnly):
    """A draft as it was printed for signing (打印稿): ``sha256`` covers ``content``, and it alone can be signed."""

    file = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="prints")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "file", "number"], name="print_number_unique")]


class Agreement(Mutable):
    """A mediated agreement (调解协议) over one debt of one supply point; what was signed is in ``AgreementText``."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="agreements")
    public_id = models.CharField(max_length=12, default=public_id)
    file = models.OneToOneField(Dossier, on_delete=models.PROTECT, related_name="agreement")
    point = models.ForeignKey(SupplyPoint, on_delete=models.PROTECT, related_name="agreements")
    debtor = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="owed_agreements")
    form = models.CharField(max_length=8, choices=AgreementForm.choices)
    effective_on = models.DateField()
    debt_fen = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=AgreementState.choices, default=AgreementState.PERFORMING)
    breached_on = models.DateField(null=True, blank=True)
    performed_on = models.DateField(null=True, blank=True)
    confirmation = models.CharField(max_length=12, choices=Confirmation.choices, default=Confirmation.NOT_SOUGHT)
    applied_on = models.DateField(null=True, blank=True)
    court = models.CharField(max_length=80, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    ruling = models.CharField(max_length=120, blank=True)
    printed = models.ForeignKey(
        AgreementPrint,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="agreements",
        help_text="What was signed; none where it was signed before printing was recorded.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="agreement_public_id_unique"),
            models.CheckConstraint(condition=Q(debt_fen__gt=0), name="agreement_over_a_debt"),
            # Two at once would count the same payment twice.
            models.UniqueConstraint(
                fields=["street", "point"], condition=Q(state="performing"), name="agreement_one_runs_per_point"
            ),
        ]
        indexes = [models.Index(fields=["street", "state"], name="agreement_state")]

    def __str__(self) -> str:
        return f"{self.file.number} · {self.effective_on}"


class AgreementText(OfStreet, AppendOnly):
    """What was signed (协议内容; art. 29): never changed; ``sha256`` is that of the print, or covers it with debt and schedule."""

    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="text")
    facts = models.TextField(help_text="The main facts and points at issue.")
    terms = models.TextField(help_text="What was agreed, manner and term of performance, into which account.")
    statement = models.TextField(blank=True, help_text="The parties' own statement.")
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()


class Signature(OfStreet, AppendOnly):
    """Who signed or sealed which print on which day; ``agent`` signed for the party. Of earlier releases: an agreement."""

    agreement = models.ForeignKey(
        Agreement, null=True, blank=True, on_delete=models.PROTECT, related_name="old_signatures"
    )
    printed = models.ForeignKey(
        AgreementPrint, null=True, blank=True, on_delete=models.PROTECT, related_name="signatures"
    )
    kind = models.CharField(max_length=10, choices=SignerKind.choices)
    party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "agreement", "party"], condition=Q(party__isnull=False), name="signature_party_unique"
            ),
            models.UniqueConstraint(
                fields=["street", "printed", "party"],
                condition=Q(party__isnull=False),
                name="signature_printed_party_unique",
            ),
            models.UniqueConstraint(
                fields=["street", "printed", "kind"], condition=Q(party__isnull=True), name="signature_office_unique"
            ),
            models.CheckConstraint(
                condition=Q(kind="party", party__isnull=False) | (~Q(kind="party") & Q(party__isnull=True)),
                name="signature_party_is_named",
            ),
            models.CheckConstraint(
                condition=Q(agreement__isnull=False, printed__isnull=True)
                | Q(agreement__isnull=True, printed__isnull=False),
                name="signature_of_one_paper",
            ),
        ]


class Instalment(OfStreet, AppendOnly):
    """One dated part of the debt (分期). Whether it is met is told from the ledger and from nothing else."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "agreement", "number"], name="instalment_number_unique"),
            models.UniqueConstraint(fields=["street", "agreement", "due_on"], name="instalment_day_unique"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="instalment_positive"),
        ]
