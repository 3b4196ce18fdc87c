"""``hege demo``: fill an empty database with the demonstration street and print its sign-ins; ``--serve`` shows it at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, close_old_connections
from django.db.transaction import atomic

from hege.cli.command import option
from hege.cli.management.commands import serve
from hege.cli.work import go_on_as_worker
from hege.kernel.clock import today
from hege.kernel.refused import Refused
from hege.people.models import Membership, Street
from hege.stories.crisis import Step
from hege.stories.demo import Demo, is_half_played
from hege.stories.street import PASSWORD


class Command(serve.Command):
    help = "在空数据库里建好示例街道（数据都是示例），打印登录名和密码。已经建好的就只打印。"
    requires_system_checks = []  # the database is made here
    options = (
        option("--serve", action="store_true", help="同时启动网站：人员建好就能登录，账目在后面接着建"),
        *serve.Command.options[:3],
    )
    #: What is still to be played beside the site, and the process of the site it ends with.
    demo: Demo | None = None
    site = 0

    def handle(self, *, address: str, port: int, **options: Any) -> None:
        if options["serve"]:
            serve.check_place(address, port)
        call_command("migrate", verbosity=0)
        if is_half_played():
            self._begin_anew()
        if not Street.objects.exists():
            self._play(beside=options["serve"])
        self.say("\n示例数据，不是真实商户。密码都是：" + PASSWORD)
        members = Membership.objects.select_related("user", "street").order_by("street__code", "role")
        for member in members:
            self.say(f"  {member.street.name}　{member.user.username:<22}{member.user.full_name}")
        if options["serve"]:
            super().handle(address=address, port=port, workers=options["workers"], reload=False, dry_run=False)

    def _play(self, *, beside: bool) -> None:
        demo = Demo(today(), self._tell)
        if beside:
            self.demo = demo
            demo.begin()
            self.say("示例街道的人员建好了，现在就能登录；账目在后面按日子接着建，约十秒，页面上看到的是建到的那一天。")
            return
        self.say("正在建示例街道，约十秒……")
        with atomic():
            demo.begin()
            demo.fill()

    def _begin_anew(self) -> None:
        """What an interrupted run left holds nothing but samples."""
        database = settings.DATABASES["default"]
        if not database["ENGINE"].endswith("sqlite3"):
            raise CommandError("上次的示例没有建完。请删掉这个数据库，新建一个空的，再运行 hege demo。")
        self.say("上次的示例没有建完，从头再建。")
        close_old_connections()
        for ending in ("", "-wal", "-shm"):
            Path(f"{database['NAME']}{ending}").unlink(missing_ok=True)
        call_command("migrate", verbosity=0)

    def start_beside(self) -> None:
        """Play the rest in a process of its own, which then goes on as the watch."""
        if self.demo is None:
            super().start_beside()
            return
        close_old_connections()
        self.site = os.getpid()
        if os.fork():
            return
        try:
            self.demo.fill()
        except KeyboardInterrupt:
            sys.exit(1)
        except (Refused, DatabaseError) as problem:
            self.stderr.write(f"示例街道没有建完，可能有人先动了它：{problem}\n停下网站再运行一次，就从头再建。")
        else:
            self.say("示例街道都建好了。")
            self.stdout.flush()
            if settings.WORK == "inside":
                go_on_as_worker(self.site)
        sys.exit()

    def _tell(self, step: Step) -> None:
        self.say(f"  {step.on}　{step.title}")
        self.stdout.flush()
        if self.site and os.getppid() != self.site:
            sys.exit()
