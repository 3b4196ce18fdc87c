"""SMS (短信) by a gateway of the operator's: one POST ``{"id", "to", "text"}`` with the secret as bearer.

Another provider is another ``send``. Delivered is what it answers with status 200 and ``"code": 0``. The same ``id`` is
sent again after silence: a gateway that keeps it sends no SMS twice. Where there is none yet, ``console`` in the place of
its address writes what would be sent to the log, without the telephone.
"""

from __future__ import annotations

import logging

from hege.outbox.channels.parcel import Parcel
from hege.outbox.channels.posting import by_code, post
from hege.outbox.rules import CONSOLE, Answer, Outcome

logger = logging.getLogger("hege.sms")


def send(parcel: Parcel) -> Answer:
    """Send it to a telephone; without one there is nothing to send."""
    if not parcel.to:
        return Answer(Outcome.REFUSED, "no number")
    if parcel.address == CONSOLE:
        logger.warning("%s, not sent: %s", parcel.key, parcel.text)
        return Answer(Outcome.WRITTEN, CONSOLE)
    headers = {"Authorization": f"Bearer {parcel.secret}"} if parcel.secret else None
    payload = {"id": parcel.key, "to": parcel.to, "text": parcel.text}
    return post(parcel, payload, judge=by_code("code"), headers=headers)
