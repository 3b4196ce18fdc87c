"""What long work there is, how far it may be, and when somebody has to look after it."""

from __future__ import annotations

import datetime as dt

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused


class JobKind(TextChoices):
    """Work that no page waits for (后台任务)."""

    VERIFY = "verify", _("全面核对")
    LOOK = "look", _("看会登记什么")
    BOOK = "book", _("导入登记")
    EXPORT = "export", _("导出")


class JobState(TextChoices):
    """How far it has come."""

    WAITING = "waiting", _("等着开始")
    RUNNING = "running", _("正在做")
    DONE = "done", _("做完了")
    CANCELLED = "cancelled", _("中途停了")
    FAILED = "failed", _("没做成")


UNFINISHED = (JobState.WAITING, JobState.RUNNING)
MOST_TRIES = 5  # of workers that came to nothing over it, without one part more done
MOST_OF_ONE = 10  # that one person has under way in a street
PATIENCE = dt.timedelta(minutes=1)  # after that, work that nobody is at is looked after by a person


class Stopped(Exception):  # no fault: somebody wished it
    """Somebody has stopped the work: what is not finished is taken back."""


def check_cancellable(state: JobState) -> None:
    """What has ended is not stopped any more."""
    if state not in UNFINISHED:
        raise Refused(_("它已经结束了。"))


def check_tries(tries: int) -> None:
    """What has come to nothing so often is not begun again by itself."""
    if tries >= MOST_TRIES:
        raise Refused(_("试了 %(n)s 次都中断了，没有做成；请系统管理员看后台工作的记录。"), n=tries)


def check_fetchable(kind: JobKind, state: JobState, expires_at: dt.datetime | None, *, at: dt.datetime) -> None:
    """Only what was made is fetched, and only as long as it is kept."""
    if kind != JobKind.EXPORT:
        raise Refused(_("这件事没有文件可取。"))
    if state != JobState.DONE:
        raise Refused(_("还没有做完，做完了再取。"))
    if expires_at is None or expires_at <= at:
        raise Refused(_("过了保存的时间，文件已经删了；请再导出一次。"))


def is_left_alone(*, free_since: dt.datetime | None, at: dt.datetime) -> bool:
    """Whether nobody has been at it for longer than one waits. ``free_since``: None while somebody is."""
    return free_since is not None and at - free_since >= PATIENCE
