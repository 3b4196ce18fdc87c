"""What our commands have in common: options as data, refusals in one line, which streets, where the trail of each ends."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from hege.imports.cells import BadCell
from hege.kernel.clock import SHANGHAI
from hege.kernel.database import atomic, set_rollback
from hege.kernel.refused import Refused
from hege.kernel.schema import check_not_newer
from hege.people.models import Street
from hege.people.queries import the_street
from hege.trail.models import TrailHead

Option = tuple[Sequence[str], Mapping[str, Any]]


def option(*names: str, **said: Any) -> Option:
    """An argument or option of a command, as ``add_argument`` takes it."""
    return names, said


DAY = {"type": dt.date.fromisoformat, "metavar": "DATE"}
ON = option("--on", type=dt.date.fromisoformat, default=None, help="日期 YYYY-MM-DD，默认今天")
STREET = option("--street", metavar="CODE", help="may be left out where there is one street")
STREETS = option("--street", default=None, help="街道代码；省略时为全部街道")
DRY_RUN = option("--dry-run", action="store_true", help="only say what would happen; store nothing")


class HegeCommand(BaseCommand):
    """A command of ours. What is refused ends it with a sentence."""

    options: ClassVar[Sequence[Option]] = ()
    #: Whether it is for a database that a newer program has brought up to date, too.
    minds_newer: ClassVar[bool] = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        for names, said in self.options:
            parser.add_argument(*names, **said)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            if self.minds_newer:
                check_not_newer()
            return super().execute(*args, **options)
        except (Refused, BadCell) as refused:
            raise CommandError(str(refused)) from refused

    def say(self, *lines: str) -> None:
        """Print lines."""
        for line in lines:
            self.stdout.write(line)

    def answer(self, values: Any, indent: int | None = None) -> None:
        """Print values as JSON."""
        self.stdout.write(json.dumps(values, ensure_ascii=False, indent=indent))

    def answer_each(self, values: Iterable[Any]) -> None:
        """Print a list of values as JSON as ``answer`` would, each as it comes."""
        between = "["
        for value in values:
            self.stdout.write(between + json.dumps(value, ensure_ascii=False), ending="")
            between = ", "
        self.stdout.write("[]" if between == "[" else "]")


@contextmanager
def undone(*, when: bool) -> Iterator[None]:
    """One transaction, undone at its end where a command only says what would happen."""
    with atomic():
        yield
        set_rollback(when)


def streets_in(options: Mapping[str, Any]) -> list[Street]:
    """The street that was named, or all there are, by code."""
    return [the_street(options["street"])] if options["street"] else list(Street.objects.order_by("code"))


def ends_of_chains() -> Iterator[TrailHead]:
    """The end of each street's trail, by code; streets without a line have none."""
    yield from TrailHead.objects.filter(seq__gt=0).select_related("street").order_by("street__code")


def printed(end: TrailHead) -> str:
    """One line for print and mail, as ``hege verify --witness`` reads it: street, line, hash, its instant, its key's name."""
    at = end.recorded_at.astimezone(SHANGHAI).isoformat(timespec="seconds") if end.recorded_at else "-"
    return f"{end.street.code} {end.seq} {end.hash} {at} {end.key or '-'}"
