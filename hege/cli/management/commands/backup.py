"""`hege backup FILE`: a copy of the whole database that stands on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _

from hege.cli.command import HegeCommand, ends_of_chains, option, printed
from hege.cli.copies import backup_to
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.trail.actions import keep_witness
from hege.trail.models import TrailHead, WitnessKind


class Command(HegeCommand):
    help = "备份：不停机把整个数据库写成一个文件。备份含敏感资料，请妥善保管。"
    options = (option("file", type=Path, metavar="FILE", help="新文件名；已有的文件不会被覆盖"),)

    def handle(self, *, file: Path, **options: Any) -> None:
        ends = self._ends()  # before the copy is taken, so that it holds them
        size = backup_to(file.absolute())
        self.say(_("已备份到 %(file)s，共 %(size)s 字节。") % {"file": file, "size": f"{size:,}"})
        if ends:
            self.say(_("备份时留痕的末行，请抄存在库外，以后用 hege verify --witness 核对："))
        for end in ends:
            self.say(printed(end))
            self._keep(end, file)

    def _ends(self) -> list[TrailHead]:
        """A copy is taken before an upgrade too, when the tables are still those of the release before."""
        try:
            return list(ends_of_chains())
        except DatabaseError:
            self.stderr.write(_("数据库还没有升级到这一版，这次备份不印留痕的末行。"))
            return []

    def _keep(self, end: TrailHead, file: Path) -> None:
        """The copy is there, and that counts; a database that cannot be written now misses one witness."""
        try:
            keep_witness(
                end.street, WitnessKind.BACKUP, seq=end.seq, digest=end.hash, note=file.name, by=None, at=clock.now()
            )
        except (DatabaseError, Refused) as problem:
            self.stderr.write(_("这次备份没能记在留痕上：%(why)s") % {"why": str(problem).splitlines()[0]})
