"""What checking how numbers are written costs: ``python -m bench.numbers``; asks no database."""

from __future__ import annotations

import datetime as dt
import random
import sys
import time

import django
from django.conf import settings

from bench.measure import Figure, table

CHECKS = 50_000
ON = dt.date(2026, 11, 30)


def figures(*, checks: int = CHECKS) -> list[Figure]:
    """Numbers of every kind, right and wrong, as printed and as typed, each another; within a second of one processor."""
    from hege.honours.numbers.rules import check

    by = random.Random("numbers")
    numbers = [_number(by) for _ in range(checks)]
    check(numbers[0], on=ON)  # the tables are read once
    rounds = []
    for _round in range(3):
        begun = time.process_time()
        for number in numbers:
            check(number, on=ON)
        rounds.append((time.process_time() - begun) * 1000)
    best = min(rounds)
    note = f"{checks / best * 1000:,.0f} a second"
    return [Figure(f"{checks:,} numbers checked", best, "ms", note, cpu=best, cpu_at_most=checks / CHECKS * 1000)]


def _number(by: random.Random) -> str:
    serial, county = f"{by.randrange(10**8):08}", by.choice(("310118", "310117", "440305", "999999"))
    return by.choice(
        (
            f"91{county}MA1J{serial[:5]}{by.choice('0369TXY')}", f"{serial}{by.choice('0123X')}", f"{serial[:5]} {serial[5:]}-7",
            f"LB-{by.randrange(1, 60):02}-25{by.randrange(1, 14):02}09{serial[:5]}A", f"ＬＢ－１５－2507０９{serial[:4]}ａ",
            f"E{county}{serial[:2]}", f"有机码 {serial}{serial}1", f"GF{county}25{serial[:4]}", f"GR202531{serial[:6]}",
            f"沪示例评字〔2025〕{serial[:3]}号",
        )
    )  # fmt: skip


if __name__ == "__main__":
    settings.configure(USE_I18N=False)
    django.setup()
    done = figures()
    print(table(done))
    sys.exit(any(figure.met is False for figure in done))
