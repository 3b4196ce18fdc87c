"""Files that wait for a person's yes, and what files taught. What was booked is kept in ``ledger.SourceFile``, not here."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from hege.imports.layouts import FileKind
from hege.kernel.ids import public_id
from hege.kernel.mutability import Mutable
from hege.metering.models import SupplyPoint
from hege.people.models import Party, Street, User
from hege.places.models import Tenancy


class Pile(Mutable):
    """Files chosen together (一叠文件): looked at as one, booked as one or not at all; its owner's alone, for a few hours.

    ``seen`` is what the last rehearsal said, as JSON, ``seq`` the last line of the street's trail it had looked at.
    """

    unwatched = "files somebody is still looking at: nothing of them is booked, and they are deleted after hours"

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="piles")
    public_id = models.CharField(max_length=12, default=public_id)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="piles")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True, blank=True)
    seen = models.JSONField(null=True, blank=True)
    seq = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "public_id"], name="pile_public_id_unique")]
        indexes = [models.Index(fields=["expires_at"], name="pile_expiry")]


class StagedFile(Mutable):
    """A file somebody has looked at and not confirmed yet (待确认文件): theirs alone, for a few hours, then removed.

    One that was confirmed stays for that time without its bytes, so that a second yes is answered like the first.
    """

    unwatched = "a file somebody is still looking at: nothing of it is booked, and it is deleted after hours"

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="staged_files")
    public_id = models.CharField(max_length=12, default=public_id)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staged_files")
    pile = models.ForeignKey(Pile, null=True, blank=True, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=20, choices=FileKind.choices, blank=True)
    answers = models.JSONField(default=dict, help_text="What its owner says of it (Answers), as JSON.")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "public_id"], name="staged_file_public_id_unique")]
        indexes = [models.Index(fields=["expires_at"], name="staged_file_expiry")]


class RememberedMapping(Mutable):
    """Which of a sender's columns is which of ours (对列办法), as somebody last said it: proposed again, shown each time.

    ``headings`` is the SHA-256 of the headings it was said of: a layout that changed is asked about anew.
    """

    unwatched = "it only proposes: what a file is booked by is shown and confirmed each time"

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="remembered_mappings")
    public_id = models.CharField(max_length=12, default=public_id)
    kind = models.CharField(max_length=20, choices=FileKind.choices)
    sender = models.CharField(max_length=120, blank=True)
    headings = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    constants = models.JSONField(default=dict)
    file_name = models.CharField(max_length=200)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "kind", "sender", "headings"], name="remembered_mapping_unique"),
            models.UniqueConstraint(fields=["street", "public_id"], name="remembered_mapping_public_id_unique"),
        ]


class NameSort(models.TextChoices):
    """What sort of word was learnt."""

    PAYER = "payer", _("付款人")
    CUSTOMER_ACCOUNT = "customer-account", _("户号")
    OWNER = "owner", _("钱包或账户的主人")


class RememberedName(Mutable):
    """Whose a word on a paper is (认得的名字): a payer's name is a tenant's, a customer account a meter's, a wallet an agent's.

    ``folded`` is what all spellings of the word have in common (``kernel.spelling.fold``).
    """

    unwatched = "it only proposes: what a line is booked as is shown and confirmed each time"

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="remembered_names")
    public_id = models.CharField(max_length=12, default=public_id)
    sort = models.CharField(max_length=20, choices=NameSort.choices)
    folded = models.CharField(max_length=120)
    shown = models.CharField(max_length=120)
    tenancy = models.ForeignKey(Tenancy, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    point = models.ForeignKey(SupplyPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "sort", "folded"], name="remembered_name_unique"),
            models.UniqueConstraint(fields=["street", "public_id"], name="remembered_name_public_id_unique"),
        ]
