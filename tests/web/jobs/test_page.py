"""后台任务: large files are the worker's; the page says how far they are, who must do what, and leads to what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hege.cli import work
from hege.cli.work import do_jobs
from hege.installation.actions import sweep
from hege.jobs import slate
from hege.jobs.models import Job
from hege.jobs.rules import MOST_TRIES, JobKind, JobState
from hege.kernel import clock
from hege.ledger.models import SourceFile, Transaction
from hege.people.models import Role
from hege.trail.models import TrailLine
from tests.web.office import Office
from tests.web.things import RECEIPTS

CO, AUDIT = Role.COORDINATOR, Role.AUDITOR
LATER = dt.timedelta(minutes=6)  # a lease has run out


class Killed(BaseException):
    """The worker is gone at this step, without another word."""


@pytest.fixture(autouse=True)
def everything_is_large(settings: Any) -> None:
    settings.AT_ONCE_ROWS = settings.AT_ONCE_KB = 0


def last() -> Job:
    return Job.objects.latest("pk")


def exported(office: Office) -> Job:
    office.done(CO, "meters:export_money", office.things.row.point.code)
    return last()


def chosen(office: Office) -> Job:
    content = RECEIPTS.format(shop=office.things.row.units[1].code).encode()
    office.done(CO, "imports:choose", file=SimpleUploadedFile("收据.csv", content), kind="receipts")
    return last()


def seen(office: Office) -> Job:
    """A pile that was looked at and confirmed."""
    pile = chosen(office).arguments["pile"]
    do_jobs(me="looker", now=clock.now)
    office.done(CO, "imports:confirm", pile)
    return last()


def killed_at(monkeypatch: pytest.MonkeyPatch, wanted: work.Step, *, times: int = 1) -> None:
    """A worker takes what waits and is gone at a step; so is the next, when the lease has run out."""

    def reached(step: work.Step) -> None:
        if step == wanted:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(work, "reached", reached)
        for n in range(times):
            with pytest.raises(Killed):
                do_jobs(me=f"killed {n}", now=lambda n=n: clock.now() + n * LATER)  # type: ignore[misc]


def taken_over(job: Job) -> Job:
    """Another worker comes, in vain while the lease runs, and goes on after that."""
    do_jobs(me="next", now=clock.now)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    do_jobs(me="next", now=lambda: clock.now() + LATER)
    job.refresh_from_db()
    return job


def test_a_large_export_is_made_by_the_worker_and_fetched_as_often_as_one_likes(office: Office):
    job = exported(office)
    assert "等着开始" in office.get(CO, "jobs:job", job.public_id)
    do_jobs(me="one", now=clock.now)
    page = office.get(CO, "jobs:job", job.public_id)
    assert "做完了" in page
    assert "下载" in page
    assert "hx-trigger" not in page
    for _n in range(2):
        answer: Any = office.post(CO, "jobs:fetch", job.public_id)
        file: Any = office.client(CO).get(answer.headers["Location"])
        assert file.content.startswith(b"PK")
    rows = TrailLine.objects.filter(verb="export_money").values_list("data__rows", flat=True)
    assert list(rows) == [Transaction.objects.filter(book=office.things.row.point.book).count()] * 2


def test_the_same_asked_for_again_is_the_same_work(office: Office):
    assert exported(office).pk == exported(office).pk


def test_nobody_else_sees_it_or_fetches_it(office: Office):
    job = exported(office)
    do_jobs(me="one", now=clock.now)
    assert office.status(AUDIT, "jobs:job", job.public_id) == 404
    assert office.status(AUDIT, "jobs:fetch", job.public_id, method="post") == 404
    address = office.post(CO, "jobs:fetch", job.public_id).headers["Location"]
    assert office.client(AUDIT).get(address).status_code == 404
    assert job.title not in office.get(AUDIT, "jobs:index")
    assert job.title in office.get(CO, "jobs:index")


def test_who_has_lost_the_right_meanwhile_fetches_nothing(office: Office):
    job = exported(office)
    do_jobs(me="one", now=clock.now)
    address = office.post(CO, "jobs:fetch", job.public_id).headers["Location"]
    member = office.cast.coordinator.memberships.get(street=office.cast.street)
    type(member).objects.filter(pk=member.pk).update(path="/elsewhere/")
    assert office.client(CO).get(address).status_code == 404


def test_what_is_kept_no_longer_is_gone_and_said_so(office: Office):
    job = exported(office)
    do_jobs(me="one", now=clock.now)
    sweep(by=None, at=clock.now())
    assert slate.made(job.public_id).exists()
    Job.objects.filter(pk=job.pk).update(expires_at=clock.now())
    assert "过了保存的时间" in office.refused(CO, "jobs:fetch", job.public_id)
    sweep(by=None, at=clock.now())
    assert not slate.made(job.public_id).exists()


@pytest.mark.parametrize(("place", "mend"), [("inside", "hege serve"), ("apart", "hege-worker")])
def test_what_nobody_comes_for_says_who_must_start_what(office: Office, settings: Any, place: str, mend: str):
    settings.WORK = place
    job = exported(office)
    assert "后台工作没有在运行" not in office.get(CO, "jobs:job", job.public_id)
    Job.objects.filter(pk=job.pk).update(at=clock.now() - dt.timedelta(seconds=61))
    page = office.get(CO, "jobs:job", job.public_id)
    assert "后台工作没有在运行" in page
    assert mend in page


def test_a_large_pile_is_looked_at_and_booked_by_the_worker(office: Office):
    job = chosen(office)
    assert job.kind == JobKind.LOOK
    do_jobs(me="one", now=clock.now)
    assert "看会登记什么" in office.get(CO, "jobs:job", job.public_id)
    pile = job.arguments["pile"]
    assert "可以登记 1 行" in office.get(CO, "imports:pile", pile)
    before = SourceFile.objects.count()
    office.done(CO, "imports:confirm", pile)
    assert (last().kind, SourceFile.objects.count()) == (JobKind.BOOK, before)
    do_jobs(me="one", now=clock.now)
    assert "看登记了什么" in office.get(CO, "jobs:job", last().public_id)
    assert (SourceFile.objects.count(), last().state) == (before + 1, JobState.DONE)


def test_the_page_of_a_pile_leads_to_where_one_sees_how_far_the_look_is(office: Office):
    job = chosen(office)
    answer = office.client(CO).get(office.path("imports:pile", job.arguments["pile"]))
    assert answer.headers["Location"] == office.path("jobs:job", job.public_id)


def test_while_it_goes_on_the_page_says_what_it_does_and_how_far_it_is(office: Office):
    job = exported(office)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    slate.tell(job.public_id, "写进表格", 400, 1200, at=clock.now())
    page = office.get(CO, "jobs:job", job.public_id)
    assert "写进表格" in page
    assert "400 / 1200" in page
    assert "停下来" in page


def test_who_stops_a_booking_before_its_end_has_booked_nothing(office: Office, monkeypatch: pytest.MonkeyPatch):
    job, before = seen(office), (SourceFile.objects.count(), Transaction.objects.count(), TrailLine.objects.count())

    def stop(step: work.Step) -> None:
        told = slate.told(job.public_id)
        if step == work.Step.JOB_TOLD and told and told.doing == "登记" and told.done:
            slate.ask_to_stop(job.public_id)

    monkeypatch.setattr(work, "reached", stop)
    do_jobs(me="one", now=clock.now)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    now = (SourceFile.objects.count(), Transaction.objects.count(), TrailLine.objects.count())
    assert now == (before[0], before[1], before[2] + 1)  # that it ended
    assert "可以登记 1 行" in office.get(CO, "imports:pile", job.arguments["pile"])


def test_what_waits_is_stopped_at_once_and_stopped_again_it_is_stopped(office: Office):
    job = exported(office)
    for _n in range(2):
        office.done(CO, "jobs:cancel", job.public_id)
    assert TrailLine.objects.filter(verb="cancel_job").count() == 1
    do_jobs(me="one", now=clock.now)
    job.refresh_from_db()
    assert (job.state, slate.made(job.public_id).exists()) == (JobState.CANCELLED, False)


def test_what_is_done_is_not_stopped(office: Office):
    job = exported(office)
    do_jobs(me="one", now=clock.now)
    assert "已经结束" in office.refused(CO, "jobs:cancel", job.public_id)


def test_an_export_whose_worker_is_killed_before_its_file_is_there_is_made_anew(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    job = exported(office)
    killed_at(monkeypatch, work.Step.JOB_PART)
    assert not slate.made(job.public_id).exists()
    assert taken_over(job).state == JobState.DONE
    assert slate.made(job.public_id).stat().st_size == job.made_size


@pytest.mark.parametrize("step", [work.Step.JOB_TOLD, work.Step.JOB_DONE])
def test_a_look_whose_worker_is_killed_is_done_by_the_next(
    office: Office, monkeypatch: pytest.MonkeyPatch, step: work.Step
):
    job = chosen(office)
    killed_at(monkeypatch, step)
    assert taken_over(job).state == JobState.DONE
    assert "可以登记 1 行" in office.get(CO, "imports:pile", job.arguments["pile"])


@pytest.mark.parametrize("step", [work.Step.JOB_TAKEN, work.Step.JOB_TOLD, work.Step.JOB_DONE])
def test_a_booking_whose_worker_is_killed_books_once(office: Office, monkeypatch: pytest.MonkeyPatch, step: work.Step):
    job, before = seen(office), Transaction.objects.count()
    killed_at(monkeypatch, step, times=MOST_TRIES - 1)
    do_jobs(me="next", now=lambda: clock.now() + MOST_TRIES * LATER)
    job.refresh_from_db()
    assert (job.state, Transaction.objects.count()) == (JobState.DONE, before + 1)


def test_what_breaks_is_said_and_keeps_nothing_else_from_being_done(office: Office, monkeypatch: pytest.MonkeyPatch):
    first = chosen(office)
    second = exported(office)

    def breaks(_job: Job, _now: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(work.DO, JobKind.LOOK, breaks)
    do_jobs(me="one", now=clock.now)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (JobState.FAILED, JobState.DONE)
    assert "程序出了错" in office.get(CO, "jobs:job", first.public_id)


def test_what_so_many_workers_died_over_is_given_up(office: Office):
    job = exported(office)
    Job.objects.filter(pk=job.pk).update(tries=MOST_TRIES)
    do_jobs(me="one", now=clock.now)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "没有做成" in office.get(CO, "jobs:job", job.public_id)


def test_the_auditor_takes_the_trail_and_a_pack_of_papers(office: Office):
    for name, said, verb in (
        ("trail:export", {"verb": "record_visit"}, "export_trail"),
        ("trail:pack", {"seed": "7"}, "export_papers"),
    ):
        office.done(AUDIT, name, **said)
        do_jobs(me="one", now=clock.now)
        answer: Any = office.post(AUDIT, "jobs:fetch", last().public_id)
        assert office.client(AUDIT).get(answer.headers["Location"]).content.startswith(b"PK")
        assert TrailLine.objects.filter(verb=verb).exists()
