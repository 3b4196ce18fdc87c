"""Secrets of browsers that need no sign-in: a member's and a till's of the street with a programme, an outsider's link."""

from __future__ import annotations

import json
import subprocess
import sys

from hege.cases.models import Task
from hege.cases.rules import AWAITS_ANSWER
from hege.cases.tasks.actions import make_link
from hege.kernel import clock
from hege.members.actions import make_card, open_by_card
from hege.members.models import Member
from hege.people.models import User
from hege.vouchers.models import Claim, Redemption
from hege.vouchers.tills.actions import add_till, open_till
from hege.web.bearers import MEMBER, TILL
from tests.browser.site import Site, environment

#: The demo street whose programme is played.
WARM = "310118107"
PROGRAM = "import json, sys, django; django.setup(); from tests.browser.let_in import play; sys.stdout.write(json.dumps(play()))"


def let_in(site: Site) -> dict[str, dict[str, str]]:
    """Cookies as a browser context takes them, by whose they are: ``m`` a member's, ``t`` a till's; ``a``: of an outsider's
    link its address."""
    command = [sys.executable, "-c", PROGRAM]
    env = {**environment(site.database), "DJANGO_SETTINGS_MODULE": "hege.settings"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names, secrets = {"m": MEMBER, "t": TILL}, json.loads(done.stdout)
    cookies = {
        way: {"name": name, "value": secrets[way], "url": site.url(f"/{way}/{WARM}/")} for way, name in names.items()
    }
    return {**cookies, "a": {"url": site.url(f"/a/{secrets['a']}/")}}


def play() -> dict[str, str]:
    """The member who claimed most gets a card and opens it, the shop that took most gets a till, an outsider a link."""
    coordinator, now = User.objects.get(username="coordinator-huaxin"), clock.now()
    member = max(
        Member.objects.filter(street__code=WARM, left_at__isnull=True),
        key=lambda one: Claim.objects.filter(street=one.street, member=one).count(),
    )
    shop = Redemption.objects.filter(street=member.street).latest("pk").merchant
    card = make_card(member, by=coordinator, at=now)
    link = add_till(shop, label="外卖口", by=coordinator, at=now)
    asked = Task.objects.filter(state__in=AWAITS_ANSWER, party__inside=False).latest("pk")
    return {
        "a": make_link(asked, by=coordinator, at=now)[1],
        "m": open_by_card(card, secret="m" * 26, by=None, at=now),
        "t": open_till(link, secret="t" * 26, by=None, at=now),
    }
