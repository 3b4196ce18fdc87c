"""Asking on the pages: for another due day, which a coordinator agrees to or not; and somebody to look at a case."""

from __future__ import annotations

import pytest
from django.test import Client

from hege.cases.models import Case
from hege.cases.rules import due_on
from hege.kernel import clock
from hege.people.models import Role
from hege.places.queries import workday_calendar
from tests.cast import Cast
from tests.web.cases.test_urging import HERE, late, ours  # noqa: F401  # a fixture
from tests.web.today.test_board import text

pytestmark = pytest.mark.django_db


def test_the_clerk_asks_and_the_coordinator_agrees_in_one_click(client: Client, cast: Cast, late: Case):  # noqa: F811
    task, wanted = ours(late), due_on(clock.today(), 3, workday_calendar(cast.street))
    here = f"{HERE}cases/tasks/{task.public_id}/"
    client.force_login(cast.clerk)
    assert "申请改期" in text(client, here)
    assert client.post(f"{here}due/", {"due_on": "2026-01-01", "reason": "等"}).status_code == 422
    client.post(f"{here}due/", {"due_on": wanted.isoformat(), "reason": "等设备到货。"})
    page = text(client, here)
    assert "同意前期限不变" in page
    assert "同意改期" not in page
    client.force_login(cast.coordinator)
    board = text(client)
    assert ("申请改期" in board, "看申请" in board) == (True, True)
    assert "有人申请改期，请审批" in text(client, f"{HERE}messages/")
    assert f'action="{here}request/agree/"' in client.get(here).content.decode()
    client.post(f"{here}request/agree/")
    task.refresh_from_db()
    assert task.due_on == wanted
    page = text(client, here)
    assert "改期过 1 次" in page
    assert "同意改期" not in page


def test_a_refusal_says_why(client: Client, cast: Cast, late: Case):  # noqa: F811
    task = ours(late)
    here, wanted = f"{HERE}cases/tasks/{task.public_id}/", due_on(clock.today(), 3, workday_calendar(cast.street))
    client.force_login(cast.coordinator)
    client.post(f"{here}due/", {"due_on": wanted.isoformat(), "reason": "等设备到货。"})
    assert "同意改期" not in text(client, here)  # not one's own
    assert "请另一位召集人审批" in client.post(f"{here}request/refuse/", {"reason": "不行。"}).content.decode()


def test_a_note_asks_somebody_by_name_and_post(client: Client, cast: Cast, late: Case):  # noqa: F811
    here = f"{HERE}cases/{late.public_id}/"
    client.force_login(cast.coordinator)
    page = text(client, f"{here}note/")
    assert f"{cast.clerk.full_name} · {Role.CLERK.label}" in page
    assert f"{cast.agent.full_name} · " not in page
    client.post(f"{here}note/", {"text": "收据对得上吗？", "internal": "yes", "whom": cast.clerk.pk})
    assert f"备注：@{cast.clerk.full_name} 收据对得上吗？" in text(client, here)
    refused = client.post(f"{here}note/", {"text": "看看。", "internal": "yes", "whom": cast.agent.pk})
    assert refused.status_code == 422
    client.force_login(cast.clerk)
    assert "有人在案件里请您看一下" in text(client, f"{HERE}messages/")
