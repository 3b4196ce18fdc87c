"""``hege honours check NUMBER [--kind KIND] [--on DATE] [--json]``: whether a number is written as its kind is."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Any

from hege.cli.command import ON, HegeCommand, option
from hege.honours.numbers.reading import LONGEST
from hege.honours.numbers.rules import Kind, Verdict, check
from hege.honours.numbers.sentences import as_json, decided_by, how_much, means
from hege.kernel.clock import today


class Command(HegeCommand):
    help = "核一个号码的写法：对得上、对不上，还是判断不了，由哪一部分决定，能说明多少。号码写 - 时从标准输入读，一行一个，每行打印一条 JSON。"
    minds_newer = False  # asks no database
    requires_system_checks = ()
    options = (
        option("what", choices=["check"], help="check：核写法"),
        option("number", help="号码，照着抄就行；- 为标准输入"),
        option("--kind", choices=Kind.values, help="按哪一种来看；省略时看它像哪一种"),
        ON,
        option("--json", action="store_true", help="打印 JSON"),
    )

    def handle(self, *, number: str, kind: str | None, on: dt.date | None, json: bool, **_options: Any) -> None:
        for text in _lines_of_input() if number == "-" else [number.encode(errors="replace").decode()]:
            verdict = check(text, kind=Kind(kind) if kind else None, on=on or today())
            if json or number == "-":
                self.answer(as_json(verdict))
            else:
                self.say(*_lines(verdict))


def _lines_of_input() -> Iterator[str]:
    """Each line of standard input; what is not UTF-8 in it stands as a question mark."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    for line in sys.stdin:
        yield line.rstrip("\r\n")


def _lines(verdict: Verdict) -> list[str]:
    """For people: how it was read, the answer, each part, how much it proves."""
    return [
        f"{verdict.kind.label}　{verdict.read_as or verdict.number[:LONGEST]}　{verdict.answer.label}",
        decided_by(verdict),
        *(f"  {part.text}　{means(part)}" for part in verdict.parts),
        f"{verdict.proves.label}：{how_much(verdict)}",
    ]
