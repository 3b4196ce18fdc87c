"""Honours of firms (荣誉): what each version says, and every step it took; whoever objects stays hidden."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from hege.honours.rules import (
    BodyKind,
    Consent,
    Decision,
    HonourKind,
    HonourState,
    ItemKind,
    Level,
    Seen,
    SettingKind,
)
from hege.kernel.calendar import DAY
from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, AppendOnlyQuerySet, Mutable, MutableQuerySet
from hege.people.models import Acted, OfStreet
from hege.places.models import Place


class HonourSetting(OfStreet, Mutable):
    """What an office has set itself of its roll (荣誉榜设置); what it has not set is ``rules.DEFAULT_SETTINGS``."""

    kind = models.CharField(max_length=24, choices=SettingKind.choices)
    value = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "kind"], name="honour_setting_kind_unique")]


class Firm(OfStreet, Mutable):
    """A firm that has honours (企业), named as on its licence. ``code``: 18 signs (统一社会信用代码) or nine (组织机构代码), or
    none; ``organisation_code`` the nine of either. ``folded`` is the name in one spelling, which two firms may share."""

    public_id = models.CharField(max_length=12, default=public_id)
    name = models.CharField(max_length=120)
    folded = models.CharField(max_length=120)
    code = models.CharField(max_length=18, blank=True)
    organisation_code = models.CharField(max_length=9, blank=True)
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="firms")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="firm_public_id_unique"),
            models.UniqueConstraint(
                fields=["street", "organisation_code"], condition=~Q(organisation_code=""), name="firm_code_unique"
            ),
        ]
        indexes = [models.Index(fields=["street", "folded"], name="firm_folded")]

    def __str__(self) -> str:
        return self.name


class AwardingBody(OfStreet, Mutable):
    """Who gives honours (颁发单位), and where it makes them public."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=BodyKind.choices, default=BodyKind.OTHER)
    publishes_at = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "name"], name="awarding_body_name_unique")]

    def __str__(self) -> str:
        return self.name


class NumberPattern(OfStreet, Mutable):
    """How a sort of number is written (号码格式), as an office has added it: a template, by what rule, since when."""

    name = models.CharField(max_length=60)
    template = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    since_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "name"], condition=Q(ended_at__isnull=True), name="number_pattern_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Clipping(OfStreet, Acted, AppendOnly):
    """A text as somebody pasted it (剪报), with where it stood."""

    public_id = models.CharField(max_length=12, default=public_id)
    text = models.TextField()
    source = models.CharField(max_length=200)
    source_page = models.CharField(max_length=60, blank=True)
    source_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "public_id"], name="clipping_public_id_unique")]

    def __str__(self) -> str:
        return self.source


class ClippingDecision(OfStreet, Acted, AppendOnly):
    """What a person said to one doubt of a clipping (定疑点); a later one on the same doubt counts instead."""

    clipping = models.ForeignKey(Clipping, on_delete=models.PROTECT, related_name="decisions")
    cell = models.PositiveIntegerField()
    doubt = models.CharField(max_length=60)
    choice = models.CharField(max_length=200)


class HonourQuerySet(MutableQuerySet["Honour"]):
    """Chainable filters over honours."""

    def in_state(self, *states: HonourState) -> HonourQuerySet:
        """Those that have come so far."""
        return self.filter(state__in=states)


class Honour(OfStreet, Mutable):
    """An honour of a firm (荣誉): which of its versions counts, and how far it has come.

    ``public_id`` names it in its address and in its printed code. ``shown_until_on`` is the first day after its publicity.
    ``likeness`` is what it has in common with another entry of the same (``rules.likeness``).
    """

    public_id = models.CharField(max_length=12, default=public_id)
    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="honours")
    state = models.CharField(max_length=12, choices=HonourState.choices, default=HonourState.DRAFTED)
    version = models.PositiveIntegerField(default=1)
    likeness = models.CharField(max_length=32)
    shown_until_on = models.DateField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Honour]] = models.Manager.from_queryset(HonourQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "public_id"], name="honour_public_id_unique")]
        indexes = [
            models.Index(fields=["public_id"], name="honour_public_id"),
            models.Index(fields=["street", "state", "id"], name="honour_state"),
            models.Index(fields=["street", "likeness"], name="honour_likeness"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def last_shown_on(self) -> dt.date | None:
        """The last day of its publicity, as people say it: 公示到."""
        return self.shown_until_on and self.shown_until_on - DAY


class HonourVersionQuerySet(AppendOnlyQuerySet):
    """Chainable filters over versions."""

    def that_count(self) -> HonourVersionQuerySet:
        """The last version of each honour, with honour, firm and awarding body read along."""
        return self.filter(number=F("honour__version")).select_related("honour__firm", "body")


class HonourVersion(OfStreet, Acted, AppendOnly):
    """What an honour says (荣誉内容): drafted once, corrected by a later version, for a ``reason``; the former stays readable.

    ``expires_on`` is the last day it holds, as printed; None where nothing is printed. ``approval_no`` is the number of the
    approval that a title with 全国 or 中国 needs. ``cell`` is where in ``clipping`` it stood.
    """

    honour = models.ForeignKey(Honour, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=HonourKind.choices)
    level = models.CharField(max_length=10, choices=Level.choices, default=Level.UNSAID)
    body = models.ForeignKey(AwardingBody, null=True, blank=True, on_delete=models.PROTECT, related_name="honours")
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    approval_no = models.CharField(max_length=60, blank=True)
    trade_mark = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=200)
    source_page = models.CharField(max_length=60, blank=True)
    source_on = models.DateField(null=True, blank=True)
    as_printed = models.TextField(blank=True)
    clipping = models.ForeignKey(Clipping, null=True, blank=True, on_delete=models.PROTECT, related_name="versions")
    cell = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager.from_queryset(HonourVersionQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "honour", "number"], name="honour_version_number_unique"),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(issued_on__isnull=True) | Q(expires_on__gte=F("issued_on")),
                name="honour_version_period",
            ),
        ]
        indexes = [models.Index(fields=["street", "clipping"], name="honour_version_clipping")]

    def __str__(self) -> str:
        return self.title


class HonourItemQuerySet(AppendOnlyQuerySet):
    """Chainable filters over lines."""

    def counting(self) -> HonourItemQuerySet:
        """Those of the versions that count, with version, honour and firm read along."""
        return self.filter(version__number=F("version__honour__version")).select_related("version__honour__firm")


class HonourItem(OfStreet, AppendOnly):
    """One line of an honour (条目): a product, each with its own number, or a number of the firm.

    The number is kept as printed and as it was read; ``number_kind`` is what it was read as, by ``honours.numbers``.
    """

    version = models.ForeignKey(HonourVersion, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=12, choices=ItemKind.choices)
    name = models.CharField(max_length=120, blank=True)
    number_as_printed = models.CharField(max_length=60, blank=True)
    number_as_read = models.CharField(max_length=60, blank=True)
    number_kind = models.CharField(max_length=30, blank=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager.from_queryset(HonourItemQuerySet)()

    class Meta:
        indexes = [
            models.Index(
                fields=["street", "number_as_read"], condition=~Q(number_as_read=""), name="honour_item_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number_as_printed}".strip()


class HonourStep(OfStreet, Acted, AppendOnly):
    """One step of a version (荣誉办理): which state it led to, by whom, with what words.

    ``words``: from what it was checked, the paper of the consent, or the reason it was withdrawn or dropped. ``seen``,
    ``consent`` and ``shown_until_on`` stand where a check, a consent or a publicity does.
    """

    honour = models.ForeignKey(Honour, on_delete=models.PROTECT, related_name="steps")
    version = models.ForeignKey(HonourVersion, on_delete=models.PROTECT, related_name="steps")
    to = models.CharField(max_length=12, choices=HonourState.choices)
    words = models.CharField(max_length=500, blank=True)
    seen = models.CharField(max_length=10, choices=Seen.choices, blank=True)
    consent = models.CharField(max_length=14, choices=Consent.choices, blank=True)
    shown_until_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "version", "to"], name="honour_step_once"),
            models.CheckConstraint(
                condition=~Q(to="checked") | (~Q(seen="") & ~Q(words="")), name="honour_step_seen_by_words"
            ),
            models.CheckConstraint(
                condition=~Q(to="in_publicity") | (~Q(consent="") & Q(shown_until_on__isnull=False)),
                name="honour_step_shown_by_consent",
            ),
            models.CheckConstraint(
                condition=~Q(to__in=["withdrawn", "dropped"]) | ~Q(words=""), name="honour_step_ended_for_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.honour_id} {self.to}"


class Badge(OfStreet, AppendOnly):
    """The signed statement of a published version (徽章): Open Badge as JSON, the key it is signed with, its place in the
    street's list of what was taken back."""

    version = models.OneToOneField(HonourVersion, on_delete=models.PROTECT, related_name="badge")
    place = models.PositiveIntegerField()
    key_serial = models.PositiveIntegerField()
    signed = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "place"], name="badge_place_unique")]


class Objection(OfStreet, AppendOnly):
    """What somebody holds against an honour (异议), without the personal numbers in it. Who: ``Objector``."""

    public_id = models.CharField(max_length=12, default=public_id)
    honour = models.ForeignKey(Honour, on_delete=models.PROTECT, related_name="objections")
    version = models.ForeignKey(HonourVersion, on_delete=models.PROTECT, related_name="objections")
    words = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "public_id"], name="objection_public_id_unique")]

    def __str__(self) -> str:
        return self.public_id


class Objector(OfStreet, AppendOnly):
    """Who objected (异议人). A table of its own, out of reach from an objection: ``queries.objector_of`` alone reads it."""

    objection = models.OneToOneField(Objection, on_delete=models.PROTECT, related_name="+")
    contact = models.CharField(max_length=120, blank=True)
    words = models.TextField(blank=True, help_text="What was said in full, where personal numbers in it are hidden.")

    def __str__(self) -> str:
        return "***"  # whatever prints this object must not tell who it is


class ObjectionDecision(OfStreet, Acted, AppendOnly):
    """What became of an objection (异议处理), with the reason."""

    objection = models.OneToOneField(Objection, on_delete=models.PROTECT, related_name="decided")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    words = models.CharField(max_length=500)
