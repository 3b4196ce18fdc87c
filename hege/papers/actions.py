"""Issuing a paper, and making one void; each asks its rule and stands on the trail."""

from __future__ import annotations

import datetime as dt

from hege.cases.actions import next_number
from hege.kernel.checks import check_same_street
from hege.kernel.database import atomic
from hege.papers.drawing import Wanted, draw
from hege.papers.models import Paper, PaperVoid
from hege.papers.rules import check_reason, check_unchanged, check_voidable
from hege.people.models import User
from hege.people.queries import locked_street
from hege.search.actions import index_rows
from hege.trail import actions as trail


@atomic
def issue_paper(wanted: Wanted, *, digest: str, by: User | None, at: dt.datetime) -> Paper:
    """Issue a paper (出具文书) as it was looked at: drawn once more, and refused when that is no longer what ``digest`` names."""
    check_same_street(wanted.street.pk, wanted.point, wanted.unit, wanted.notice, wanted.conference)
    street = locked_street(wanted.street.pk)
    number = next_number(street, wanted.kind, at=at)  # its row is locked: two of a kind are drawn one after the other
    drawn = draw(wanted, at=at)
    check_unchanged(digest, drawn.digest)
    made = Paper.objects.create(
        street=street, kind=wanted.kind, number=number, point=wanted.point, unit=wanted.unit, notice=wanted.notice,
        conference=wanted.conference, content=drawn.content, total_fen=drawn.total_fen, digest=drawn.digest, by=by, at=at,
    )  # fmt: skip
    index_rows([made])
    trail.record("issue_paper", made, by=by, at=at, kind=wanted.kind.value, number=number, digest=drawn.digest)
    return made


@atomic
def void_paper(paper: Paper, *, reason: str, by: User | None, at: dt.datetime) -> PaperVoid:
    """Make a paper void (作废文书): it says so, its public page says so, and its number is not given again."""
    said = check_reason(reason)
    locked_street(paper.street_id)
    check_voidable(voided=PaperVoid.objects.filter(street=paper.street_id, paper=paper).exists())
    made = PaperVoid.objects.create(street=paper.street, paper=paper, reason=said, by=by, at=at)
    trail.record("void_paper", paper, by=by, at=at, reason=said, number=paper.number)
    return made
