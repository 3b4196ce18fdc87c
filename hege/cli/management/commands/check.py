"""`hege check`: Django's checks, its deploy checks, and our own. Stands in for Django's command of the same name."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from hege.cli.command import HegeCommand, option
from hege.installation.queries import findings, settings_findings
from hege.installation.rules import Finding, State
from hege.kernel import clock

MARKS = {State.OK: "✓", State.NOTE: "!", State.MEND: "✗"}


class Command(HegeCommand):
    help = "检查设置、数据库和工作日历是否可以正式使用；不可以时退出状态为 1。"
    options = (option("--json", action="store_true", help="打印 JSON"),)
    requires_system_checks: list[str] = []
    minds_newer = False

    def handle(self, **options: Any) -> None:
        found: list[Finding] = []
        for finding in (*settings_findings(), *findings(at=clock.now())):
            found.append(finding)
            if not options["json"]:
                self.say(f"{MARKS[finding.state]} {finding.text}")
                self.say(*([f"    {finding.mend}"] if finding.mend else []))
        wrong = any(finding.state is State.MEND for finding in found)
        if options["json"]:
            self.answer({"fit": not wrong, "findings": [asdict(finding) for finding in found]}, indent=2)
        if wrong:
            raise CommandError(_("请先处理标有 ✗ 的各项。"))
