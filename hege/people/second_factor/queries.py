"""What second factors a person has."""

from __future__ import annotations

from django.db.models import QuerySet

from hege.people.models import RecoveryCode, SecondFactor, SecondFactorKind, User
from hege.people.second_factor.sealing import unsealed


def factors_of(user: User) -> QuerySet[SecondFactor]:
    """The second factors a person can sign in with, the first one first."""
    return SecondFactor.objects.filter(user=user, ended_at=None).order_by("pk")


def recovery_codes_of(user: User) -> QuerySet[RecoveryCode]:
    """The recovery codes that a person has not used yet."""
    return RecoveryCode.objects.filter(user=user, used_at=None, ended_at=None)


def has_factor(user: User) -> bool:
    """Whether a person has to prove more than the password."""
    return factors_of(user).exists()


def secret_of(factor: SecondFactor) -> str | None:
    """The secret of a factor; None where no key at hand opens it, or the row was not made by its person."""
    return unsealed(factor.secret, user=factor.user_id, what=what_is_sealed(factor))


def what_is_sealed(factor: SecondFactor) -> str:
    """What a factor's secret is sealed as: of one passkey it cannot be put into the row of another."""
    return factor.kind if factor.credential is None else f"{factor.kind} {factor.credential}"


def passkeys_of(user: User) -> dict[str, str]:
    """A person's passkeys: the id of each, and what is kept of it."""
    rows = factors_of(user).filter(kind=SecondFactorKind.PASSKEY)
    opened = {str(row.credential): secret_of(row) for row in rows}
    return {credential: data for credential, data in opened.items() if data is not None}
