"""催办: from the board in one click, from a task with a word, from the list about several at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from hege.cases.actions import add_party, dispatch_case, file_case
from hege.cases.models import Case, Task, Urging
from hege.cases.rules import PartyRole
from hege.cases.tasks.actions import add_task, answer_task
from hege.kernel import clock
from hege.kernel.clock import at_noon
from hege.people.models import Role
from tests.cast import Cast, Row
from tests.web.today.test_board import text

pytestmark = pytest.mark.django_db
HERE = "/310117006/"
BOARD = f"{HERE}#due"


@pytest.fixture
def late(cast: Cast, row: Row) -> Case:
    """A case of a month ago with a late task of the street's own office and one of the utility, where nobody is."""
    at = at_noon(clock.today() - dt.timedelta(days=30))
    by: dict[str, Any] = {"by": cast.coordinator, "at": at}
    case = dispatch_case(file_case(row.street, title="总表欠费", point=row.point, **by), lead=cast.office, days=5, **by)
    add_party(case, party=cast.utility, role=PartyRole.UTILITY, **by)
    add_task(case, party=cast.office, title="装分表", days=1, **by)
    add_task(case, party=cast.utility, title="核对欠费", days=1, **by)
    return case


def ours(case: Case) -> Task:
    return case.tasks.get(title="装分表")


def theirs(case: Case) -> Task:
    return case.tasks.get(title="核对欠费")


def test_from_the_board_it_takes_one_click_and_is_said(client: Client, cast: Cast, late: Case):
    client.force_login(cast.coordinator)
    address = f"{HERE}cases/tasks/{ours(late).public_id}/urge/"
    assert f'action="{address}"' in client.get(HERE).content.decode()
    answer = client.post(address, {"back": BOARD})
    assert (answer.status_code, answer["Location"]) == (302, BOARD)
    page = text(client)
    assert "已催办“城建中心”，提醒发给了 1 人。" in page
    assert "催办过 1 次，最近" in page
    assert f'action="{address}"' not in client.get(HERE).content.decode()  # not twice on one day
    assert "今天已经催办过" in client.post(address).content.decode()
    client.force_login(cast.clerk)
    assert "有人催办，请尽快办理" in text(client, f"{HERE}messages/")


def test_where_nobody_can_be_told_the_button_leads_to_where_one_writes_how(client: Client, cast: Cast, late: Case):
    client.force_login(cast.coordinator)
    address = f"{HERE}cases/tasks/{theirs(late).public_id}/urge/"
    board = client.get(HERE).content.decode()
    assert f'action="{address}"' not in board
    assert f'href="{address}?back=' in board
    assert "“水务公司”没有人用本系统" in text(client, address)
    assert client.post(address, {"words": " "}).status_code == 422
    answer = client.post(address, {"words": "打电话给李工。"})
    assert answer["Location"] == f"{HERE}cases/tasks/{theirs(late).public_id}/"
    task = text(client, answer["Location"])
    assert "已记下：催办过“水务公司”。" in task
    assert "催办过 1 次，最近" in task
    assert "催办：水务公司 · 核对欠费：打电话给李工。" in text(client, f"{HERE}cases/{late.public_id}/")


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/310117009/", "javascript:alert(1)"])
def test_one_comes_back_to_a_page_of_the_street_alone(client: Client, cast: Cast, late: Case, back: str):
    client.force_login(cast.coordinator)
    answer = client.post(f"{HERE}cases/{late.public_id}/urge/", {"back": back})
    assert answer["Location"] == HERE
    assert Urging.objects.get().task is None


def test_several_are_urged_at_once_and_the_rest_says_why(client: Client, cast: Cast, late: Case):
    client.force_login(cast.coordinator)
    address = f"{HERE}cases/urge/"
    page = client.get(address).content.decode()
    assert page.count(" checked") == 2  # the case and the office's task: of the utility there is nobody to tell
    assert "逾期没有办的 3 件" in page
    ours_, theirs_ = ours(late), theirs(late)
    answer_task(ours_, answer="好了。", by=cast.clerk, at=clock.now())  # meanwhile
    answer = client.post(address, {"things": [late.public_id, ours_.public_id, theirs_.public_id]})
    assert (answer.status_code, answer["Location"]) == (302, HERE)
    said = text(client)
    assert "办好 1 件，没办成 2 件：" in said
    assert "装分表：这项任务已经了结或退回，不用催办。" in said
    assert "核对欠费：“水务公司”没有人用本系统" in said
    page = text(client, address)
    assert "逾期没有办的 1 件，勾选的一次催办，期限不变。另有 1 件今天催过了。" in page
    assert "不在您这里" in client.post(address, {"things": [late.public_id, "9" * 40]}).content.decode()


def test_of_one_party_its_tasks_alone(client: Client, cast: Cast, late: Case):
    client.force_login(cast.coordinator)
    address = f"{HERE}cases/urge/?party={cast.office.public_id}"
    assert address in client.get(HERE).content.decode()
    page = text(client, address)
    assert ("装分表" in page, "核对欠费" in page, "催办城建中心" in page) == (True, False, True)
    client.post(address, {"things": [ours(late).public_id], "words": "请今天答复。"})
    assert "没有要催办的" in text(client, address)
    assert client.get(f"{HERE}cases/urge/?party=nobody").status_code == 404


def test_the_list_of_cases_urges_their_leads(client: Client, cast: Cast, late: Case):
    client.force_login(cast.coordinator)
    address = f"{HERE}cases/?show=late"
    page = client.get(address).content.decode()
    assert f'action="{HERE}cases/{late.public_id}/urge/"' in page
    assert f'href="{HERE}cases/urge/"' in page
    client.post(f"{HERE}cases/{late.public_id}/urge/", {"back": address})
    assert "催办过 1 次，最近" in text(client, address)


@pytest.mark.parametrize("role", [Role.CLERK, Role.CHECKER])
def test_who_may_not_ask_finds_no_such_button(client: Client, cast: Cast, late: Case, role: Role):
    client.force_login(cast.of(role))
    for page in (HERE, f"{HERE}cases/?show=late", f"{HERE}cases/{late.public_id}/"):
        assert "/urge/" not in client.get(page).content.decode()
