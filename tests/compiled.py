"""What pages were compiled to, kept for all processes of all runs."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jinja2 import FileSystemBytecodeCache

ROOT = Path(__file__).resolve().parent.parent


def compiled_pages() -> FileSystemBytecodeCache:
    """Pages are compiled by the first process that shows them: all of them take 5 seconds of each, read back 0.2.

    What compiling hangs on besides their text is ``hege.web.jinja``: another one has a folder of its own.
    """
    how = hashlib.sha256((ROOT / "hege" / "web" / "jinja.py").read_bytes()).hexdigest()[:12]
    folder = ROOT / "var" / "tests" / f"pages-{how}"
    folder.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder))
