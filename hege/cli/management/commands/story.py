"""``hege story``: an article of the newspaper's page in a scratch database, step by step, proven at the end."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from django.core.management import CommandError, call_command

from hege.cli.command import HegeCommand, option
from hege.cli.stage import SET
from hege.kernel.database import atomic, connection
from hege.people.models import Street

if TYPE_CHECKING:
    from hege.stories.crisis import Step


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
        if os.environ.get(SET) != "1":
            raise CommandError("故事只在另设的空数据库里演：请用 hege story 运行。")
        child = _tables_beside()
        from hege.integrity.queries import faults  # a second to load, which only who plays needs
        from hege.stories.endings import STORIES

        if os.waitpid(child, 0)[1]:
            call_command("migrate", verbosity=0)  # fails here as it did there, and says why
        if Street.objects.exists():
            raise CommandError("这个数据库里已经有街道了；故事只在空数据库里演。")
        told: list[Step] = []
        with atomic():
            ends_well, figures, last = STORIES[options["story"]](told.append if options["json"] else self._tell)
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

    def _tell(self, step: Step) -> None:
        self.say(f"{step.on}　{step.title}\n　　{step.says}")


def _tables_beside() -> int:
    """Have the tables made by a process beside this one, which loads the story meanwhile; its id. It ends with 0 once they are there."""
    sys.stdout.flush()
    connection.close()  # one that was opened to look is not for two
    child = os.fork()
    if child:
        return child
    failed = 1
    try:
        call_command("migrate", verbosity=0)
        connection.close()
        failed = 0
    finally:
        os._exit(failed)
