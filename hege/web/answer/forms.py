"""What an outside party may say to its one question."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.attachments.rules import Purpose
from hege.web.files import seen
from hege.web.forms import Form, long_text


def who() -> forms.CharField:
    """Who writes; goes on the timeline beside the party's name."""
    return forms.CharField(
        label=_("您的姓名和职务"), help_text=_("写进办理经过，方便街道找您。"), max_length=60, required=False
    )


class AnswerForm(Form):
    """What was done."""

    answer = long_text(_("办得怎么样"), _("办到哪一步、结果是什么、什么时候办完。"), rows=5)
    document = forms.CharField(label=_("文号或回单号"), max_length=200, required=False)
    papers = seen(Purpose.PAPER, _("照片或文书"), _("只给办这件事的人看，一次最多 5 份。"))
    name = who()


class NotOursForm(Form):
    """Why it is not theirs, and whose it may be."""

    reason = long_text(_("为什么不归您办"), _("知道归谁办的，请写上。"), rows=5)
    name = who()
