"""`hege restore FILE`: put a backup in the place of the database, bring it up to date, verify it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.utils.translation import gettext as _

from hege.cli.command import HegeCommand, option
from hege.cli.copies.encryption import identities
from hege.cli.copies.restoring import restore_from


class Command(HegeCommand):
    help = "恢复：用备份替换数据库，升级到当前版本，并核对全部账目。"
    requires_system_checks: list[str] = []
    minds_newer = False
    options = (
        option("file", type=Path, metavar="FILE", help="hege backup 写出的文件"),
        option("--identity", type=Path, metavar="FILE", help="加密备份的 age 私钥文件"),
        option("--force", action="store_true", help="数据库不为空时也替换"),
    )

    def handle(self, *, file: Path, identity: Path | None, force: bool, **options: Any) -> None:
        kept = restore_from(file.absolute(), force=force, identities=identities(identity) if identity else ())
        self.say(_("已从 %(file)s 恢复。") % {"file": file})
        if kept:
            self.say(_("原数据库留在 %(file)s，确认无误后可删除。") % {"file": kept})
        call_command("migrate", verbosity=0, interactive=False, stdout=self.stdout)
        call_command("verify", stdout=self.stdout)
