"""Which shop reported is who reported: no page of those who may not learn it changes with the shop, whatever page."""

from __future__ import annotations

import re

import pytest

from hege.cases.models import Report
from hege.cases.queries import READS_REPORTER
from hege.people.models import Role
from hege.web.access import MAY
from tests.routes import Route
from tests.web.streets import OFFICE, Streets, each, verb_of

pytestmark = [pytest.mark.slow, pytest.mark.markup]

#: What differs from one answer to the next by itself: the tokens of forms, the minute of printing.
FRESH = re.compile(r'name="(csrfmiddlewaretoken|request_key)" value="[^"]*"|<footer class="hg-printed">.*?</footer>')


@each(OFFICE)
class EveryPageOfTheOthers(Streets):
    """The addresses of a street, asked twice: the second time another shop made the report."""

    def each_says_the_same_whichever_shop_reported(self, route: Route) -> None:
        for role in (role for role in Role if role in MAY[verb_of(route)] - READS_REPORTER):
            user, shown = self.near.cast.of(role), []
            path = route.path(**self.near.arguments(route, user))
            for unit in self.near.row.units[:2]:
                Report.objects.filter(pk=self.near.report.pk).update(unit=unit)
                answer = self.ask("get", path, user)
                if answer.headers.get("Content-Type", "").startswith("text/"):
                    shown.append(FRESH.sub("", answer.content.decode()))
            assert len(set(shown)) <= 1, role.value
