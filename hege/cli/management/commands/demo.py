"""``hege demo``: fill an empty database with the demonstration street and print its sign-ins."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.db.transaction import atomic

from hege.cli.command import HegeCommand
from hege.kernel.clock import today
from hege.people.models import Membership, Street
from hege.stories.crisis import Step
from hege.stories.demo import play_demo
from hege.stories.street import PASSWORD


class Command(HegeCommand):
    help = "在空数据库里建好示例街道（数据都是示例），打印登录名和密码。已经建好的就只打印。"
    requires_system_checks = []  # the database is made here

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if not Street.objects.exists():
            self.say("正在建示例街道，大约半分钟……")
            with atomic():
                play_demo(today(), tell=self._tell)
        self.say("\n示例数据，不是真实商户。密码都是：" + PASSWORD)
        members = Membership.objects.select_related("user", "street").order_by("street__code", "role")
        for member in members:
            self.say(f"  {member.street.name}　{member.user.username:<22}{member.user.full_name}")

    def _tell(self, step: Step) -> None:
        self.say(f"  {step.on}　{step.title}")
        self.stdout.flush()
