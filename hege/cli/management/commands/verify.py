"""``hege verify``: proof that the books are whole. Exit status 1 when they are not, 2 when a key is missing to tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from hege.cli.command import STREETS, HegeCommand, option, streets_in
from hege.integrity.queries import faults
from hege.kernel import clock
from hege.kernel.mutability import unwatched
from hege.kernel.refused import Refused
from hege.ledger.queries import doubled
from hege.people.models import Street
from hege.search.queries import index_faults
from hege.trail.actions import record_upkeep
from hege.trail.models import UpkeepKind
from hege.trail.rules import Declared, Head, Unchecked, heads_in

#: What is wrong in a street or cannot be told, and what is in doubt.
Told = tuple[list[str], list[str]]


class Command(HegeCommand):
    help = "核验：从每一行重算全部余额，查不变量、余额核对、科目对和留痕链；有问题则逐条指出，退出码 1；缺密钥、有些行核对不了时退出码 2。"

    options = (
        STREETS,
        option("--unwatched", action="store_true", help="只列出核验不看的表和列，各有理由"),
        option("--json", action="store_true", help="打印 JSON"),
        option("--jobs", type=int, default=1, metavar="N", help="同时核验几个街道，各在自己的进程里；默认 1"),
        option(
            "--witness",
            action="append",
            default=[],
            metavar="TEXT|FILE",
            help="库外存着的链尾：hege head 或备份时打印的一行，纪要上的行号和校验码，或存有它们的文件；可写多次",
        ),
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["unwatched"]:
            self.say(*(f"{what}: {why}" for what, why in unwatched()))
            return
        heads, streets = self._heads(options["witness"]), streets_in(options)
        if not streets:
            raise CommandError("没有可核验的街道：数据库里一个街道也没有。", returncode=1)
        told = self._told(streets, heads, jobs=min(options["jobs"], len(streets)))
        found, doubts = ({code: lines[part] for code, lines in told.items()} for part in (0, 1))
        wrong = {code: [line for line in lines if not isinstance(line, Unchecked)] for code, lines in found.items()}
        missing = {code: [line for line in lines if isinstance(line, Unchecked)] for code, lines in found.items()}
        unchecked = {
            code: [line for line in lines if not isinstance(line, Declared)] for code, lines in missing.items()
        }
        declared = {code: [line for line in lines if isinstance(line, Declared)] for code, lines in missing.items()}
        count, lost = (sum(map(len, kind.values())) for kind in (wrong, unchecked))
        if not options["street"]:
            self._note(count, lost, streets=len(found), witnesses=len(heads))
        if options["json"]:
            answer: dict[str, Any] = {"verified": count == lost == 0, "faults": wrong, "unchecked": unchecked}
            answer |= {name: told for name, told in (("declared", declared), ("doubts", doubts)) if any(told.values())}
            self.answer(answer)
        else:
            for code, lines in found.items():
                self.say(f"{code}：{self._verdict(len(wrong[code]), len(unchecked[code]), len(declared[code]))}")
                self.say(*(f"  {line}" for line in lines), *(f"  存疑：{line}" for line in doubts[code]))
        if count:
            raise CommandError(f"核验未通过：{count} 处问题。", returncode=1)
        if lost:
            raise CommandError(
                "没有发现问题，但缺密钥，有些行核对不了：请把原来的密钥写进 HEGE_SEAL_KEYS_OLD 再核验。", returncode=2
            )

    def _told(self, streets: Sequence[Street], heads: list[Head], *, jobs: int) -> dict[str, Told]:
        """What is found in each street, in their order; with several jobs each in a process of its own, with connections of
        its own: no proof reads another street's rows."""
        if jobs < 2:
            return {s.code: _told_of(s, heads, self._begin(s)) for s in streets}
        connections.close_all()  # a connection is one process's alone
        told: dict[str, Told] = {}
        with ProcessPoolExecutor(jobs, get_context("fork")) as pool:
            for street, lines in zip(streets, pool.map(_told_of, streets, repeat(heads)), strict=True):
                told[street.code] = lines
                self._begin(street)(f"{len(told)} / {len(streets)}")
        return told

    def _note(self, wrong: int, unchecked: int, **counts: Any) -> None:
        """Say that everything was verified. Whoever may only read the database verifies it as well."""
        counts |= {"faults": wrong, "unchecked": unchecked}
        note = _("缺密钥，有些留痕核对不了。") if unchecked else ""
        note = _("%(n)d 处问题，hege verify 逐条指出。") % {"n": wrong} if wrong else note
        try:
            record_upkeep(UpkeepKind.VERIFY, well=not wrong and not unchecked, note=note, at=clock.now(), **counts)
        except DatabaseError as problem:
            self.stderr.write(_("没能记入运行维护记录：%(why)s") % {"why": str(problem).splitlines()[0]})

    def _verdict(self, wrong: int, unchecked: int, declared: int) -> str:
        if wrong:
            return f"✗ {wrong} 处问题"
        if unchecked:
            return "? 没有发现问题，但有些行核对不了"
        return "✓ 没有发现问题；丢失的密钥已经写明，它以前的行核对不了" if declared else "✓ 账实相符"

    def _heads(self, given: Sequence[str]) -> list[Head]:
        heads: list[Head] = []
        for number, text in enumerate(given, 1):
            try:
                heads += _heads_in(text, f"witness {number}")
            except (OSError, UnicodeDecodeError, Refused) as problem:
                raise CommandError(f"{text[:200]}：{problem}") from problem
        return heads

    def _begin(self, street: Street) -> Callable[[str], None]:
        """Name each check on a terminal while it runs: a grown street takes minutes."""

        def begin(check: str) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"\r{street.code} {check:<40}", ending="")

        return begin


def _told_of(street: Street, heads: list[Head], begin: Callable[[str], None] = lambda _check: None) -> Told:
    return list(faults(street, heads=heads, begin=begin)), [*doubled(street), *index_faults(street)]


def _heads_in(text: str, where: str) -> list[Head]:
    """A head as it was printed, else the file of that name: a name is looked for last, for the folder one is in may be
    closed to the account that verifies."""
    try:
        return heads_in(text, where)
    except Refused:
        if len(text) < 1000 and "\n" not in text and (file := Path(text)).is_file():
            return heads_in(file.read_text("utf-8"), file.name)
        raise
