"""Mail by the operator's server (``HEGE_MAIL``), in plain text; delivered is what the server has accepted."""

from __future__ import annotations

import smtplib

from django.core.mail import EmailMessage

from hege.outbox.channels.parcel import Parcel
from hege.outbox.rules import Answer, Outcome


def send(parcel: Parcel) -> Answer:
    """Send it to an address, from the gateway's. The id of the letter is the message's."""
    if not parcel.to:
        return Answer(Outcome.REFUSED, "no address")
    ident = {"Message-ID": f"<{parcel.key}@{parcel.address.rpartition('@')[2]}>"}
    letter = EmailMessage(parcel.text[:60], parcel.text, parcel.address, [parcel.to], headers=ident)
    try:
        sent = letter.send()
    except smtplib.SMTPResponseException as no:
        return Answer(Outcome.BUSY if no.smtp_code == 421 else Outcome.REFUSED, f"SMTP {no.smtp_code}")
    except smtplib.SMTPServerDisconnected:
        return Answer(Outcome.SILENT, "silent")
    except smtplib.SMTPException:
        return Answer(Outcome.REFUSED, "SMTP")
    except OSError:
        return Answer(Outcome.AWAY, "away")
    return Answer(Outcome.TAKEN, "250") if sent else Answer(Outcome.REFUSED, "SMTP")
