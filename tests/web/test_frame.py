"""What every request pays beside its own work: statements, BEGIN and COMMIT apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hege.people.models import Role
from tests.cast import FRAME_QUERIES
from tests.web.office import Office

pytestmark = pytest.mark.django_db


def statements(call: Callable[[], Any], *, status: int) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        answer = call()
    assert answer.status_code == status
    return [query["sql"] for query in asked.captured_queries]


def test_a_page_pays_for_the_session_the_person_with_his_posts_and_the_menu(office: Office):
    client = office.client(Role.COORDINATOR)
    of_its_own = 1  # the places to choose from
    asked = statements(lambda: client.get(office.path("reports:new")), status=200)
    assert len(asked) - of_its_own == FRAME_QUERIES == 3
