"""``hege story``: an article of the newspaper's page in a scratch database, step by step, proven at the end."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management import CommandError, call_command
from django.db.transaction import atomic

from hege.cli.command import HegeCommand, option
from hege.integrity.queries import faults
from hege.kernel.money import yuan
from hege.people.models import Street
from hege.stories.crisis import Step
from hege.stories.honours import FIRST_ON_THE_ROLL, HonourRoll
from hege.stories.programme import Programme
from hege.stories.street import set_stage
from hege.stories.water import Water

WORST_DAY = dt.date(2025, 11, 21)  # the day of the newspaper page
INSIDE = "HEGE_STORY_INSIDE"
HUAXIN: dict[str, Any] = {
    "code": "310118107", "name": "华新镇", "grid": "华新综合网格", "residence": "华强居委", "block": "华新镇第一街区",
    "premises": "华新镇沿街", "since": dt.date(2025, 1, 1), "years": range(2025, 2028), "suffix": "-huaxin",
}  # fmt: skip


class Ending(NamedTuple):
    """How a story ends: whether well, its figures, and that in a sentence."""

    well: bool
    figures: dict[str, Any]
    says: str


class Command(HegeCommand):
    help = (
        "把报纸上的一篇从头演到尾（water 水费，honours 荣誉榜，programme 四季暖蜂）：示例数据，用的是页面同样的动作。"
    )
    requires_system_checks = []  # the scratch database is made here

    options = (
        option("story", choices=["water", "honours", "programme"]),
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
        play = {"water": self._water, "honours": self._honours, "programme": self._programme}[options["story"]]
        with atomic():
            ends_well, figures, last = play(told.append if options["json"] else self._tell)
        wrong = [fault for street in Street.objects.all() for fault in faults(street)]
        verified = ends_well and not wrong
        if options["json"]:
            steps = [{"on": s.on.isoformat(), "title": s.title, "says": s.says, **s.figures} for s in told]
            self.answer({"sample": True, "steps": steps, "faults": wrong, **figures, "verified": verified})
        else:
            self.say(*(f"✗ {fault}" for fault in wrong))
            self.say(f"{'✓' if verified else '✗'} {last}；核对{'全部通过' if not wrong else '没有通过'}。")
        if not verified:
            sys.exit(1)

    @staticmethod
    def _water(tell: Callable[[Step], None]) -> Ending:
        story = Water(WORST_DAY, tell=tell)
        story.until_the_worst_day()
        story.to_the_end()
        money = story.money(story.steps[-1].on)
        paid_up = money.payable == money.owed == money.held == money.unshared == 0
        return Ending(paid_up, {"payable": money.payable}, f"尚欠水务公司 {yuan(money.payable)} 元")

    @staticmethod
    def _honours(tell: Callable[[Step], None]) -> Ending:
        story = HonourRoll(set_stage(**HUAXIN), FIRST_ON_THE_ROLL, tell)
        story.until_the_roll()
        story.to_the_end()
        good, ended, wrong = story.proven()
        figures = {"published": good, "ended": ended, "not_proven": wrong}
        last = f"{good} 项在榜，核验页和签名都对得上；{ended} 项到期或撤下，两样都不认"
        return Ending(not wrong and good == 12 and ended == 2, figures, last)

    @staticmethod
    def _programme(tell: Callable[[Step], None]) -> Ending:
        story = Programme(set_stage(**HUAXIN), tell)
        story.until_the_launch()
        story.play()
        found = story.proven()
        last = (
            f"{found.claims} 张券：{found.redeemed} 张用掉，{found.ended} 张到期或收回，{found.held} 张还在手里；"
            f"应付商户 {yuan(found.owed_fen)} 元，结了 {yuan(found.settled_fen)} 元（付了 {yuan(found.paid_fen)} 元），"
            f"没结的 {yuan(found.open_fen)} 元，一分不差；没有一处看得出是谁报的"
        )
        whole = found.claims == found.redeemed + found.ended + found.held
        whole = whole and found.owed_fen == found.settled_fen + found.open_fen
        return Ending(whole and not found.told, {**found._asdict()}, last)

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
