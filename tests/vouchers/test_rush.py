"""A tenth of `make rush`, over HTTP at a server of its own, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.template import ROOT, migrated_file, migrated_sql, postgres_database

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """The address of a database that is migrated and empty."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{migrated_file(tmp_path / 'street.sqlite3')}"
        return
    server = connection.get_connection_params()
    with postgres_database(server, f"hege_rush_{os.getpid()}", sql=migrated_sql(server)) as url:
        yield url


def test_a_thousand_tries_on_fifty_vouchers_make_fifty_claims(database: str):
    many = ["--members", "200", "--tries", "1000", "--stock", "50", "--stage", "--database", database]
    done = subprocess.run(
        [sys.executable, "-m", "tests.rush", *many], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1000 tries on 50 vouchers" in done.stdout
