"""SMS (短信) by a gateway of the operator's: one POST ``{"id", "to", "text"}`` with the secret as bearer.

Another provider is another ``send``. Delivered is what it answers with status 200 and ``"code": 0``. The same ``id`` is
sent again after silence: a gateway that keeps it sends no SMS twice. Where there is none yet, ``console`` in the place of
its address writes what would be sent to the log, without the telephone; ``folder`` appends it, as the same JSON with its
instant, to a file of the day in the operator's folder (``HEGE_SMS_FOLDER``), for a machine of the office's own. Delivered
is then what lies on the disk. A line may come twice, with the same ``id``.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from django.conf import settings

from hege.kernel.clock import day_of
from hege.outbox.channels.parcel import Parcel
from hege.outbox.channels.posting import by_code, post
from hege.outbox.rules import CONSOLE, FOLDER, Answer, Outcome

logger = logging.getLogger("hege.sms")


def send(parcel: Parcel) -> Answer:
    """Send it to a telephone; without one there is nothing to send."""
    if not parcel.to:
        return Answer(Outcome.REFUSED, "no number")
    if parcel.address == CONSOLE:
        logger.warning("%s, not sent: %s", parcel.key, parcel.text)
        return Answer(Outcome.WRITTEN, CONSOLE)
    if parcel.address == FOLDER:
        return _append(parcel)
    headers = {"Authorization": f"Bearer {parcel.secret}"} if parcel.secret else None
    payload = {"id": parcel.key, "to": parcel.to, "text": parcel.text}
    return post(parcel, payload, judge=by_code("code"), headers=headers)


def _append(parcel: Parcel) -> Answer:
    """One line more in the file of the day, written at once and flushed; only its owner may read it."""
    if not settings.SMS_FOLDER:
        return Answer(Outcome.AWAY, "no folder")
    said = {"id": parcel.key, "to": parcel.to, "text": parcel.text, "at": parcel.at.isoformat()}
    line = (json.dumps(said, ensure_ascii=False) + "\n").encode()
    try:
        file = os.open(
            Path(settings.SMS_FOLDER, f"{day_of(parcel.at)}.jsonl"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600
        )
        try:
            written = os.write(file, line)
            os.fsync(file)
        finally:
            os.close(file)
    except OSError:
        return Answer(Outcome.AWAY, "folder")
    return Answer(Outcome.TAKEN, FOLDER) if written == len(line) else Answer(Outcome.SILENT, "folder")
