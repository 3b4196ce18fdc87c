"""`hege restore FILE`: put a backup in the place of the database, bring it up to date, verify it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from hege.cli.copies import restore_from
from hege.kernel.refused import Refused


class Command(BaseCommand):
    help = "恢复：用备份替换数据库，升级到当前版本，并核对全部账目。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="hege backup 写出的文件")
        parser.add_argument("--force", action="store_true", help="数据库不为空时也替换")

    def handle(self, *, file: Path, force: bool, **options: Any) -> None:
        try:
            kept = restore_from(file.absolute(), force=force)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(_("已从 %(file)s 恢复。") % {"file": file})
        if kept:
            self.stdout.write(_("原数据库留在 %(file)s，确认无误后可删除。") % {"file": kept})
        call_command("migrate", verbosity=0, interactive=False, stdout=self.stdout)
        call_command("verify", stdout=self.stdout)
