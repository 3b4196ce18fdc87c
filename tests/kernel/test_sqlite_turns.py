"""Of many who write to an SQLite file without pause each comes in their turn."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from threading import Thread

import pytest
from django.db import OperationalError, connection
from django.db.transaction import atomic

from hege.kernel.sqlite3.base import IN_ALL

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
MANY, TIMES, HELD_SECONDS = 5, 12, 0.02


def test_nobody_waits_while_the_others_write_again_and_again():
    wrote: list[int] = []  # who, in the order of their writing
    before: list[int] = []  # how many others wrote while one waited

    def write(who: int) -> None:
        try:
            for _n in range(TIMES):
                asked = len(wrote)
                with atomic():
                    before.append(len(wrote) - asked)
                    wrote.append(who)
                    time.sleep(HELD_SECONDS)
        finally:
            connection.close()

    writers = [Thread(target=write, args=(who,)) for who in range(MANY)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(wrote) == MANY * TIMES
    assert max(before) < 2 * MANY


def test_the_last_of_many_waits_for_all_others_and_is_not_told_to_try_again():
    patience_ms, many, held_seconds = 400, 10, 0.06
    assert patience_ms < many * held_seconds * 1000 < IN_ALL * patience_ms
    wrote: list[float] = []

    def write() -> None:
        try:
            connection.ensure_connection()
            connection.connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
            begun = time.monotonic()
            with atomic():
                wrote.append(time.monotonic() - begun)
                time.sleep(held_seconds)
        finally:
            connection.close()

    writers = [Thread(target=write) for _n in range(many)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(wrote) == many
    assert max(wrote) > patience_ms / 1000


def test_nobody_waits_for_ever_behind_one_who_holds_the_lock_long():
    patience_ms, many = 60, 5
    told: list[float] = []

    def miss() -> None:
        try:
            connection.ensure_connection()
            connection.connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
            begun = time.monotonic()
            with pytest.raises(OperationalError), atomic():
                pass
            told.append(time.monotonic() - begun)
        finally:
            connection.close()

    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        writers = [Thread(target=miss) for _n in range(many)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        holder.execute("ROLLBACK")
    assert len(told) == many
    assert max(told) < 2 * IN_ALL * patience_ms / 1000 + 1  # a busy machine


def test_who_missed_their_turn_leaves_no_file_open():
    name = connection.settings_dict["NAME"]
    missed: list[OperationalError] = []

    def miss() -> None:
        try:
            connection.ensure_connection()
            connection.connection.execute("PRAGMA busy_timeout = 5")
            with atomic():
                pass
        except OperationalError as late:
            missed.append(late)
        finally:
            connection.close()

    connection.close()
    with closing(sqlite3.connect(name, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        late = Thread(target=miss)
        late.start()
        late.join()
        holder.execute("ROLLBACK")
    assert len(missed) == 1
    with closing(sqlite3.connect(name)) as alone:
        assert alone.execute("PRAGMA journal_mode=DELETE").fetchone() == (
            "delete",
        )  # refused while anybody has it open
        assert alone.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
