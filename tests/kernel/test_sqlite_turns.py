"""Of many who write to an SQLite file without pause each comes in their turn."""

from __future__ import annotations

import time
from threading import Thread

import pytest
from django.db import connection
from django.db.transaction import atomic

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
