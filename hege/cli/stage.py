"""Where ``hege story`` plays: a database of its own, chosen before there are settings, so that they see no other."""

from __future__ import annotations

import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

#: In the environment: the database of these settings is there to be played in.
SET = "HEGE_STORY_INSIDE"


@contextmanager
def stage(arguments: Sequence[str]) -> Iterator[None]:
    """The database that ``--database`` names, else an SQLite file that is gone afterwards; never that of the office."""
    asked = ArgumentParser(add_help=False)
    asked.add_argument("--database")
    url = asked.parse_known_args(arguments)[0].database
    with tempfile.TemporaryDirectory() as folder:
        # Several databases of one site (HEGE_DATABASES) are the office's, too.
        os.environ.pop("HEGE_DATABASES", None)
        os.environ |= {"HEGE_DATABASE_URL": url or f"sqlite:///{Path(folder) / 'story.sqlite3'}", SET: "1"}
        yield
