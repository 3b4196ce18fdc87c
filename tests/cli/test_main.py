"""The console script: what is the office's to mend is a sentence, what is ours a traceback."""

from __future__ import annotations

import pytest

from hege.cli.main import database_trouble


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("no such table: people_street", "hege setup"),
        ('relation "people_street" does not exist\nLINE 1: SELECT', "hege setup"),
        ("unable to open database file", "HEGE_DATABASE_URL"),
        ('connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused\n\tIs', "HEGE_DATABASE_URL"),
    ],
)  # fmt: skip
def test_a_database_that_is_empty_or_away_is_told_in_a_sentence(said: str, word: str):
    told = database_trouble(said)
    assert told is not None
    assert word in told
    assert "\n" not in told


def test_any_other_error_of_the_database_stays_one():
    assert database_trouble("UNIQUE constraint failed: people_street.code") is None
