"""`hege backup FILE`: a copy of the whole database that stands on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from hege.cli.copies import backup_to
from hege.kernel.refused import Refused


class Command(BaseCommand):
    help = "Write a copy of the whole database to FILE while Hege keeps running. The copy holds secrets: guard it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a new file; never overwritten")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            size = backup_to(file.absolute())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(_("已备份到 %(file)s，共 %(size)s 字节。") % {"file": file, "size": f"{size:,}"})
