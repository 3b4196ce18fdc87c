"""Address and secret of a gateway as the database keeps them (``hege.kernel.keys``): a copy of the database alone sends nothing."""

from __future__ import annotations

from typing import NamedTuple

from hege.kernel import keys

PURPOSE = "hege gateway"


class Opened(NamedTuple):
    """Where a gateway is, and what it knows us by."""

    address: str
    secret: str


def seal(opened: Opened, *, street: int, channel: str) -> str:
    """What is kept of an address and secret."""
    return keys.seal(PURPOSE, (street, channel), *opened)


def unsealed(sealed: str, *, street: int, channel: str) -> Opened | None:
    """The address and secret; None where no key at hand opens them, or they are those of another row."""
    found = keys.unsealed(PURPOSE, (street, channel), sealed)
    return None if found is None else Opened(*found)
