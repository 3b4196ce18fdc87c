"""Private keys of issuers: made of the installation's secret, the street and a serial, and kept nowhere.

Neither the database nor a copy of it can sign. Under another HEGE_SECRET_KEY the same serial gives another key; its public
half then no longer is the published one, so the next serial begins (``credentials.actions.open_key``).
"""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hege.kernel.keys import keys_for

PURPOSE = "hege issuer key"


def seeds(street_code: str, serial: int) -> Iterator[bytes]:
    """The private key of a street and serial: as today's secret makes it, then as each former one did."""
    for secret in keys_for(PURPOSE):
        yield HKDF(SHA256(), 32, salt=None, info=f"{street_code} {serial}".encode()).derive(secret)
