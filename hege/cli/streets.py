"""Which streets a command works on, and where the trail of each ends."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management.base import CommandError

from hege.kernel.clock import SHANGHAI
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.people.queries import the_street
from hege.trail.models import TrailHead


def add_street(parser: ArgumentParser) -> None:
    """The option ``--street CODE``; without it a command goes through all streets."""
    parser.add_argument("--street", default=None, help="街道代码；省略时为全部街道")


def streets_in(options: Mapping[str, Any]) -> list[Street]:
    """The street that was named, or all there are, by code."""
    if not options["street"]:
        return list(Street.objects.order_by("code"))
    try:
        return [the_street(options["street"])]
    except Refused as refusal:
        raise CommandError(str(refusal)) from refusal


def ends_of_chains() -> Iterator[TrailHead]:
    """The end of each street's trail, by code; streets without a line have none."""
    yield from TrailHead.objects.filter(seq__gt=0).select_related("street").order_by("street__code")


def printed(end: TrailHead) -> str:
    """One line for print and mail, as ``hege verify --witness`` reads it: street, line, hash, its instant, its key's name."""
    at = end.recorded_at.astimezone(SHANGHAI).isoformat(timespec="seconds") if end.recorded_at else "-"
    return f"{end.street.code} {end.seq} {end.hash} {at} {end.key or '-'}"
