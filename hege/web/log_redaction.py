"""What never reaches a log: the token of an outsider's link, of a shop's or a member's code (链接、二维码), the check code of a paper, numbers of persons.

An error of the database says the values of the row it refused.
"""

from __future__ import annotations

import logging
import re

from hege.kernel.personal import hide

TOKEN_IN_PATH = re.compile(r"(/(?:a|u|p|card|join|open)/)[\w-]{8,}")
VOUCHER_IN_PATH = re.compile(r"(/s/)[\w-]{8,}/[\w-]+")
TICKET_IN_PATH = re.compile(r"(/(?:reporter|original|thanks|in)/)[^/\s]{8,}")


def redacted(text: str) -> str:
    """The text with every such secret replaced by stars, and telephones, identity numbers and mail addresses by a word."""
    for secret in (TOKEN_IN_PATH, TICKET_IN_PATH, VOUCHER_IN_PATH):
        text = secret.sub(r"\1***", text)
    return hide(text)


class RedactSecrets(logging.Filter):
    """Rewrites what a record says before a handler writes it; an exception's traceback is rewritten too."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redacted(record.exc_text)
        return True
