"""Foreign parsers at arm's length: a file somebody made is taken apart in a process of its own, with little to take.

A parser may abort, loop or ask for all memory there is; then the process ends, its caller hears one sentence and the
log gets one line. A new interpreter, not a fork: the server's processes have threads.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from django.utils.translation import gettext as _

from hege.kernel.refused import Refused

MOST_MEMORY = 1536 * 1024 * 1024  # of addresses: 200,000 rows take half
MOST_CPU_SECONDS = 60
MOST_SECONDS = 120
AT_ONCE = 3  # in one process of the server

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


def run(module: str, data: bytes) -> bytes:
    """What ``module.main`` makes of some bytes on its standard input. Raises ``Refused`` where it ends by itself."""
    limits = [str(MOST_MEMORY), str(MOST_CPU_SECONDS), str(ROOT), module]
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    with _room:
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", START, *limits],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept, cwd="/",
        )  # fmt: skip
        try:
            said, _nothing = process.communicate(data, timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            said = b""
    if process.returncode:
        log.warning("%s ended with %s over a file of %s bytes", module, process.returncode, len(data))
        raise Refused(
            _("打开这个文件要用的内存或时间大得不正常，已停止；请用 Excel 另存为 .xlsx 再导入，太大的请拆成几个文件。")
        )
    return said
