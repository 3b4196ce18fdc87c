"""``hege work``: the worker, until it is told to stop."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from hege.cli.command import HegeCommand
from hege.cli.work import told_to_stop, work
from hege.kernel.clock import now


class Command(HegeCommand):
    help = "后台工作：发消息，每天到 HEGE_WATCH_AT 核对，夜间核验，按时备份。可以同时开几个，同一件事只做一次；hege serve 自己会开。"

    def handle(self, *args: Any, **options: Any) -> None:
        wait = told_to_stop()
        self.say(f"后台工作：每天 {settings.WATCH_AT:%H:%M} 起核对一次；按 Ctrl-C 结束。")
        self.stdout.flush()
        work(now=now, wait=wait, since=settings.WATCH_AT)
