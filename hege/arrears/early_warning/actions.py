"""Warnings fire, are taken up, become reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.queries import findings
from hege.arrears.early_warning.rules import Finding, WarningKind, WarningState, check_step
from hege.arrears.early_warning.sentences import says, waiting
from hege.cases.models import Report
from hege.cases.reports.actions import submit_report
from hege.cases.rules import ReportKind
from hege.kernel.checks import check_words
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.prepared import prepared
from hege.metering.models import SupplyPoint
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.trail import actions as trail


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a run over a street changed: warnings that fired, and those whose state has ended."""

    fired: list[EarlyWarning] = field(default_factory=list)
    ended: list[EarlyWarning] = field(default_factory=list)


@atomic
def record_warnings(
    street: Street, *, on: dt.date, points: Collection[SupplyPoint] | None = None, by: User | None, at: dt.datetime
) -> Recorded:
    """Fire each warning of a day once for its state (记录预警); those that no longer hold end that day. Idempotent.

    A state that comes back is the same warning again, not a second one. ``points`` looks at those alone.
    """
    locked_street(street.pk)
    known = list(_locked(street)) if points is None else _locked_at(street, [point.pk for point in points])
    there = {(w.point_id, w.kind, w.state_key): w for w in known}
    fired, seen, again, said = [], set(), [], []
    for point, finding in findings(street, on=on, points=points):
        key = (point.pk, finding.kind.value, finding.state_key)
        seen.add(key)
        old = there.get(key)
        if old is None:
            fired.append(
                EarlyWarning(street=street, point=point, since=finding.since, fired_on=on, **_seen(finding, on))
            )
        elif on >= old.seen_on:
            now = _seen(finding, on)
            if old.seen_on != on or old.ended_on is not None:
                again.append(old)
            if (old.figures, old.evidence) != (now["figures"], now["evidence"]):
                said.append(old)
            old.figures, old.evidence, old.seen_on, old.ended_on = now["figures"], now["evidence"], on, None
    ended = [w for key, w in there.items() if key not in seen and w.ended_on is None and on >= w.seen_on]
    for warning in ended:
        warning.ended_on = on
    EarlyWarning.objects.bulk_create(fired)
    EarlyWarning.objects.bulk_update(said, ["figures", "evidence"])
    EarlyWarning.objects.bulk_update(again, ["seen_on", "ended_on"])
    EarlyWarning.objects.bulk_update(ended, ["ended_on"])
    changed = {w.pk: w for w in (*again, *said)}
    if fired or changed or ended:
        trail.record(
            "record_warnings", next(iter((*fired, *ended, *changed.values()))), street=street, by=by, at=at, on=on,
            fired=[[w.point.code, w.kind, w.state_key, w.figures] for w in fired],
            ended=[[w.point.code, w.kind, w.state_key] for w in ended], seen=len(changed),
        )  # fmt: skip
    return Recorded(fired, ended)


def _locked(street: Street) -> QuerySet[EarlyWarning]:
    rows = EarlyWarning.objects.select_for_update(of=("self",)).filter(street=street)
    return rows.select_related("point").order_by("pk")


@prepared
def _locked_at(street: Street, points: Sequence[int]) -> QuerySet[EarlyWarning]:
    return _locked(street).filter(point__pk__in=points)


def _seen(finding: Finding, on: dt.date) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "state_key": finding.state_key,
        "figures": dict(finding.figures),
        "evidence": [t.as_json() for t in finding.evidence],
        "seen_on": on,
    }


def _lock(warning: EarlyWarning, to: WarningState) -> EarlyWarning:
    locked = lock(warning)
    check_step(WarningState(locked.state), to, over=locked.ended_on is not None)
    locked.state = to
    return locked


@atomic
def acknowledge_warning(warning: EarlyWarning, *, note: str, by: User | None, at: dt.datetime) -> EarlyWarning:
    """Say that a warning has been seen and what is made of it (知悉); the note is compulsory."""
    note = check_words(note, _("请写明怎么处理，或为什么不处理。"), field="note")
    locked = _lock(warning, WarningState.ACKNOWLEDGED)
    locked.acknowledged_by, locked.acknowledged_at, locked.note = by, at, note[:300]
    locked.save(update_fields=["state", "acknowledged_by", "acknowledged_at", "note"])
    trail.record("acknowledge_warning", locked, by=by, at=at, kind=locked.kind, note=locked.note)
    return locked


@atomic
def raise_report(warning: EarlyWarning, *, by: User | None, at: dt.datetime) -> Report:
    """Turn a warning into a report (转上报) that says what is wrong and what waiting costs."""
    locked = _lock(warning, WarningState.REPORTED)
    finding = locked.finding
    report = submit_report(
        warning.street, kind=ReportKind.WARNING, point=locked.point, reference=locked.public_id, by=by, at=at,
        text=f"{WarningKind(locked.kind).label}：{says(finding)}{waiting(finding)}",
    )  # fmt: skip
    locked.report = report
    locked.save(update_fields=["state", "report"])
    trail.record("raise_report", locked, by=by, at=at, kind=locked.kind, report=report.public_id)
    return report
