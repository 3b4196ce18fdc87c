"""A file goes out."""

from __future__ import annotations

import datetime as dt

from hege.exports.making import rows_of
from hege.exports.rules import Wanted, What
from hege.kernel.database import atomic
from hege.kernel.personal import hide
from hege.metering.queries import the_point
from hege.people.models import Street, User
from hege.trail import actions as trail


@atomic
def hand_over(street: Street, wanted: Wanted, *, by: User, at: dt.datetime) -> None:
    """Let somebody have a file (取走导出): which, and how many rows it has, stands on the trail each time."""
    if wanted.what is What.LIST:
        hand_over_list(street, wanted.of["list"], rows=int(wanted.of["rows"]), by=by, at=at)
        return
    of = {name: word for name, word in wanted.of.items() if word}
    thing = the_point(street, of["point"]) if wanted.what in (What.SHOPS, What.MONEY) else street
    trail.record(f"export_{wanted.what}", thing, street=street, by=by, at=at, rows=rows_of(street, wanted), asked=of)


def hand_over_list(street: Street, address: str, *, rows: int, by: User, at: dt.datetime) -> None:
    """Let somebody have a list of the office (导出名单): which, under which filter, how many rows stands on the trail."""
    trail.record("export_list", street, street=street, by=by, at=at, rows=rows, asked={"list": hide(address)})
