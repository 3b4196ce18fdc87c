"""Another machine: a database and a data folder of its own, on which a program is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from tests.template import postgres_database


@contextmanager
def another_database(tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the same kind."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'street.sqlite3'}"
        return
    with postgres_database(connection.get_connection_params(), f"hege_another_{os.getpid()}") as url:
        yield url


def played(program: str, copy: Path, *, url: str, data: Path) -> Any:
    """What a program prints there about a copy, as JSON on its last line."""
    environment = {
        **os.environ, "HEGE_DATABASE_URL": url, "HEGE_DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "hege.settings",
    }  # fmt: skip
    command = [sys.executable, "-c", program, str(copy)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
