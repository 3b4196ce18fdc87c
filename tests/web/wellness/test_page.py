"""运行状况: the administrator's page says what `hege check` says, the worst first, with the mend of each."""

from __future__ import annotations

import re

import pytest
from django.db import models

from hege.cli import work
from hege.cli.work import do_jobs
from hege.installation import queries
from hege.installation.rules import Finding, State
from hege.jobs.models import Job
from hege.jobs.queries import last_job
from hege.jobs.rules import JobKind, JobState
from hege.kernel import clock
from hege.people.models import Role, Street
from hege.trail.actions import record_upkeep
from hege.trail.models import TrailLine, UpkeepKind
from hege.web.wellness import views
from tests.web.office import Office

ADMIN = Role.ADMINISTRATOR


def test_a_backup_that_failed_stands_first_with_its_mend(office: Office):
    record_upkeep(UpkeepKind.BACKUP, well=False, note="第二个地方不在", at=clock.now())
    page = office.get(ADMIN, "wellness:index")
    assert "第二个地方不在" in page
    assert '每天运行一次：<code translate="no">hege backup</code>' in page
    assert re.findall(r"要处理|请留意|正常", page.partition("<tbody>")[2])[0] == "要处理"


def test_what_stops_the_work_comes_before_all_else(office: Office, monkeypatch: pytest.MonkeyPatch):
    full = Finding("disk", State.MEND, "/var/lib/hege 的磁盘满了", "请马上清理磁盘。", stops=True)
    monkeypatch.setattr(queries, "disk", lambda: full)
    rows = office.get(ADMIN, "wellness:index").partition("<tbody>")[2]
    assert rows.index("不能工作") < rows.index("磁盘满了") < rows.index("请马上清理磁盘")
    assert "不能工作" in rows.partition("</tr>")[0]


def test_its_title_says_how_much_is_to_be_done(office: Office, monkeypatch: pytest.MonkeyPatch):
    def title(*states: State, stops: bool = False) -> str:
        found = [Finding(f"code{n}", state, "所见", "办法", stops=stops) for n, state in enumerate(states)]
        monkeypatch.setattr(views, "settings_findings", lambda: iter(found))
        monkeypatch.setattr(views, "findings", lambda **_of: iter(()))
        return re.sub(r"\s+", "", office.get(ADMIN, "wellness:index").partition("<h1>")[2].partition("</h1>")[0])

    assert title(State.OK) == "系统在跑，样样都好"
    assert title(State.OK, State.NOTE) == "系统在跑，1件事请您留意"
    assert title(State.NOTE, State.MEND, State.MEND) == "系统在跑，2件事要您办"
    assert title(State.MEND, stops=True) == "系统停着，先办第一件"


def test_what_is_mended_on_a_page_leads_there(office: Office, monkeypatch: pytest.MonkeyPatch):
    found = [Finding("calendar_next_year", State.NOTE, "2027 年的放假通知尚未录入", "请贴上通知全文。")]
    monkeypatch.setattr(views, "findings", lambda **_of: iter(found))
    assert f'href="{office.path("settings:calendar")}"' in office.get(ADMIN, "wellness:index").partition("<tbody>")[2]


def test_it_says_when_it_looked(office: Office):
    assert f"{clock.now().astimezone(clock.SHANGHAI):%H:%M}" in office.get(ADMIN, "wellness:index")


def test_a_street_that_nobody_watches_over_is_named_to_its_own_administrator_alone(
    office: Office, other_street: Street
):
    rows = office.get(ADMIN, "wellness:index").partition("<tbody>")[2]
    assert office.cast.street.name in rows
    assert other_street.name not in rows


def asked_for(office: Office) -> Job:
    office.done(ADMIN, "wellness:verify")
    job = last_job(office.cast.street, JobKind.VERIFY)
    assert job is not None
    return job


def test_everything_is_verified_in_the_background_and_the_page_says_how_far_it_is(office: Office):
    job = asked_for(office)
    assert "等着开始" in office.get(ADMIN, "jobs:job", job.public_id)
    do_jobs(me="one", now=clock.now)
    page = office.get(ADMIN, "jobs:job", job.public_id)
    assert "做完了" in page
    assert "没有问题" in page
    assert "hx-trigger" not in page
    assert TrailLine.objects.latest("pk").verb == "end_job"
    assert "上次全面核对" in office.get(ADMIN, "wellness:index")


def test_what_the_page_asks_for_while_it_goes_on_is_a_part_of_a_fresh_one(office: Office):
    job = asked_for(office)
    here, client = office.path("jobs:job", job.public_id), office.client(ADMIN)
    part = client.get(here, headers={"HX-Request": "true", "HX-Target": "progress"}).content.decode()
    assert f'hx-get="{here}"' in part
    token = re.compile(r'value="[^"]*"')  # of forms, anew each time
    assert token.sub("", part).strip() in token.sub("", client.get(here).content.decode())


def test_what_is_wrong_is_named_there(office: Office):
    job = asked_for(office)
    models.QuerySet(Street).filter(pk=office.cast.street.pk).update(phone="1")  # past the trail
    do_jobs(me="one", now=clock.now)
    assert "people.street" in office.get(ADMIN, "jobs:job", job.public_id)


def test_it_is_asked_for_once_at_a_time(office: Office):
    asked_for(office)
    office.done(ADMIN, "wellness:verify")
    assert Job.objects.count() == 1
    assert "已经有一次在做了" in office.get(ADMIN, "wellness:index")


def test_what_is_stopped_ends_at_its_next_part(office: Office, monkeypatch: pytest.MonkeyPatch):
    job = asked_for(office)

    def stop(_step: str) -> None:
        Job.objects.filter(pk=job.pk, done=3).update(cancel=True)

    monkeypatch.setattr(work, "reached", stop)
    do_jobs(me="one", now=clock.now)
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.CANCELLED, 3)


def test_what_has_not_begun_is_stopped_at_once(office: Office):
    job = asked_for(office)
    office.done(ADMIN, "jobs:cancel", job.public_id)
    do_jobs(me="one", now=clock.now)
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.CANCELLED, 0)
