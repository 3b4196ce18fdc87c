"""Proof that issued papers say what they said (核验): digest, sums and total of each, computed again."""

from __future__ import annotations

from collections.abc import Iterator

from hege.papers.models import Paper
from hege.papers.rules import digest_of, faults_of
from hege.people.models import Street

CHUNK = 500


def paper_faults(street: Street) -> Iterator[str]:
    """Each paper's digest is that of what it says, its figures add up, and the total it tells is its own."""
    for paper in Paper.objects.filter(street=street).order_by("pk").iterator(CHUNK):
        name = f"paper {paper.kind} {paper.number} ({paper.pk})"
        if digest_of(street.code, paper.kind, paper.content) != paper.digest:
            yield f"{name}: its content is not what was frozen"
        for fault in faults_of(paper.kind, paper.content, paper.total_fen):
            yield f"{name}: {fault}"
