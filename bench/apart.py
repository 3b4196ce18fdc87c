"""A command of ours in a process of its own, with what it took there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

#: Runs the command, and last says in kB how much it held at most. The kernel's own word for a child that has ended counts what
#: its parent held when it was forked.
PEAK = "peak:"
RUN = f"""
import runpy, sys
try:
    runpy.run_module("hege.cli.main", run_name="__main__", alter_sys=True)
finally:
    held = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print("{PEAK}", held.split()[1], file=sys.stderr)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a command said, its seconds by the clock and of the processor, and the most memory it held, in MB."""

    said: str
    seconds: float
    cpu: float
    megabytes: float


def apart(*words: str) -> Run:
    """Run ``hege`` with some words. Raises ``RuntimeError`` where it does not end well."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    said, told = process.stdout.read(), process.stderr.read()
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"hege {' '.join(words)} ended with {process.returncode}: {said[-2000:]} {told[-2000:]}")
    peak = int(told.rpartition(PEAK)[2])
    return Run(said, time.perf_counter() - begun, used.ru_utime + used.ru_stime, peak / 1024)
