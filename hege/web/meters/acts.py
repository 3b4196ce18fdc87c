"""The page of one verb of a master meter."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from hege.metering.models import SupplyPoint
from hege.web.action_page import Act


def point_act(point: SupplyPoint, list_: tuple[str, str], title: str, done: str, **more: Any) -> Act:
    """``list_``: name and route of the list the verb belongs to, where one is led back to; the button says the title."""
    code, (name, route) = point.street.code, list_
    back = reverse(route, args=(code, point.code))
    crumbs = [
        (_("总表台账"), reverse("meters:index", args=(code,))),
        (point.name, reverse("meters:detail", args=(code, point.code))),
        (name, back),
    ]
    return Act(title=title, button=more.pop("button", title), done=done, back=back, crumbs=crumbs, **more)
