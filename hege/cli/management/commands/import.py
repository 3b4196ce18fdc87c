# ruff: noqa: N999  # the command is called so by the issue
"""`hege import KIND FILE`: a spreadsheet of one of nine kinds, all of it or nothing."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from hege.cli.command import DRY_RUN, STREET, HegeCommand, option
from hege.imports.actions import import_file
from hege.imports.kind import Answers, Progress, untold
from hege.imports.kinds import Unmapped
from hege.imports.layouts import FileKind, kind_of
from hege.imports.looking import Outcome
from hege.imports.outgoing import template_workbook
from hege.imports.report import as_json, in_words
from hege.imports.sheets import check_size
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.people.queries import the_street

KINDS = " ".join(FileKind.values)


class Command(HegeCommand):
    help = f"Bring a file in: .xlsx, .xls or .csv. Kinds: {KINDS}. Exit status 1 when anything is refused."
    options = (
        option("kind", metavar="KIND", help=KINDS),
        option("file", type=Path, metavar="FILE", nargs="?", help="the spreadsheet"),
        STREET,
        DRY_RUN,
        *(
            option(f"--{word}", metavar="ROW[,ROW…]", default="", help=what)
            for word, what in (
                ("same", "these rows are the payment they were shown beside: add them to it as further papers"),
                ("both", "these rows are payments of their own"),
                ("new", "these rows are really new"),
            )
        ),
        option("--sheet", metavar="NAME", default="", help="read this sheet of the workbook"),
        option(
            "--map",
            metavar="FILE.json",
            type=Path,
            help="what is said of the file: kind, sheet, columns, constants, cells",
        ),
        option("--accept", action="store_true", help="accept every one-to-one proposal"),
        option("--json", action="store_true", help="answer as JSON, money in fen"),
        option("--template", type=Path, metavar="OUT.xlsx", help="write an empty workbook of this kind"),
    )

    def handle(self, *, kind: str, file: Path | None, **options: Any) -> None:
        try:
            wanted = kind_of(kind)
            if options["template"]:
                self._template(wanted, options["template"])
                return
            if file is None:
                raise Refused(_("请写明要导入的文件。"))
            outcome = self._import(wanted, file, options)
        except Refused as refused:
            if options["json"]:
                empty = Outcome(FileKind.UNITS, file.name if file else "", "", options["dry_run"])
                empty.columns = refused.columns if isinstance(refused, Unmapped) else {}
                self.answer({**as_json(empty, refused_file=str(refused)), "kind": kind}, indent=1)
            raise
        if options["json"]:
            self.answer(as_json(outcome), indent=1)
        else:
            self.say(*in_words(outcome))
        if outcome.stopped:
            sys.exit(1)

    def _import(self, kind: FileKind, file: Path, options: dict[str, Any]) -> Outcome:
        if not file.is_file():
            raise Refused(_("没有 %(file)s 这个文件。"), file=file)
        check_size(file.stat().st_size)
        street = the_street(options["street"])
        outcome = import_file(
            street, kind, file.name, file.read_bytes(),
            by=None, at=clock.now(), dry_run=options["dry_run"],
            progress=_progress() if sys.stderr.isatty() else untold,
            answers=_answers(file, options),
        )  # fmt: skip
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        return outcome

    def _template(self, kind: FileKind, out: Path) -> None:
        if out.exists():
            raise Refused(_("%(file)s 已存在，请换一个文件名。"), file=out)
        if not out.parent.is_dir():
            raise Refused(_("没有 %(folder)s 这个文件夹。"), folder=out.parent)
        out.write_bytes(template_workbook(kind))
        self.say(_("已写出模板 %(file)s。") % {"file": out})


def _answers(file: Path, options: dict[str, Any]) -> Answers:
    """What is said of a file: on the command line, and in the file of ``--map`` under the file's name, or for any file."""
    said: dict[str, Any] = {}
    if options["map"]:
        try:
            told = json.loads(options["map"].read_text(encoding="utf-8"))
            said = dict(told[file.name] if isinstance(told.get(file.name), dict) else told)
            answers = Answers.of(said)
        except (OSError, ValueError, TypeError, AttributeError) as problem:
            raise Refused(_("读不懂对列办法 %(file)s：%(reason)s"), file=options["map"], reason=problem) from problem
    else:
        answers = Answers()
    return replace(
        answers,
        same=answers.same | _rows(options["same"]), both=answers.both | _rows(options["both"]),
        new=answers.new | _rows(options["new"]), sheet=options["sheet"] or answers.sheet, accept=options["accept"] or answers.accept,
    )  # fmt: skip


def _rows(text: str) -> frozenset[int]:
    """Row numbers: 2,5-7."""
    found: set[int] = set()
    for part in filter(None, (p.strip() for p in text.replace("，", ",").split(","))):
        first, _dash, last = part.partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()) or max(len(first), len(last)) > len("1000000"):
            raise Refused(_("行号要写成 2,5-7 这样；不认得 %(part)s。"), part=part)
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def _progress() -> Progress:
    """A bar on one line of the terminal, drawn again only when its figure changes."""
    last = ""

    def draw(phase: str, done: int, total: int) -> None:
        nonlocal last
        percent = 100 * done // total if total else 0
        line = f"{phase} {'█' * (percent // 5):<20} {percent:3d}%"
        if line != last:
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
            last = line

    return draw
