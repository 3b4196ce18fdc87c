# ruff: noqa: N999  # the command is called so by the issue
"""`hege import FILE…`: spreadsheets of whatever kinds, all of them or nothing; `hege import KIND FILE`: one of a kind."""

from __future__ import annotations

import json
import sys
from dataclasses import fields, replace
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
from hege.imports.piles import Sent, pile_as_json, pile_in_words, take_files
from hege.imports.report import as_json, in_words
from hege.imports.sheets import check_size
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.people.queries import the_street

KINDS = " ".join(FileKind.values)
SAID = frozenset(field.name for field in fields(Answers))


class Command(HegeCommand):
    help = (
        "Bring files in: .xlsx, .xls or .csv; several are taken together, all of them or none. Without a kind the headings "
        f"say which it is. Kinds: {KINDS}. Exit status 1 when anything is refused or waits for a word."
    )
    options = (
        option(
            "words",
            metavar="[KIND] FILE",
            nargs="+",
            help=f"the spreadsheets, after their kind if one is meant: {KINDS}",
        ),
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
            help="what is said of the file: kind, sheet, columns, constants, cells, lines",
        ),
        option("--accept", action="store_true", help="accept every one-to-one proposal"),
        option("--json", action="store_true", help="answer as JSON, money in fen"),
        option("--template", type=Path, metavar="OUT.xlsx", help="write an empty workbook of this kind"),
    )

    def handle(self, *, words: list[str], **options: Any) -> None:
        first, *files = words
        if first not in FileKind.values and (Path(first).suffix or Path(first).exists()):
            self._pile([Path(word) for word in words], None, options)
        elif len(files) > 1:
            self._pile([Path(word) for word in files], kind_of(first), options)
        else:
            self._one(first, Path(files[0]) if files else None, options)

    def _one(self, kind: str, file: Path | None, options: dict[str, Any]) -> None:
        """One file of a kind."""
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

    def _pile(self, files: list[Path], kind: FileKind | None, options: dict[str, Any]) -> None:
        """Files taken together, in the order in which each finds what it speaks of."""
        if any(options[word] for word in ("same", "both", "new", "sheet")):
            raise Refused(_("几份文件一起导入时，每份的行号和工作表请写在 --map 的文件里。"))
        sent = [_sent(file, kind, options) for file in files]
        outcome = take_files(
            the_street(options["street"]), sent, by=None, at=clock.now(), dry_run=options["dry_run"],
            progress=_progress() if sys.stderr.isatty() else untold,
        )  # fmt: skip
        if options["json"]:
            told = pile_as_json(outcome, most=None) | {"dry_run": options["dry_run"]}
            self.answer(told, indent=1)
        else:
            self.say(*pile_in_words(outcome))
        if outcome.stopped:
            sys.exit(1)

    def _import(self, kind: FileKind, file: Path, options: dict[str, Any]) -> Outcome:
        content = _content(file)
        street = the_street(options["street"])
        outcome = import_file(
            street, kind, file.name, content,
            by=None, at=clock.now(), dry_run=options["dry_run"],
            progress=_progress() if sys.stderr.isatty() else untold,
            answers=_answers(file, options)[0],
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


def _content(file: Path) -> bytes:
    if not file.is_file():
        raise Refused(_("没有 %(file)s 这个文件。"), file=file)
    check_size(file.stat().st_size)
    return file.read_bytes()


def _sent(file: Path, kind: FileKind | None, options: dict[str, Any]) -> Sent:
    answers, told = _answers(file, options)
    return Sent(file.name, _content(file), kind or (kind_of(told) if told else None), answers)


def _answers(file: Path, options: dict[str, Any]) -> tuple[Answers, str]:
    """What is said of a file, and its kind where that is said too: on the command line, and in the file of ``--map`` under the
    file's name, or for any file.
    """
    answers, kind = Answers(), ""
    if options["map"]:
        try:
            told = json.loads(options["map"].read_text(encoding="utf-8"))
            by_name = any(isinstance(value, dict) and name not in SAID for name, value in told.items())
            said = dict(told.get(file.name, {}) if by_name else told)
            answers, kind = Answers.of(said), str(said.get("kind", ""))
        except (OSError, ValueError, TypeError, AttributeError) as problem:
            raise Refused(_("读不懂对列办法 %(file)s：%(reason)s"), file=options["map"], reason=problem) from problem
    return replace(
        answers,
        same=answers.same | _rows(options["same"]), both=answers.both | _rows(options["both"]),
        new=answers.new | _rows(options["new"]), sheet=options["sheet"] or answers.sheet, accept=options["accept"] or answers.accept,
    ), kind  # fmt: skip


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
