"""`hege check`: Django's checks, its deploy checks, and our own. Stands in for Django's command of the same name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from hege.cli.checks import findings
from hege.cli.command import HegeCommand
from hege.kernel import clock


class Command(HegeCommand):
    help = "检查设置、数据库和工作日历是否可以正式使用；不可以时退出状态为 1。"
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        fatal = self._settings()
        for finding in findings(today=clock.today()):
            mark = "✓" if finding.ok else "✗" if finding.fatal else "!"
            self.say(f"{mark} {finding.text}")
            fatal |= finding.fatal and not finding.ok
        if fatal:
            raise CommandError(_("请先处理标有 ✗ 的各项。"))

    def _settings(self) -> bool:
        """Django's findings. Deploy checks count in production only; a clone has no HTTPS and need not."""
        fatal = False
        for message in checks.run_checks(include_deployment_checks=settings.PRODUCTION, databases=["default"]):
            if message.is_silenced():
                continue
            serious = message.is_serious() or settings.PRODUCTION
            self.say(f"{'✗' if serious else '!'} {message}")
            fatal |= serious
        if not settings.PRODUCTION:
            self.say(_("! 这是试用环境；正式使用前设 HEGE_ENV=production，再运行 hege check"))
        elif not fatal:
            self.say(_("✓ 设置适合正式使用"))
        return fatal
