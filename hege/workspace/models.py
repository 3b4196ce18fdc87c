"""Drafts of forms, saved views of lists."""

from __future__ import annotations

from django.db import models

from hege.kernel.ids import public_id
from hege.kernel.mutability import Mutable
from hege.people.models import OfStreet, User
from hege.workspace.rules import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_QUERY


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


class SavedView(OfStreet, Mutable):
    """A name that somebody gave to the filter of a list (常用筛选): theirs alone. ``path`` is the list, ``query`` its filter."""

    unwatched = "a name for an address, for one person: it gives no right"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    public_id = models.CharField(max_length=12, default=public_id)
    path = models.CharField(max_length=LONGEST_ADDRESS)
    query = models.CharField(max_length=LONGEST_QUERY)
    name = models.CharField(max_length=LONGEST_NAME)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="saved_view_public_id_unique"),
            models.UniqueConstraint(fields=["street", "user", "path", "name"], name="saved_view_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The list under this filter."""
        return f"{self.path}?{self.query}"
