"""What a browser sends for the form of a deferral: every row, also the empty ones."""

from __future__ import annotations

import datetime as dt

from hege.kernel import clock

ROWS = 4
CONSENT = {"said_by": "营业所", "document": "复函 7 号"}


def deferral(last_day: dt.date, *, remit: tuple[dt.date, str] | None = None) -> dict[str, str]:
    """Until a day, on one condition about money or on none."""
    sent = {
        "last_day": last_day.isoformat(),
        "decision": "第 1 次联席会议",
        **CONSENT,
        "said_on": clock.today().isoformat(),
    }
    for number in range(1, ROWS + 1):
        sent |= {f"c{number}-{name}": "" for name in ("kind", "due_on", "fen", "text")}
    if remit is not None:
        sent |= {"c1-kind": "remit_at_least", "c1-due_on": remit[0].isoformat(), "c1-fen": remit[1]}
    return sent
