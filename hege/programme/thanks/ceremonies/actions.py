"""Writing the run sheet of an activity and what happened at it; showing that to everybody."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused, Stale
from hege.people.models import User
from hege.programme.seasons.models import Activity
from hege.programme.thanks.ceremonies.queries import reported
from hege.programme.thanks.ceremonies.rules import LONGEST_REPORT, SheetDraft, check_parts, check_report
from hege.programme.thanks.models import RunSheet
from hege.programme.thanks.rules import check_approval
from hege.trail import actions as trail

_FIELDS = ("parts", "approval_no", "words", "came", "pictures_agreed", "written_by", "published_by", "published_at")


@atomic
def write_run_sheet(
    activity: Activity, *, draft: SheetDraft, version: int | None = None, by: User | None, at: dt.datetime
) -> RunSheet:
    """Write the run sheet of an activity (写流程单), and afterwards what happened; a report that was shown is hidden until another person has looked at it again."""
    approval = check_approval(draft.approval_no)
    parts = check_parts(draft.parts, approval_no=approval)
    words = draft.words.strip()
    if len(words) > LONGEST_REPORT:
        raise Refused(_("最多 %(most)d 个字，这里有 %(n)d 个。"), most=LONGEST_REPORT, n=len(words), field="words")
    locked = lock(activity)  # so that no two sheets are made for it
    found = RunSheet.objects.filter(street=locked.street, activity=locked).first()
    sheet = found or RunSheet(street=locked.street, activity=locked, version=0)
    if version is not None and version != sheet.version:
        raise Stale(_("流程单刚被别人改动，请刷新后再办。"))
    sheet.parts = [list(part) for part in parts]
    sheet.approval_no, sheet.words, sheet.came = approval, words, draft.came
    sheet.pictures_agreed, sheet.written_by = draft.pictures_agreed, by
    sheet.published_by, sheet.published_at, sheet.version = None, None, sheet.version + 1
    sheet.save(update_fields=[*_FIELDS, "version"] if found else None)
    trail.record("write_run_sheet", sheet, by=by, at=at, activity=locked.public_id, parts=len(parts))
    return sheet


@atomic
def publish_report(sheet: RunSheet, *, by: User | None, at: dt.datetime) -> RunSheet:
    """Show what happened to everybody (公开小结): by another than who wrote it, once the activity is over."""
    locked = lock(sheet)
    locked.activity = sheet.activity
    check_report(reported(locked), by=by.pk if by else None, at=at)
    locked.published_by, locked.published_at, locked.version = by, at, locked.version + 1
    locked.save(update_fields=["published_by", "published_at", "version"])
    trail.record("publish_report", locked, by=by, at=at, activity=locked.activity.public_id)
    return locked
