"""What long work there is, and how far it may be."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused


class JobKind(TextChoices):
    """Work that no page waits for (后台任务)."""

    VERIFY = "verify", _("全面核对")


class JobState(TextChoices):
    """How far it has come."""

    WAITING = "waiting", _("等着开始")
    RUNNING = "running", _("正在做")
    DONE = "done", _("做完了")
    CANCELLED = "cancelled", _("中途停了")


UNFINISHED = (JobState.WAITING, JobState.RUNNING)


def check_cancellable(state: JobState) -> None:
    """What has ended is not stopped any more."""
    if state not in UNFINISHED:
        raise Refused(_("它已经结束了。"))
