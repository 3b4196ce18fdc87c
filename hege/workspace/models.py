"""Drafts of forms."""

from __future__ import annotations

from django.db import models

from hege.kernel.mutability import Mutable
from hege.people.models import User
from hege.workspace.rules import LONGEST_ADDRESS


class Draft(Mutable):
    """What somebody had typed into a form that was not taken (草稿): for them alone, for a day.

    ``address`` is the path the form is sent to, ``typed`` what its fields held (``rules.Typed``): never a password, a code or
    a file. The newest stands in the place of the one before.
    """

    unwatched = "what somebody was typing, for a day: nothing holds by it"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=LONGEST_ADDRESS)
    typed = models.JSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "address"], name="draft_one_of_a_form")]

    def __str__(self) -> str:
        return self.address
