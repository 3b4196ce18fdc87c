"""The address at which a street's keys stand: whatever it signs names it, so it never changes; ``web.roll`` serves it."""

from __future__ import annotations

from django.conf import settings

from hege.credentials.badges import Issuer
from hege.people.models import Street


def issuer_of(street: Street) -> Issuer:
    """The street as who says it."""
    return Issuer(f"{settings.SITE}/h/issuer/{street.code}/", street.name, f"{settings.SITE}/roll/")
