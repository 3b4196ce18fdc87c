"""Every act on mediation files and agreements, under one name: what pages, stories and the packages above import."""

from __future__ import annotations

from hege.mediation.agreements.actions import (
    apply_for_confirmation,
    mark_breached,
    mark_performed,
    record_confirmation,
    record_return_visit,
    restate,
    sign_agreement,
)
from hege.mediation.files.actions import (
    archive,
    fail,
    file_document,
    open_file,
    record_session,
    tell_rights,
    terminate,
    withdraw,
)

__all__ = [
    "apply_for_confirmation",
    "archive",
    "fail",
    "file_document",
    "mark_breached",
    "mark_performed",
    "open_file",
    "record_confirmation",
    "record_return_visit",
    "record_session",
    "restate",
    "sign_agreement",
    "tell_rights",
    "terminate",
    "withdraw",
]
