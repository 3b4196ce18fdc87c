"""The pictures of a case stand under the line of what brought them, for whoever may see what they are about."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from hege.attachments.actions import cover
from hege.attachments.models import Attachment
from hege.cases.reports.actions import record_visit
from hege.cases.rules import PaysHow, ReceiptsHeld
from hege.kernel import clock
from hege.people.models import Role
from tests.web.office import Office
from tests.web.things import a_picture

pytestmark = pytest.mark.django_db


def visited(office: Office, minutes: int, unit: int) -> Attachment:
    at = clock.now() + dt.timedelta(minutes=minutes)
    said: dict[str, Any] = {"by": office.cast.grid_worker, "at": at}
    record_visit(
        office.things.row.units[unit], visited_on=clock.today(), pays_how=PaysHow.TO_AGENT,
        receipts_held=ReceiptsHeld.SOME, case=office.things.case, photos=[a_picture()], **said,
    )  # fmt: skip
    found: Attachment = Attachment.objects.latest("pk")
    return found


def strips(office: Office, role: Role) -> list[tuple[str, list[str]]]:
    """The lines of the case's page that have pictures: their first words and the pictures."""
    page = office.get(role, "cases:detail", office.things.case.public_id)
    found = []
    for part in re.split(r"<li[^>]*>\s*(?!\s|<a)", page):
        pictures = re.findall(r"/files/(\w+/\w+)/small/", part)
        if pictures:
            found.append((part.split()[0], pictures))
    return found


def test_a_picture_stands_under_its_own_line_also_with_black_bars(office: Office):
    first, second = visited(office, 1, 0), visited(office, 2, 1)
    barred = cover(first, bars=[(0, 0, 500, 500)], by=office.cast.coordinator, at=clock.now() + dt.timedelta(hours=1))
    rows = dict(strips(office, Role.COORDINATOR))
    codes = [unit.code for unit in office.things.row.units]
    assert rows[f"走访：{codes[0]}"] == [f"visits/{barred.public_id}"]
    assert rows[f"走访：{codes[1]}"] == [f"visits/{second.public_id}"]


def test_who_may_not_see_a_mediation_sees_none_of_its_pictures_on_the_case(office: Office):
    seen = {
        role: {word.split("/")[0] for _line, kept in strips(office, role) for word in kept}
        for role in (Role.MEDIATOR, Role.ADMINISTRATOR)
    }
    assert "dossiers" in seen[Role.MEDIATOR]
    assert seen[Role.ADMINISTRATOR] == seen[Role.MEDIATOR] - {"dossiers"}
