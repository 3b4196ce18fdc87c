"""``hege demo``: fill an empty database with the demonstration street and print its sign-ins; ``--serve`` shows it at once.

``--tickets N``: members with one-time links, tills with theirs and vouchers to claim, for a rush from outside.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, close_old_connections
from django.urls import reverse

from hege.cli.command import option
from hege.cli.management.commands import serve
from hege.cli.management.commands.setup import has_a_street
from hege.cli.work import go_on_as_worker
from hege.kernel.clock import now, today
from hege.kernel.database import atomic
from hege.kernel.refused import Refused
from hege.people.models import Membership, Street
from hege.people.queries import the_street
from hege.stories.crisis import Step
from hege.stories.demo import HUAXIN, Demo, is_half_played, play_demo
from hege.stories.street import PASSWORD
from hege.stories.tickets import STOCK, make_tickets


class Command(serve.Command):
    help = "在空数据库里建好示例街道（数据都是示例），打印登录名和密码。已经建好的就只打印。"
    requires_system_checks = []  # the database is made here
    options = (
        option("--serve", action="store_true", help="同时启动网站：人员建好就能登录，账目在后面接着建"),
        *serve.Command.options[:3],
        option(
            "--tickets", type=int, metavar="N", help="放号：加 N 位成员，打印各人和收券台的一次性链接，只在示例街道"
        ),
        option("--stock", type=int, default=STOCK, help=f"放号时发多少张券，默认 {STOCK}"),
        option("--street", default=HUAXIN, help="在哪个示例街道放号，默认华新镇"),
        option("--json", action="store_true", help="放号的结果印成 JSON"),
    )
    #: What is still to be played beside the site, and the process of the site it ends with.
    demo: Demo | None = None
    site = 0

    def handle(self, *, address: str, port: int, **options: Any) -> None:
        if options["serve"]:
            serve.check_place(address, port)
        if options["tickets"] is not None:
            self._give_tickets(f"http://{address}:{port}", **options)
            return
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
            if not settings.PRODUCTION:
                os.environ["HEGE_DEMO"] = "on"  # for the server, which goes on in the place of this process
            super().handle(address=address, port=port, workers=options["workers"], reload=False, dry_run=False)

    def _give_tickets(self, site: str, *, tickets: int, stock: int, street: str, json: bool, **_options: Any) -> None:
        if not has_a_street():
            call_command("migrate", verbosity=0)
            with atomic():
                play_demo(today(), tell=lambda _step: None)
        if is_half_played():
            raise CommandError("示例街道还没有建完，建完再放号。")
        made = make_tickets(the_street(street), tickets, stock=stock, at=now())
        found: dict[str, Any] = {
            "street": street, "batch": made.batch.public_id, "stock": stock,
            "vouchers": site + reverse("member:vouchers", args=(street,)),
            "claim": site + reverse("member:claim_voucher", args=(street, made.batch.public_id)),
            "members": [site + reverse("member:card", args=(street, token)) for token in made.cards],
            "tills": [site + reverse("till:open", args=(street, token)) for token in made.tills],
        }  # fmt: skip
        if json:
            self.answer(found)
            return
        self.say("一次性链接：打开，按页面上的按钮，那个浏览器就是这位成员的，或者这台收券台的。")
        self.say(f"领券：{found['vouchers']}", *(f"收券台　{link}" for link in found["tills"]))
        self.say(*(f"成员　{link}" for link in found["members"]))

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
