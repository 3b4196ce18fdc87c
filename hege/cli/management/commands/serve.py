"""`hege serve`: the site on this machine, behind granian."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils.translation import gettext as _

from hege.cli.command import HegeCommand, Option, option
from hege.cli.work import start_beside
from hege.kernel import installed
from hege.kernel.schema import check_not_newer
from hege.kernel.shards import each_in_turn
from hege.trail.queries import check_keys_at_hand

#: Of each process; half of them may be waiting for slow bodies (hege.web.body). Each thread that works holds a connection
#: to the database, of which PostgreSQL has a hundred: hence few processes.
BLOCKING_THREADS = 2 * settings.BODIES_AT_ONCE
MOST_WORKERS = 4
#: What one client may ask of us: so many bytes of headers; no HTTP/2, which carries two hundred requests in one connection;
#: and a process told to stop waits 15 seconds for it, not for ever. Headers that do not come are waited for 30 seconds.
BOUNDS = ["--http1-buffer-size", "65536", "--http", "1", "--no-ws", "--workers-kill-timeout", "15"]
LAST_PORT = 65535


class Command(HegeCommand):
    help = "启动网站。正式使用时前面放一个 HTTPS 代理。"

    minds_newer = False  # after the port: what listens there already may hold the database
    options: ClassVar[Sequence[Option]] = (
        option("--address", default="127.0.0.1", help="监听地址，默认 127.0.0.1"),
        option("--port", type=int, default=8000, help="监听端口，默认 8000"),
        option(
            "--workers",
            type=int,
            default=min(os.cpu_count() or 1, MOST_WORKERS),
            help="进程数，默认与处理器核数相同，最多 4",
        ),
        option("--dry-run", action="store_true", help="只看端口能不能用，不启动"),
        option("--reload", action="store_true", help="源文件变动时自动重启（开发用）"),
    )

    def handle(self, *, address: str, port: int, **options: Any) -> None:
        check_place(address, port)
        if options["dry_run"]:
            return
        for _shard in each_in_turn():
            check_not_newer()
            check_keys_at_hand()
        installed.check_writable(settings.DATA_DIR)
        if settings.PRODUCTION and not settings.COLLECTED.is_dir():
            call_command("collectstatic", interactive=False, verbosity=0)
        self.become_server(address, port, workers=options["workers"], reload=options["reload"])

    def become_server(self, address: str, port: int, *, workers: int, reload: bool) -> NoReturn:
        """This process goes on as the site's main one, with what no request waits for in a process beside it."""
        name_site(address, port)
        self.say(_("网站在 http://%(address)s:%(port)s/，按 Ctrl+C 停止。") % {"address": address, "port": port})
        self.stdout.flush()
        server = [sys.executable, "-m", "hege.cli.site", "--interface", "wsgi", "--host", address, "--port", str(port)]
        server += ["--workers", str(workers), "--blocking-threads", str(BLOCKING_THREADS), "--log-level", "error"]
        server += ["--respawn-failed-workers", *BOUNDS]
        if reload:
            server += ["--reload", "--reload-paths", str(settings.BASE_DIR / "hege")]
        os.chdir("/")  # where it stands the server looks for its code: nobody but root writes there
        self.start_beside()
        os.execv(sys.executable, [*server, "hege.wsgi:application"])  # noqa: S606 - no shell, our own arguments

    def start_beside(self) -> None:
        """Start what no request waits for, where no service of its own does it."""
        if settings.WORK == "inside":
            start_beside()


def name_site(address: str, port: int) -> None:
    """Let a trial that was not told its address (HEGE_SITE) name the one it is served by, in codes and in messages."""
    if not settings.PRODUCTION:
        host = f"[{address}]" if ":" in address else address
        os.environ.setdefault("HEGE_SITE", f"http://{host}:{port}")


def check_place(address: str, port: int) -> None:
    """Refuse a trial that other machines could reach, and a port that is in use."""
    if not settings.PRODUCTION and address not in installed.LOOPBACK:
        # a trial has a secret key that everybody can read in the source
        raise CommandError(_("试用环境只在本机开放。要给别人用，请先设 HEGE_ENV=production。"))
    check_port(address, port)


def check_port(address: str, port: int) -> None:
    """Refuse a port somebody listens on: the server would share it, and each would get a part of the requests."""
    named = {"address": address, "port": port, "next": port + 1 if port < LAST_PORT else port - 1}
    try:
        if not 0 < port <= LAST_PORT:
            raise OverflowError(f"0 < {port} <= {LAST_PORT}")
        family, kind, *_rest, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was closed lately is free
            probe.bind(place)
            probe.listen()
    except (OSError, OverflowError) as problem:
        if getattr(problem, "errno", None) == errno.EADDRINUSE:
            told = _(
                "%(address)s 的端口 %(port)s 已有别的程序在用；请先停掉它，或换一个端口，如 hege serve --port %(next)s"
                "（make demo PORT=%(next)s）。"
            )
            raise CommandError(told % named) from problem
        told = _("不能在 %(address)s 的端口 %(port)s 上启动网站：%(why)s。请换一个地址或端口。")
        raise CommandError(told % {**named, "why": getattr(problem, "strerror", None) or problem}) from problem
