"""Whatever people try with honours in whatever order, what is done is what the rule allowed, and the proof finds nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db.transaction import atomic, set_rollback
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hege.honours import actions, queries
from hege.honours.models import Honour, ObjectionDecision
from hege.honours.proof import badge_faults, state_faults
from hege.honours.rules import Act, Consent, Decision, Seen, open_acts
from hege.kernel.refused import Refused
from hege.people.models import User
from tests.cast import Cast
from tests.honours.roll import DAY, a_draft, drafted, on

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.slow]
DO: Mapping[Act, Callable[..., Honour]] = {
    Act.CHECK: lambda honour, **who: actions.check_honour(honour, seen=Seen.SOURCE, words="报", **who),
    Act.BEGIN_PUBLICITY: lambda honour, **who: actions.begin_publicity(
        honour, consent=Consent.FIRM, words="同意书", **who
    ),
    Act.PUBLISH: lambda honour, **who: actions.publish_honour(honour, **who),
    Act.WITHDRAW: lambda honour, **who: actions.withdraw_honour(honour, reason="撤销", **who),
    Act.DROP: lambda honour, **who: actions.drop_honour(honour, reason="不符", **who),
    Act.CORRECT: lambda honour, **who: actions.correct_honour(
        honour, draft=a_draft(trade_mark="丙", expires_on=DAY + dt.timedelta(days=60)), reason="更正", **who
    ),
}
PEOPLE = ("clerk", "checker", "coordinator")
ACTS = st.sampled_from([*Act, Act.CHECK, Act.BEGIN_PUBLICITY, Act.PUBLISH, Act.PUBLISH])
STEPS = st.lists(st.tuples(ACTS, st.sampled_from(PEOPLE), st.integers(0, 9), st.booleans()), min_size=4, max_size=12)


def attempt(honour: Honour, act: Act, who: User, at: dt.datetime) -> bool:
    """Whether it was done."""
    try:
        with atomic():
            DO[act](honour, by=who, at=at)
    except Refused:
        return False
    return True


@settings(
    max_examples=max(3, settings().max_examples // 20), suppress_health_check=[*HealthCheck]
)  # `cast` is taken back after each walk
@given(steps=STEPS)
def test_no_walk_breaks_the_rules(cast: Cast, steps: list[tuple[Act, str, int, bool]]):
    with atomic():
        (honour,) = drafted(cast, a_draft(expires_on=DAY + dt.timedelta(days=40)))
        day = DAY
        for act, name, days, objects in steps:
            day += dt.timedelta(days=days)
            actions.expire_honours(cast.street, on=day, by=None, at=on(day))
            honour = Honour.objects.select_related("street").get(pk=honour.pk)
            who: Any = getattr(cast, name)
            allowed = act in open_acts(queries.stands(honour, on=day), by=who.pk)
            assert attempt(honour, act, who, on(day)) == allowed
            _object_and_decide(honour, cast, on(day), objects=objects)
        assert [*state_faults(cast.street), *badge_faults(cast.street)] == []
        set_rollback(True)


def _object_and_decide(honour: Honour, cast: Cast, at: dt.datetime, *, objects: bool) -> None:
    """Every other time somebody objects, and every other time somebody decides what waits."""
    for objection in [] if objects else queries.open_objections(cast.street):
        decision = Decision.UPHELD if ObjectionDecision.objects.count() % 3 else Decision.NOT_UPHELD
        with atomic():
            try:
                actions.decide_objection(objection, decision=decision, words="核实", by=cast.coordinator, at=at)
            except Refused:
                assert objection.version.by == cast.coordinator
    if objects:
        try:
            with atomic():
                actions.object_to_honour(honour, words="不对", by=None, at=at)
        except Refused:
            return
