"""What matching the lines of a wallet asks of the database does not grow with them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.matching import STATEMENTS, an_agent, matched, opened_wallet, wallet_of
from bench.street import Size, build
from hege.people.models import Street

SIZE = Size(points=4, units=10, periods=6)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def street() -> Street:
    return build(SIZE, workers=0)


def asked(street: Street, owner: str, lines: int) -> int:
    opened = opened_wallet(street, wallet_of(street, owner, lines), SIZE.last_day)
    with CaptureQueriesContext(connection) as statements:
        look = matched(opened)
    assert look.outcome.faults == []
    assert len(look.outcome.lines) == lines
    assert len(look.outcome.aside) == 2
    assert look.outcome.changed > lines // 5
    return len(statements)


def test_ten_times_the_lines_are_as_many_statements(street: Street):
    with an_agent(street) as owner:
        few, many = asked(street, owner, 20), asked(street, owner, 200)
    assert many <= few + 1 <= STATEMENTS
