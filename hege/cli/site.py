"""The main process of the site: granian's own, except that it never gives up.

Granian ends the whole server where a worker dies twice within seconds. A worker that dies takes its own requests with
it and nobody else's: another is started, however often. Written against the pinned granian.
"""

from __future__ import annotations

import time
from typing import Any

from granian import cli
from granian.server import Server

LOOK_EVERY_SECONDS = 1
PAUSE_SECONDS = 1  # between two rounds, so that workers that cannot start do not eat the machine


class LastingServer(Server):  # type: ignore[misc,valid-type]  # chosen by granian by the build of Python
    """Starts another worker for each that died."""

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        while True:
            self.main_loop_interrupt.wait(LOOK_EVERY_SECONDS)
            self.main_loop_interrupt.clear()
            if self.interrupt_signal:
                return
            self.interrupt_children.clear()
            if self.reload_signal:
                self._reload(spawn_target, target_loader)
            dead = [place for place, worker in enumerate(self.wrks) if not worker.is_alive()]
            if dead:
                self._respawn_workers(dead, spawn_target, target_loader)
                time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    cli.Server = LastingServer  # type: ignore[attr-defined]
    cli.entrypoint()  # type: ignore[no-untyped-call]
