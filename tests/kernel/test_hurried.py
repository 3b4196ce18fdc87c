"""What is not worth waiting for gives up at once where another writes."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest
from django.db import OperationalError, connection

from hege.kernel.hurried import not_waiting
from hege.people.models import Organisation


@pytest.mark.django_db(transaction=True)
@pytest.mark.once
def test_who_does_not_wait_gives_up_at_once_and_waits_again_afterwards():
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(OperationalError, match="locked"), not_waiting():
            Organisation.objects.create(name="区城运中心")
        assert time.monotonic() - began < 2.5
        other.execute("ROLLBACK")
    assert connection.connection.execute("PRAGMA busy_timeout").fetchone() == (3000,)
