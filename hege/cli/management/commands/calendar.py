"""``hege calendar --year YEAR --source PAPER FILE``: enter a year's holiday notice from a text file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from hege.cli.command import STREETS, HegeCommand, option, streets_in
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.places.actions import take_notice
from hege.places.notice import read_notice


class Command(HegeCommand):
    help = "录入一年的放假通知（文本文件，UTF-8）：读出放假和调休的日子，确认这一年的工作日历。--dry-run 只看不记。"
    options = (
        option("file", type=Path, metavar="文件"),
        option("--year", type=int, required=True, help="哪一年"),
        option("--source", required=True, help="依据的文件，例如：国办发明电〔2026〕8号"),
        option("--dry-run", action="store_true", help="只看读出的日子，不登记"),
        STREETS,
    )

    def handle(self, *, file: Path, year: int, source: str, **options: Any) -> None:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as problem:
            raise Refused(_("读不了 %(file)s：%(why)s"), file=file, why=problem) from problem
        for row in read_notice(text, year):
            self.say(f"{row.day} {_('调休上班') if row.works else _('放假')} {row.name}")
        for street in [] if options["dry_run"] else streets_in(options):
            take_notice(street, year=year, text=text, source=source, by=None, at=clock.now())
            self.say(_("%(street)s：%(year)s 年已经确认。") % {"street": street.name, "year": year})
