"""Freeze a small street of a release: `python -m tests.releases.make COMMIT NAME`, from a clone with its history.

The commit is checked out beside the clone and plays its own `hege story water` with its own code, on SQLite and on
PostgreSQL; each database is kept as compressed SQL, and what the release's own `hege money` says beside them. How to
read them again stands in test_releases.py. A frozen street is never made anew: it is what offices have.
"""

from __future__ import annotations

import json
import lzma
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.postgres import bin_directory, server

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
METER = "ZB-0317"
#: A day of each part of the story; and what was known of its worst day then and a month later.
DAYS = ["2024-12-31", "2025-06-30", "2025-11-21", "2025-12-31", "2026-03-31", "2026-07-31"]
ASKED = [
    *(["--on", day] for day in DAYS),
    *(["--on", "2025-11-21", "--known", day] for day in ("2025-11-21", "2025-12-21")),
]


def hege(code: Path, url: str, *arguments: str) -> str:
    """What a command of the release prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HEGE_", "FAKE_"))}
    environment |= {"PYTHONPATH": str(code), "HEGE_DATABASE_URL": url}
    command = [sys.executable, "-m", "hege.cli.main", *arguments]
    return subprocess.run(command, env=environment, cwd=code, check=True, capture_output=True, text=True).stdout


def freeze(code: Path, name: str, kind: str, url: str) -> list[dict[str, object]]:
    """Play the story on one database and keep it; what the release says of the money."""
    told = json.loads(hege(code, url, "story", "water", "--json", "--database", url))
    assert told["verified"], told["faults"]
    if kind == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            text = "\n".join(database.iterdump())
    else:
        dump = [str(bin_directory() / "pg_dump"), "--no-owner", "--no-privileges", f"--dbname={url}"]
        text = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
    packed = lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)
    (HERE / f"{name}.{kind}.sql.xz").write_bytes(packed)
    return [{"asked": [METER, *a], "said": json.loads(hege(code, url, "money", METER, *a, "--json"))} for a in ASKED]


def main(commit: str, name: str) -> None:
    """Freeze both databases of a release; they must say the same of the money."""
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "release"
        subprocess.run(["git", "worktree", "add", "--detach", str(code), commit], cwd=ROOT, check=True)
        try:
            money = freeze(code, name, "sqlite", f"sqlite:///{folder}/street.sqlite3")
            with server() as url:
                assert freeze(code, name, "postgresql", url) == money
            whole = subprocess.run(["git", "rev-parse", commit], cwd=ROOT, check=True, capture_output=True, text=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(code)], cwd=ROOT, check=True)
    kept = {"commit": whole.stdout.strip(), "made_at": int(time.time()), "money": money}
    (HERE / f"{name}.json.xz").write_bytes(lzma.compress(json.dumps(kept, ensure_ascii=False).encode()))


if __name__ == "__main__":
    main(*sys.argv[1:])
