"""Every act on mediation files and agreements, under one name: what pages, stories and the packages above import."""

from __future__ import annotations

from hege.mediation.agreements.actions import (
    apply_for_confirmation,
    mark_breached,
    mark_performed,
    record_confirmation,
    record_return_visit,
    restate,
)
from hege.mediation.drafting.actions import (
    authorise,
    draft_agreement,
    print_agreement,
    record_agreement,
    sign_agreement,
    write_particulars,
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
    "authorise",
    "draft_agreement",
    "fail",
    "file_document",
    "mark_breached",
    "mark_performed",
    "open_file",
    "print_agreement",
    "record_agreement",
    "record_confirmation",
    "record_return_visit",
    "record_session",
    "restate",
    "sign_agreement",
    "tell_rights",
    "terminate",
    "withdraw",
    "write_particulars",
]
