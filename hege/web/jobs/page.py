"""What the page of one piece of long work shows."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext as _

from hege.jobs import slate
from hege.jobs.models import Job
from hege.jobs.queries import ahead_of, free_since
from hege.jobs.rules import JobKind, JobState, check_cancellable, check_fetchable, is_left_alone
from hege.kernel.refused import allows
from hege.web.access import Desk
from hege.web.marks import Chip

MARKS: dict[str, tuple[str, str]] = {
    JobState.WAITING: ("amber", "hourglass"), JobState.RUNNING: ("water", "refresh"), JobState.DONE: ("green", "check"),
    JobState.CANCELLED: ("", "x"), JobState.FAILED: ("red", "alert-triangle"),
}  # fmt: skip


class JobPage:
    """A piece of long work as it is at an instant."""

    def __init__(self, job: Job, desk: Desk, *, at: dt.datetime) -> None:
        self.job, self.desk, self.at = job, desk, at

    @property
    def going(self) -> bool:
        return allows(check_cancellable, state=JobState(self.job.state))

    @property
    def mark(self) -> Chip:
        """How far it is, in a word."""
        if self.stopping:
            return Chip(_("已叫停"), "amber", "hourglass")
        return Chip(self.job.get_state_display(), *MARKS[self.job.state])

    @cached_property
    def told(self) -> slate.Told | None:
        """What its worker said last, while it goes on."""
        return slate.told(self.job.public_id) if self.going else None

    @property
    def doing(self) -> str:
        """What it does now."""
        return self.told.doing if self.told else str(self.job.get_kind_display())

    @property
    def done(self) -> tuple[int, int]:
        """How much of that is done, of how much."""
        return (self.told.done, self.told.total) if self.told else (self.job.done, self.job.total)

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop and has not yet."""
        return self.going and (self.job.cancel or slate.is_to_stop(self.job.public_id))

    @cached_property
    def waits(self) -> str:
        """Why nothing goes on, and who must do what; empty while somebody is at it, or will be in a moment."""
        since = free_since(self.job, at=self.at) if self.going else None
        if not is_left_alone(free_since=since, at=self.at):
            return ""
        ahead = ahead_of(self.job, at=self.at)
        if ahead:
            return _("前面还有 %(n)s 件在做，轮到了就开始。") % {"n": ahead}
        start = (
            _("请系统管理员启动服务 hege-worker（hege work）。")
            if settings.WORK == "apart"
            else _("请系统管理员重新启动 hege serve，后台工作由它带起来。")
        )
        return _("等了一分多钟还没有后台程序来做：后台工作没有在运行。") + start

    @property
    def found(self) -> int | str | None:
        """What a verification found."""
        sound = self.job.kind == JobKind.VERIFY and self.job.state == JobState.DONE
        return self.job.found or (_("没有问题") if sound else None)

    @property
    def fetchable(self) -> bool:
        """Whether what it made can be fetched."""
        job = self.job
        said = {"kind": JobKind(job.kind), "state": JobState(job.state), "expires_at": job.expires_at}
        return allows(check_fetchable, **said, at=self.at)

    @property
    def onward(self) -> tuple[str, str] | None:
        """The page on which one goes on, and what its button says."""
        job = self.job
        if self.going or job.kind not in (JobKind.LOOK, JobKind.BOOK):
            return None
        booked = job.kind == JobKind.BOOK and job.state == JobState.DONE
        words = (
            _("看登记了什么") if booked else _("回到这一叠文件") if job.state != JobState.DONE else _("看会登记什么")
        )
        return self.desk.to("imports:pile", job.arguments["pile"]), words
