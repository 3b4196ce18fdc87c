"""A shop with a till's link and vouchers in the street of a browser test."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from hege.kernel import clock
from hege.members.actions import join_with_card, make_card, open_by_card
from hege.members.rules import ConsentKind, MemberWork
from hege.people.models import Party, PartyKind, Street, User
from hege.vouchers.actions import approve_batch, claim_voucher, draft_batch
from hege.vouchers.moving import moving_code, scanned_code
from hege.vouchers.rules import Terms, Worth
from hege.vouchers.sealing import unsealed
from hege.vouchers.tills.actions import add_merchant, add_till
from hege.vouchers.tills.queries import token_of
from tests.browser.site import STREET, Site, environment

VOUCHERS = 4
PROGRAM = "import json, sys, django; django.setup(); from tests.browser.counter import play; sys.stdout.write(json.dumps(play()))"


@dataclass(frozen=True)
class Counter:
    """What stands ready: the secret of the link, of each voucher its number and what its phone makes codes of, and cookies of
    two members who have claimed none."""

    link: str
    vouchers: list[tuple[str, str]]
    riders: list[str]

    def signs(self, n: int) -> str:
        """What the phone of the n-th voucher shows to a scanner now, as the end of an address."""
        number, secret = self.vouchers[n]
        return f"s/{number}/{scanned_code(secret, clock.now())}/"

    def digits(self, n: int) -> tuple[str, str]:
        """Its number and what is read out now."""
        number, secret = self.vouchers[n]
        return number, moving_code(secret, clock.now())


def at_the_counter(site: Site) -> Counter:
    """Play it into the street of a running site."""
    command = [sys.executable, "-c", PROGRAM]
    env = {**environment(site.database), "DJANGO_SETTINGS_MODULE": "hege.settings"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return Counter(said["link"], [(number, secret) for number, secret in said["vouchers"]], said["riders"])


def play() -> dict[str, Any]:
    """Through the actions: a shop and its till, a batch by the clerk that the coordinator approves, claims of members."""
    now, today, day = clock.now(), clock.today(), dt.timedelta(days=1)
    street = Street.objects.get(code=STREET)
    clerk, coordinator = (User.objects.get(username=name) for name in ("clerk", "coordinator"))
    by: Any = {"by": coordinator, "at": now}
    payer = Party.objects.filter(street=street, kind=PartyKind.ORGANISATION, inside=True).order_by("pk")[0]
    shop = add_merchant(street, name="1 号面馆（样例）", **by)
    terms = Terms(
        title="热汤面一碗", kind=Worth.FREE, stock=50, cost_fen=1_800, budget_fen=50 * 1_800, releases_at=now - day,
        claim_until_at=now + day, use_from_on=today - day, use_until_on=today + 9 * day,
    )  # fmt: skip
    batch = approve_batch(draft_batch(street, terms=terms, merchants=[shop], payer=payer, by=clerk, at=now), **by)
    agreed = dict.fromkeys(ConsentKind, False)
    vouchers = []
    for n in range(VOUCHERS):
        rider = join_with_card(street, called=f"早班的蜂{n}", work=MemberWork.COURIER, consents=agreed, **by)
        claim = claim_voucher(batch, member=rider, by=None, at=now)
        vouchers.append((claim.number, unsealed(claim.secret, street=street.pk, number=claim.number)))
    riders = []
    for n in range(2):
        rider = join_with_card(street, called=f"晚班的蜂{n}", work=MemberWork.COURIER, consents=agreed, **by)
        riders.append(open_by_card(make_card(rider, **by), secret=f"{n}" * 26, by=None, at=now))
    return {"link": token_of(add_till(shop, label="前台手机", **by)), "vouchers": vouchers, "riders": riders}
