"""Foreign parsers at arm's length: a file somebody made is taken apart in a process of its own, with little to take.

A parser may abort, loop or ask for all memory there is; then the process ends, its caller says one sentence and the
log gets one line. A new interpreter, not a fork: the server's processes have threads.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import NamedTuple

AT_ONCE = 3  # in one process of the server


class Limits(NamedTuple):
    """What a child may take: bytes of addresses, seconds of a processor, seconds by the clock."""

    memory: int
    cpu_seconds: int
    seconds: int


ROOT = Path(__file__).resolve().parents[2]
#: Limits first, then the code. ``-I`` keeps the surroundings out: no PYTHONPATH, no folder of the moment.
START = """
import contextlib, importlib, resource, sys
memory, seconds, root, module = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (most, most))
sys.path.insert(0, root)
importlib.import_module(module).main()
"""

log = logging.getLogger(__name__)
_room = BoundedSemaphore(AT_ONCE)


class Ended(Exception):
    """The child ended without an answer: it crashed, or took more than it may."""


def run(module: str, data: bytes, limits: Limits) -> bytes:
    """What ``module.main`` makes of some bytes on its standard input. Raises ``Ended`` where it ends by itself."""
    words = [str(limits.memory), str(limits.cpu_seconds), str(ROOT), module]
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    with _room:
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", START, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept, cwd="/",
        )  # fmt: skip
        try:
            said, _nothing = process.communicate(data, timeout=limits.seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            said = b""
    if process.returncode:
        log.warning("%s ended with %s over a file of %s bytes", module, process.returncode, len(data))
        raise Ended
    return said
