"""The day a page is asked about, and whether it is answered as known now or as known then."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from hege.kernel.clock import start_of
from hege.web.forms import DayField

EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class AsOf:
    """A day; ``then`` asks what was known when it ended. ``wrong`` is what was typed and could not be read."""

    on: dt.date
    today: dt.date
    then: bool = False
    wrong: str = ""

    @property
    def known_at(self) -> dt.datetime | None:
        """The instant the day ended, or ``None`` for "as known now"."""
        return start_of(self.on + dt.timedelta(days=1)) if self.then else None

    @property
    def is_now(self) -> bool:
        return self.on == self.today and not self.then

    @property
    def query(self) -> str:
        """The part of an address that keeps the choice; empty for today."""
        chosen = {} if self.on == self.today else {"on": self.on.isoformat()}
        return urlencode(chosen | ({"known": "then"} if self.then else {}))

    def href(self, path: str, **more: str) -> str:
        """An address with the choice and more in its query; empty values are left out."""
        rest = urlencode({k: v for k, v in more.items() if v})
        query = "&".join(part for part in (self.query, rest) if part)
        return f"{path}?{query}" if query else path


def as_of(request: HttpRequest, today: dt.date) -> AsOf:
    """Read ``?on=…&known=then``; a day that cannot be read is answered as of today, and said so."""
    typed = request.GET.get("on", "").strip()
    then = request.GET.get("known") == "then"
    field = DayField(required=False)
    try:
        on = field.clean(typed) or today
    except ValidationError:
        return AsOf(today, today, then=then, wrong=typed[:40])
    if not EARLIEST <= on <= LATEST:
        return AsOf(today, today, then=then, wrong=typed[:40])
    return AsOf(on, today, then=then)
