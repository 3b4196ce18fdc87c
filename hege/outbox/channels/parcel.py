"""What a channel is handed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parcel:
    """A text, where it goes, and the id by which a gateway may know one that comes twice.

    ``address`` and ``secret`` are the gateway's; ``to`` is a mail address, or a telephone (of a robot: whom it calls in
    its group, if anybody).
    """

    text: str
    address: str
    secret: str
    to: str
    key: str
    at: dt.datetime
