"""Secrets of vouchers: sealed as the database keeps them, or derived so that no table holds them (``hege.kernel.keys``)."""

from __future__ import annotations

import hmac

from hege.kernel import keys
from hege.kernel.ids import derived

PURPOSE = "hege voucher"
#: Ten symbols of 31, about 49 bits, read out by two people at a counter that counts wrong ones.
PAPER_LENGTH = 10


def seal(secret: str, *, street: int, number: str) -> str:
    """The secret of a claim as it is kept."""
    return keys.seal(PURPOSE, (street, number), secret)


def unsealed(sealed: str, *, street: int, number: str) -> str | None:
    """The secret; None where no key at hand opens it, or it is another claim's."""
    found = keys.unsealed(PURPOSE, (street, number), sealed)
    return None if found is None else found[0]


def paper_code(pk: int) -> str:
    """What is printed of a paper code: by the key in use."""
    return next(derived(f"hege paper voucher {pk}", PAPER_LENGTH))


def is_paper_code(pk: int, code: str) -> bool:
    """Whether a typed or scanned code is this one, by the key in use or a former one."""
    said = code.strip().lower().replace(" ", "").replace("-", "").encode()
    return any(hmac.compare_digest(one.encode(), said) for one in derived(f"hege paper voucher {pk}", PAPER_LENGTH))
