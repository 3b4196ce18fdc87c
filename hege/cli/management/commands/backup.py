"""`hege backup FILE`: a copy of the whole database that stands on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from hege.cli.copies import backup_to
from hege.kernel.refused import Refused


class Command(BaseCommand):
    help = "备份：不停机把整个数据库写成一个文件。备份含敏感资料，请妥善保管。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="新文件名；已有的文件不会被覆盖")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            size = backup_to(file.absolute())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(_("已备份到 %(file)s，共 %(size)s 字节。") % {"file": file, "size": f"{size:,}"})
