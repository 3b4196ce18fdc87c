"""A member who leaves: what they signed up for is offered on, what they had claimed and not used is free again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.members.models import Member
from hege.points.actions import earn
from hege.points.queries import counters_of
from hege.procedures.actions import claim_for_points, keep_programme, leave, reverse_redemption
from hege.programme.activities.rules import SignupState
from hege.trail.models import TrailLine
from hege.vouchers.actions import claim_voucher
from hege.vouchers.models import Batch, Claim, ClaimEnd
from hege.vouchers.queries import counter_faults
from tests.cast import first_broken
from tests.points.conftest import make_riders, wrong
from tests.programme.activities.conftest import evening  # noqa: F401  # a fixture
from tests.programme.activities.evening import BEFORE, START, Evening, another
from tests.vouchers.conftest import Counter, counter  # noqa: F401  # a fixture
from tests.vouchers.samples import NOW
from tests.vouchers.tills import LUNCH, an_open_till, take

pytestmark = pytest.mark.django_db


def ends() -> list[str]:
    return list(ClaimEnd.objects.order_by("pk").values_list("kind", flat=True))


def test_places_are_offered_to_who_waits(evening: Evening):  # noqa: F811
    later = another(evening, starts_at=START + DAY, ends_at=START + DAY + dt.timedelta(hours=1))
    evening.sign_up(0, 3)
    evening.sign_up(1, 2)
    later.sign_up(0)
    evening.sign_up(2, 3)
    assert evening.states()[2] == SignupState.WAITING
    leave(evening.members[0], by=None, at=BEFORE)
    assert evening.states() == {0: SignupState.CANCELLED, 1: SignupState.CONFIRMED, 2: SignupState.OFFERED}
    assert later.states() == {0: SignupState.CANCELLED}
    assert (evening.now.taken, later.now.taken) == (5, 0)
    assert Member.objects.get(pk=evening.members[0].pk).left_at == BEFORE
    assert first_broken(evening.street) is None


def test_who_waited_or_was_offered_a_place_waits_no_more(evening: Evening):  # noqa: F811
    for member, party in ((0, 3), (1, 2), (2, 2), (3, 1)):
        evening.sign_up(member, party)
    leave(evening.members[1], by=None, at=BEFORE)
    assert evening.states()[2] == SignupState.OFFERED
    leave(evening.members[2], by=None, at=BEFORE)
    assert evening.states()[2] == SignupState.CANCELLED
    assert evening.states()[3] == SignupState.OFFERED
    leave(evening.members[3], by=None, at=BEFORE)
    assert evening.now.taken == 3


def test_what_has_begun_stays_as_it_is(evening: Evening):  # noqa: F811
    evening.sign_up(0)
    leave(evening.members[0], by=None, at=START)
    assert evening.states() == {0: SignupState.CONFIRMED}


def test_vouchers_that_were_not_used_are_free_again_and_used_ones_are_paid(counter: Counter):  # noqa: F811
    priced, cinema = counter.another(title="换的面", point_price=6), counter.another(title="电影")
    earn(
        counter.cast.street,
        {m.pk: 10 for m in (counter.member, *make_riders(counter.cast, 2))},
        key="1",
        by=None,
        at=NOW,
    )
    claims = [
        claim_for_points(batch, member=counter.member, by=None, at=NOW) for batch in (counter.batch, priced, cinema)
    ]
    take(an_open_till(counter.shop), claims[2])
    leave(counter.member, by=None, at=LUNCH)
    left = {b.title: (b.claimed, b.committed_fen) for b in Batch.objects.all()}
    assert left == {"热汤面一碗": (0, 0), "换的面": (0, 0), "电影": (1, 1200)}
    assert ends() == ["withdrawn", "withdrawn"]
    assert counters_of(counter.member, on=day_of(LUNCH)).points == 10
    assert [*counter_faults(counter.cast.street), *wrong(counter.cast.street)] == []
    assert first_broken(counter.cast.street) is None
    line = TrailLine.objects.latest("seq")
    assert (line.verb, counter.member.called in str(line.data)) == ("leave", False)


def test_leaving_twice_is_refused_and_changes_nothing(counter: Counter):  # noqa: F811
    claim_voucher(counter.batch, member=counter.member, by=None, at=NOW)
    leave(counter.member, by=None, at=LUNCH)
    before = TrailLine.objects.count()
    with pytest.raises(Refused, match="已经退出"):
        leave(counter.member, by=None, at=LUNCH)
    assert (TrailLine.objects.count(), ends()) == (before, ["withdrawn"])


def test_what_a_shop_gives_back_after_they_left_is_taken_back_by_the_days_watch_once(counter: Counter):  # noqa: F811
    till = an_open_till(counter.shop)
    made = take(till, claim_voucher(counter.batch, member=counter.member, by=None, at=NOW))
    leave(counter.member, by=None, at=LUNCH)
    reverse_redemption(made, till=till, by=None, at=LUNCH + dt.timedelta(minutes=5))
    assert ends() == []
    said: dict[str, Any] = {"on": day_of(LUNCH + DAY), "by": None, "at": LUNCH + DAY}
    keep_programme(counter.cast.street, **said)
    lines = TrailLine.objects.count()
    keep_programme(counter.cast.street, **said)
    counter.batch.refresh_from_db()
    assert (ends(), counter.batch.claimed, counter.batch.committed_fen) == (["withdrawn"], 0, 0)
    assert TrailLine.objects.count() == lines
    assert Claim.objects.count() == 1
