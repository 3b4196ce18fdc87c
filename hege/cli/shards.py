"""Commands of a site with several databases (HEGE_DATABASES): each is done for one shard, in a process that knows no other.

To that process its shard is an installation like any: its own database and folder, the site's keys. So every command can be done
for one shard, that of ``--street`` or the one named by ``--shard``; some are done for all, one after the other.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

#: Done for every shard where none is named.
FOR_EACH = ("check", "clock", "daily", "head", "key", "migrate", "rebuild", "verify", "warn", "work")
#: For the whole site, or for no database at all.
FOR_THE_SITE = (
    "serve", "help", "--help", "-h", "--version", "makemigrations", "makemessages", "compilemessages", "collectstatic",
    "findstatic",
)  # fmt: skip
#: Options by which a command that is done for all is an act in one street.
OF_ONE_STREET = {"--accept", "--lost"}
SHARD, STREET = "--shard", "--street"
BESIDE = "HEGE_WORK_BESIDE"  #: in the environment: the process a worker ends with
AGAIN_AFTER_SECONDS = 10
PROGRAM = [sys.executable, "-m", "hege.cli.main"]


def begin(arguments: Sequence[str]) -> None:
    """Do a command for the shard or shards it is about, and end this process; return where it is for the whole site."""
    from django.conf import settings

    from hege.kernel.refused import Refused
    from hege.kernel.shards import shard_of

    shard, rest = _taken(arguments, SHARD)
    command, street = next(iter(rest), "help"), _taken(rest, STREET)[0]
    if shard is None and command in FOR_THE_SITE:
        return
    of_street = shard_of(street) if street is not None else shard
    if street is not None and of_street is None:
        raise Refused(f"街道 {street} 不在 HEGE_DATABASES 写明的任何一个库里。")
    if shard not in (None, of_street):
        raise Refused(f"街道 {street} 在 {of_street} 库里，不在 {shard} 库里。")
    shard = of_street
    if shard is not None and shard not in settings.SHARDS:
        raise Refused(f"没有名为 {shard} 的库；HEGE_DATABASES 写明的有：{'、'.join(settings.SHARDS)}。")
    if shard is not None:
        os.execve(sys.executable, [*PROGRAM, *rest], environment(shard))  # noqa: S606 - no shell, our own arguments
    if command not in FOR_EACH or OF_ONE_STREET & set(rest):
        raise Refused(
            f"这个系统有几个库（{'、'.join(settings.SHARDS)}），hege {command} 只办一个库的：请加 --street 代码，或 --shard 库名。"
        )
    names = list(settings.SHARDS)
    sys.exit(_at_once(names, rest) if command == "work" else _in_turn(names, rest))


def _taken(arguments: Sequence[str], name: str) -> tuple[str | None, list[str]]:
    """The value of an option, and the arguments without it."""
    rest, found = list(arguments), None
    for place, said in enumerate(arguments):
        if said.startswith(f"{name}="):
            found, rest[place : place + 1] = said.partition("=")[2], []
            break
        if said == name and place + 1 < len(arguments):
            found, rest[place : place + 2] = arguments[place + 1], []
            break
    return found, rest


def environment(shard: str) -> dict[str, str]:
    """In which a process finds a shard as an installation of its own."""
    from django.conf import settings

    from hege.settings import shards_said

    folder = Path(settings.DATA_DIR).joinpath("shards", shard)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    first = next(iter(settings.SHARDS))
    env = {name: value for name, value in os.environ.items() if name != "HEGE_DATABASES"}
    env |= {
        "HEGE_DATABASE_URL": shards_said()[shard]["url"], "HEGE_DATA_DIR": str(folder),
        "HEGE_KEY_FILE": str(settings.KEY_FILE), "HEGE_SHARD_KEYS": "" if shard == first else shard,
    }  # fmt: skip
    if settings.BACKUP_TO:  # copies of two databases are not thinned out together
        copies = [copies.joinpath(shard) for copies in settings.BACKUP_TO]
        for each in copies:
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        env["HEGE_BACKUP_TO"] = ",".join(map(str, copies))
    return env


def _in_turn(names: Sequence[str], arguments: Sequence[str]) -> int:
    """One shard after the other, each named; the exit status is 1 where one is, else the highest."""
    as_json, found, codes = "--json" in arguments, {}, []
    for name in names:
        if not as_json:
            print(f"〔{name}〕", flush=True)  # no command of Django's runs here
        done = subprocess.run(
            [*PROGRAM, *arguments], env=environment(name), stdout=subprocess.PIPE if as_json else None
        )
        codes.append(done.returncode)
        if as_json:
            found[name] = json.loads(done.stdout) if done.stdout.strip() else None
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    return 1 if 1 in codes else max(codes)


def _at_once(names: Sequence[str], arguments: Sequence[str]) -> int:
    """A worker for each shard, until this process is told to stop or whoever started it is gone. One that ends, for its database
    is away, is started again; the others go on."""
    parent, told = int(os.environ.get(BESIDE, os.getppid())), False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        told = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    environments = {name: environment(name) | {BESIDE: str(os.getpid())} for name in names}
    workers: dict[str, subprocess.Popen[bytes]] = {}
    begun: dict[str, float] = {}
    while not told and os.getppid() == parent:
        for name, env in environments.items():
            gone = name not in workers or workers[name].poll() is not None
            if gone and time.monotonic() - begun.get(name, -AGAIN_AFTER_SECONDS) >= AGAIN_AFTER_SECONDS:
                workers[name], begun[name] = subprocess.Popen([*PROGRAM, *arguments], env=env), time.monotonic()
        time.sleep(1)
    for worker in workers.values():
        worker.terminate()
    return max((abs(worker.wait()) for worker in workers.values()), default=0)
