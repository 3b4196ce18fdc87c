"""`hege serve`: the site on this machine, behind granian."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

BLOCKING_THREADS = 4


class Command(BaseCommand):
    help = "Serve the site. Put a proxy with HTTPS in front in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (as many as cores)")
        parser.add_argument("--reload", action="store_true", help="start again when a source file changes")

    def handle(self, *, address: str, port: int, workers: int, reload: bool, **options: Any) -> None:
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(_("网站在 http://%(address)s:%(port)s/，按 Ctrl+C 停止。") % {"address": address, "port": port})
        self.stdout.flush()
        server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", address, "--port", str(port)]
        server += ["--workers", str(workers), "--blocking-threads", str(BLOCKING_THREADS), "--log-level", "warning"]
        server += ["--respawn-failed-workers", "--working-dir", str(settings.BASE_DIR)]
        if reload:
            server += ["--reload", "--reload-paths", str(settings.BASE_DIR / "hege")]
        os.execv(sys.executable, [*server, "hege.wsgi:application"])  # noqa: S606 - no shell, our own arguments
