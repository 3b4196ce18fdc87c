"""``hege trail``: the trail's new lines to a second place, and whether what is there still holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.utils.translation import gettext as _

from hege.cli.command import HegeCommand, option
from hege.installation.trail_export import export_faults, export_trail
from hege.kernel import clock


class Command(HegeCommand):
    help = "留痕外送：把新的留痕行连同校验码写到第二个地方；--check 逐行核对送过的和现在的一样不一样。"
    options = (
        option("--to", type=Path, default=None, metavar="DIR", help="文件夹，默认 HEGE_TRAIL_EXPORT_TO"),
        option("--check", action="store_true", help="只核对，不写"),
    )

    def handle(self, *, to: Path | None, check: bool, **options: Any) -> None:
        folder = to or (Path(settings.TRAIL_EXPORT_TO) if settings.TRAIL_EXPORT_TO else None)
        if folder is None:
            raise CommandError(_("请用 --to 写明文件夹，或设 HEGE_TRAIL_EXPORT_TO。"))
        if check:
            faults = list(export_faults(folder))
            self.say(*faults or [_("外送过的每一行都和现在的一样。")])
            if faults:
                raise CommandError(
                    _("留痕和外送过的对不上。请保管好 %(folder)s，运行 hege verify。") % {"folder": folder}
                )
            return
        for street, lines in export_trail(folder, by=None, at=clock.now()).items():
            self.say(_("%(street)s：外送 %(n)s 行。") % {"street": street, "n": lines})
