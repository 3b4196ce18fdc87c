"""``hege story water``: the newspaper's case in a scratch database, step by step, proven at the end."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.db.transaction import atomic

from hege.cli.command import HegeCommand, option
from hege.integrity.queries import faults
from hege.kernel.money import yuan
from hege.people.models import Street
from hege.stories.crisis import Step
from hege.stories.water import Water

WORST_DAY = dt.date(2025, 11, 21)  # the day of the newspaper page
INSIDE = "HEGE_STORY_INSIDE"


class Command(HegeCommand):
    help = "把报纸上的案子从头演到尾：示例数据，用的是页面同样的动作。"
    requires_system_checks = []  # the scratch database is made here

    options = (
        option("story", choices=["water"]),
        option("--json", action="store_true"),
        option("--database", default=None, help="空数据库的地址；不写就用临时的 SQLite"),
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if os.environ.get(INSIDE) != "1":
            sys.exit(self._in_scratch_database(options))
        call_command("migrate", verbosity=0)
        if Street.objects.exists():
            raise CommandError("这个数据库里已经有街道了；故事只在空数据库里演。")
        told: list[Step] = []
        story = Water(WORST_DAY, tell=(told.append if options["json"] else self._tell))
        with atomic():
            story.until_the_worst_day()
            story.to_the_end()
        wrong = [fault for street in Street.objects.all() for fault in faults(street)]
        money = story.money(story.steps[-1].on)
        paid_up = money.payable == money.owed == money.held == money.unshared == 0
        verified = paid_up and not wrong
        if options["json"]:
            steps = [{"on": s.on.isoformat(), "title": s.title, "says": s.says, **s.figures} for s in story.steps]
            self.answer(
                {"sample": True, "steps": steps, "faults": wrong, "payable": money.payable, "verified": verified}
            )
        else:
            self.say(*(f"✗ {fault}" for fault in wrong))
            self.say(
                f"{'✓' if verified else '✗'} 尚欠水务公司 {yuan(money.payable)} 元；核对{'全部通过' if not wrong else '没有通过'}。"
            )
        if not verified:
            sys.exit(1)

    def _tell(self, step: Step) -> None:
        self.say(f"{step.on}　{step.title}\n　　{step.says}")

    def _in_scratch_database(self, options: dict[str, Any]) -> int:
        """Play in a process of its own, so that the settings see the scratch database from the start."""
        with tempfile.TemporaryDirectory() as folder:
            url = options["database"] or f"sqlite:///{Path(folder) / 'story.sqlite3'}"
            command = [sys.executable, "-m", "hege.cli.main", "story", options["story"]]
            if options["json"]:
                command.append("--json")
            environment = {**os.environ, "HEGE_DATABASE_URL": url, INSIDE: "1"}
            return subprocess.run(command, env=environment, check=False).returncode
