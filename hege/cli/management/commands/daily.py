"""``hege daily``: what has to be looked at every day, for every street. Safe to run twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from hege.cli.command import ON, STREETS, HegeCommand, option, streets_in
from hege.cli.work import told_to_stop, work
from hege.installation.actions import sweep
from hege.installation.trail_export import export_trail
from hege.kernel.clock import now, today
from hege.procedures.actions import keep_watch


class Command(HegeCommand):
    requires_system_checks = ()  # they read every page there is, for half the memory of a run; hege check asks them
    help = "每日核对：暂缓条件、到期失效、协议逾期、预警登记。重复运行不会重复登记。"
    options = (
        ON,
        option(
            "--watch",
            action="store_true",
            help="早先版本的 hege work，下一版取消",
        ),
        STREETS,
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["watch"]:
            wait = told_to_stop()
            self.say(f"每天 {settings.WATCH_AT:%H:%M} 起核对一次；按 Ctrl-C 结束。")
            self.stdout.flush()
            work(now=now, wait=wait, since=settings.WATCH_AT)
            return
        on = options["on"] or today()
        for street in streets_in(options):
            watch = keep_watch(street, on=on, by=None, at=now())
            self.say(
                f"{street.name} {on}：新预警 {len(watch.warnings.fired)} 条，解除 {len(watch.warnings.ended)} 条，"
                f"协议违约 {len(watch.breached)} 件，按账更正 {len(watch.mended)} 件，暂缓失效 {len(watch.deferrals.lapsed)} 件，快到期 {len(watch.deferrals.ending)} 件。"
            )
        swept = sweep(by=None, at=now())
        self.say(f"清理过期数据 {sum(swept.values())} 行。")
        if settings.TRAIL_EXPORT_TO:
            lines = export_trail(Path(settings.TRAIL_EXPORT_TO), by=None, at=now())
            self.say(f"留痕外送 {sum(lines.values())} 行。")
