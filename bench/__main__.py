"""Build a street, measure, print: ``make bench``, or ``python -m tests.postgres -- python -m bench --small``."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from django.db import connection

if TYPE_CHECKING:
    from bench.measure import Figure


def main() -> int:
    """Exit status 1 when a target is missed, 2 when the database is not an empty PostgreSQL."""
    given = _arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hege.settings")
    django.setup()
    logging.disable(logging.ERROR)  # forms come back, and rows are filled in past the trail, on purpose
    from bench import city, frame, honours, peer, pictures, search, vouchers
    from bench.measure import count_rows
    from bench.run import everything
    from bench.street import NAME, Size, build
    from hege.people.models import Street

    if given.pictures:
        return _told([pictures.figures(runs=given.writes)])
    if given.frame:
        call_command("migrate", verbosity=0)
        return _told([frame.figures(runs=given.reads)])
    if given.roll:
        call_command("migrate", verbosity=0)
        return _told([honours.figures(given.honours, rows=given.honours // 5, runs=given.reads)])
    if given.search:
        call_command("migrate", verbosity=0)
        return _told([search.figures(given.cases, runs=given.reads)])
    if given.peer or given.vouchers:
        theirs = peer.read(given.peer) if given.peer else None
        call_command("migrate", verbosity=0)
        return _told(vouchers.tables(given, theirs))
    if connection.vendor != "postgresql":
        print("bench wants a throw-away PostgreSQL: run make bench, or python -m tests.postgres -- python -m bench")
        return 2
    call_command("migrate", verbosity=0)
    size = Size(given.points, given.units, given.periods)
    print(f"{size.points:,} master meters x {size.units} units x {size.periods} periods = {size.shares:,} shares")
    street = Street.objects.filter(name=NAME).first()
    if street is None and not Street.objects.exists():
        started = time.perf_counter()
        street = build(size, workers=given.workers)
        print(f"booked in {time.perf_counter() - started:.0f} s", flush=True)
    elif street is None or not given.again:
        print("bench fills an empty database, or with --again measures on the one it has filled; this is another.")
        return 2
    started = time.perf_counter()
    count_rows()
    print(f"vacuumed and analysed in {time.perf_counter() - started:.0f} s", flush=True)
    if given.city:
        return _told([city.figures(street, size, streets=given.streets)])
    return _told(everything(street, size, given))


def _told(tables: Iterable[list[Figure]]) -> int:
    """Print each table as it is measured; 1 where a target is missed."""
    from bench.measure import table

    missed = False
    for figures in tables:
        print(table(figures), flush=True)
        missed = missed or any(figure.met is False for figure in figures)
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a smoke test: seconds, figures that mean nothing")
    parser.add_argument("--frame", action="store_true", help="the frame alone, on an empty database of either kind")
    parser.add_argument("--pictures", action="store_true", help="photographs in their child process alone; no database")
    parser.add_argument(
        "--roll", action="store_true", help="the honour roll alone, on an empty database of either kind"
    )
    parser.add_argument("--search", action="store_true", help="searching alone, on an empty database of either kind")
    parser.add_argument(
        "--vouchers",
        action="store_true",
        help="vouchers, members and points alone, on an empty database of either kind",
    )
    parser.add_argument(
        "--city",
        action="store_true",
        help="the files of a city alone: export, who holds the money, twenty streets of them",
    )
    parser.add_argument("--streets", type=int, default=20, help="how many streets the city has")
    parser.add_argument("--peer", type=Path, metavar="FILE", help="vouchers over HTTP, beside another system's figures")
    parser.add_argument("--again", action="store_true", help="measure on what an earlier run has left in the database")
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--units", type=int, default=50)
    parser.add_argument("--periods", type=int, default=24)
    parser.add_argument("--receipts", type=int, default=100_000, help="how many are booked at once")
    parser.add_argument("--lines", type=int, default=20_000, help="of a wallet that is matched")
    parser.add_argument("--reads", type=int, default=100, help="how often a page's query is asked")
    parser.add_argument("--writes", type=int, default=3, help="how often the receipts are booked")
    parser.add_argument("--cases", type=int, default=200_000, help="how many are unfinished on the page of today")
    parser.add_argument("--honours", type=int, default=50_000, help="how many are on the roll")
    parser.add_argument("--each", type=int, default=1000, help="how many are claimed, refused and redeemed over HTTP")
    parser.add_argument("--members", type=int, default=20_000, help="of a street of riders")
    parser.add_argument("--entries", type=int, default=200_000, help="of points and minutes on it")
    parser.add_argument("--workers", type=int, default=2, help="processes that build the street")
    given = parser.parse_args()
    if given.small:
        given.points, given.units, given.periods, given.receipts = 20, 10, 13, 500
        given.cases, given.lines, given.honours = 1000, 200, 500
        given.reads = 10
        given.streets = 3
        given.each, given.members, given.entries = 40, 400, 4000
    return given


if __name__ == "__main__":
    sys.exit(main())
