"""Papers as they were issued (文书), and those that were made void."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from hege.arrears.cutoff.models import CutoffNotice
from hege.conferences.models import Conference
from hege.kernel.ids import check_code, public_id
from hege.kernel.mutability import AppendOnly, AppendOnlyQuerySet
from hege.metering.models import SupplyPoint
from hege.papers.rules import PaperKind
from hege.people.models import Acted, OfStreet, Street
from hege.places.models import Unit
from hege.search.queries import holding


class PaperQuerySet(AppendOnlyQuerySet):
    """Chainable filters over papers."""

    def standing(self) -> PaperQuerySet:
        """Those that were not made void."""
        return self.filter(voided__isnull=True)

    def matching(self, street: Street, words: str) -> PaperQuerySet:
        """Those whose number, meter, shop or case has the words in it."""
        of = {"pk": Paper, "point": SupplyPoint, "unit": Unit}
        found = Q()
        for name, model in of.items():
            found |= Q(**{f"{name}__in": holding(street, model, words)})
        return self.filter(found)


class Paper(OfStreet, Acted, AppendOnly):
    """One paper as it was issued (文书): ``content`` holds its figures, codes and names; sentences are made when it is read.

    ``number`` is one a street, kind and year. ``check_code`` stands on it: who has it asks the public page. ``total_fen``
    is the one figure that page tells. ``digest`` is over street, kind and content.
    """

    found_by = ("number", "point__code", "unit__code", "conference__case__number")  # names may change, codes do not

    public_id = models.CharField(max_length=12, default=public_id)
    kind = models.CharField(max_length=20, choices=PaperKind.choices)
    number = models.CharField(max_length=30)
    point = models.ForeignKey(SupplyPoint, null=True, on_delete=models.PROTECT, related_name="papers")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="papers")
    notice = models.ForeignKey(CutoffNotice, null=True, on_delete=models.PROTECT, related_name="papers")
    conference = models.ForeignKey(Conference, null=True, on_delete=models.PROTECT, related_name="papers")
    content = models.JSONField()
    total_fen = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64)
    check_code = models.CharField(max_length=12, default=check_code)

    objects: ClassVar[models.Manager[Any]] = models.Manager.from_queryset(PaperQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="paper_public_id_unique"),
            models.UniqueConstraint(fields=["street", "kind", "number"], name="paper_number_unique"),
            models.UniqueConstraint(fields=["street", "check_code"], name="paper_check_code_unique"),
            models.CheckConstraint(
                condition=Q(point__isnull=False) | Q(conference__isnull=False), name="paper_about_something"
            ),
        ]
        indexes = [models.Index(fields=["check_code"], name="paper_check_code")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class PaperVoid(OfStreet, Acted, AppendOnly):
    """A paper that counts no more (作废), and why; its number is not given again."""

    paper = models.OneToOneField(Paper, on_delete=models.PROTECT, related_name="voided")
    reason = models.CharField(max_length=300)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="paper_void_for_reason")]
