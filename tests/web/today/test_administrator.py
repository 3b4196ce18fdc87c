"""An administrator's first page: is it well, who is there, what is set where."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.kernel import clock
from hege.procedures.actions import keep_watch
from hege.trail.actions import record_upkeep
from hege.trail.models import UpkeepKind
from tests.cast import Cast
from tests.web.office import words

pytestmark = pytest.mark.django_db
HERE = "/310117006/"


def main(client: Client) -> str:
    return words(client.get(HERE)).partition("<main")[2].partition("</main>")[0]


def test_it_says_whether_it_is_well_and_what_to_mend(client: Client, cast: Cast):
    client.force_login(cast.administrator)
    page = main(client)
    assert "备份：还没有做过" in page
    assert "件事请您留意" in page
    assert "9 人在岗。" in page
    record_upkeep(UpkeepKind.VERIFY, well=False, note="第 7 行改过", at=clock.now())
    page = main(client)
    assert "系统在跑，1 件事要您办" in page
    assert page.index("没有做成：第 7 行改过") < page.index("备份：还没有做过")


def test_what_is_well_stands_below(client: Client, cast: Cast):
    keep_watch(cast.street, on=clock.today(), by=None, at=clock.now())
    record_upkeep(UpkeepKind.BACKUP, well=True, at=clock.now())
    client.force_login(cast.administrator)
    wrong, _, fine = main(client).partition('id="fine"')
    assert "备份：上次" in fine
    assert "每个街道今天都核对过" in fine
    assert "备份：" not in wrong


def test_who_has_no_password_of_their_own_or_may_not_sign_in_is_counted(client: Client, cast: Cast):
    for user, said in ((cast.clerk, {"must_change_password": True}), (cast.checker, {"is_active": False})):
        type(user).objects.filter(pk=user.pk).update(**said)
    client.force_login(cast.administrator)
    assert "9 人在岗，1 人还没换一次性密码，1 人停用了登录。" in main(client)


def test_it_asks_at_most_twelve_times(client: Client, cast: Cast):
    client.force_login(cast.administrator)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(HERE).status_code == 200
    assert len(asked) <= 12, len(asked)
