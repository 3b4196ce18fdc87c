"""`python -m tests.browser.evening`: activities of today in the demo street, and two members whose browsers are let in.

Says as JSON what a browser test needs: ids, what each cookie holds, and the code that stands on the wall now.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from types import SimpleNamespace
from typing import Any

import django

MINUTE = dt.timedelta(minutes=1)


def main() -> None:
    django.setup()
    from hege.kernel import clock
    from hege.members.actions import join_with_card, open_by_card
    from hege.members.queries import card_of
    from hege.members.rules import MemberWork
    from hege.people.models import PartyKind, Street, User
    from hege.places.actions import name_party
    from hege.programme.alliance.actions import join_alliance
    from hege.programme.seasons.actions import plan_season
    from hege.programme.seasons.rules import SeasonDraft, TopicDraft
    from tests.browser.site import STREET
    from tests.web.evenings import make_evenings

    now, today = clock.now(), clock.today()
    street = Street.objects.select_related("trail_head").get(code=STREET)
    clerk, coordinator = (User.objects.get(username=name) for name in ("clerk", "coordinator"))
    cast: Any = SimpleNamespace(street=street, clerk=clerk, coordinator=coordinator)
    by: dict[str, Any] = {"by": clerk, "at": now}
    days = today - dt.timedelta(days=10), today + dt.timedelta(days=60)
    topic = TopicDraft(1, today.replace(day=1), "暖身暖心")
    season = plan_season(street, draft=SeasonDraft("暖冬·感恩季", *days, topics=(topic,)), **by)
    party = name_party(street, name="镇总工会", kind=PartyKind.ORGANISATION)
    unit = join_alliance(street, party=party, from_on=days[0], **by)
    riders, cookies = [], []
    for called in ("早班的蜂", "晚班的蜂"):
        rider = join_with_card(street, called=called, work=MemberWork.FOOD_RIDER, consents={}, by=coordinator, at=now)
        card = card_of(rider, at=now)
        assert card is not None
        cookies.append(open_by_card(card, secret=called, by=None, at=now))
        riders.append(rider)
    one, another = riders
    made = make_evenings(cast, season, unit, one, another, "（样例）")
    keys = {name: getattr(made, name).public_id for name in ("open", "own", "asks", "now", "inside", "over")}
    sys.stdout.write(json.dumps({**keys, "code": made.code, "cookies": cookies}) + "\n")


if __name__ == "__main__":
    main()
