"""What members gave, as people say it: hours and minutes, counts of a season."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hege.programme.thanks.rules import Facts


def hours_said(minutes: int) -> str:
    """So many minutes, as people say them."""
    return _("%(hours)d 小时 %(minutes)d 分") % {"hours": minutes // 60, "minutes": minutes % 60}


def facts_said(facts: Facts) -> list[tuple[str, str]]:
    """What thanks rest on, each with its figure."""
    return [
        (_("经别人查实的事"), _("%(n)d 件") % {"n": facts.deeds}),
        (_("服务时长"), hours_said(facts.minutes)),
        (_("参加活动"), _("%(n)d 次") % {"n": facts.attended}),
    ]
