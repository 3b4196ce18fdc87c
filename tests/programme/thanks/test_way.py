"""From a proposal to a signed letter, and back: each step by another, nothing before its day, what is signed says no name."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from hege.credentials.queries import verdict_on
from hege.credentials.rules import Verdict
from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.members.actions import set_consents
from hege.members.rules import ConsentKind
from hege.outbox.actions import set_gateway
from hege.outbox.models import Message
from hege.outbox.rules import CONSOLE, Channel, Event, words
from hege.programme.thanks import actions, queries
from hege.programme.thanks.models import ThanksBadge, ThanksObjection
from hege.programme.thanks.proof import thanks_faults
from hege.programme.thanks.rules import Decision, Facts, ThanksKind, ThanksState
from tests.programme.thanks.season import DAY, Grateful

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_facts_are_counts_of_the_season_as_they_stood(grateful: Grateful):
    thanks = grateful.propose()
    assert thanks.facts == Facts(deeds=0, minutes=90, attended=1)
    assert queries.facts_of(grateful.evening.members[1], grateful.evening.activity.season) == Facts(0, 0, 0)


def test_who_did_nothing_is_not_thanked(grateful: Grateful):
    with pytest.raises(Refused) as no:
        grateful.propose(member=1)
    assert no.value.field == "member"


def test_one_of_a_kind_a_season(grateful: Grateful):
    thanks = grateful.propose()
    with pytest.raises(Refused) as no:
        grateful.propose()
    assert no.value.field == "kind"
    grateful.propose(kind=ThanksKind.STORY)
    actions.drop_thanks(thanks, reason="写错了", **grateful.who("coordinator"))
    assert grateful.propose().state == ThanksState.PROPOSED


def test_given_after_seven_whole_days_with_number_and_signature(grateful: Grateful):
    thanks = grateful.shown()
    assert thanks.shown_until_on == dt.date(2026, 1, 27)
    with pytest.raises(Refused, match="2026-01-26"):
        actions.give_thanks(thanks, **grateful.who("coordinator", dt.date(2026, 1, 26)))
    given = actions.give_thanks(thanks, **grateful.who("coordinator", dt.date(2026, 1, 27)))
    assert given.number == "2026-0001"
    badge = ThanksBadge.objects.get(thanks=given)
    assert (
        verdict_on(json.loads(badge.signed), street=given.street, at=at_noon(DAY + dt.timedelta(days=40)))
        is Verdict.GOOD
    )
    assert "骑手0" not in badge.signed
    assert list(thanks_faults(given.street)) == []


def test_nobody_reviews_or_gives_their_own(grateful: Grateful):
    thanks = grateful.propose(**grateful.who("coordinator"))
    with pytest.raises(Refused):
        actions.review_thanks(thanks, **grateful.who("coordinator"))
    thanks = actions.review_thanks(thanks, **grateful.who("checker"))
    thanks = actions.show_thanks(thanks, **grateful.who("coordinator"))
    with pytest.raises(Refused):
        actions.give_thanks(thanks, **grateful.who("coordinator", dt.date(2026, 1, 27)))


def test_an_objection_waits_for_another_and_stops_it_when_upheld(grateful: Grateful):
    thanks = grateful.shown()
    said = actions.object_to_thanks(thanks, words="不是他，电话 13800001234", by=None, at=at_noon(DAY))
    assert "13800001234" not in ThanksObjection.objects.get(pk=said.pk).words
    last = thanks.shown_until_on
    assert last is not None
    with pytest.raises(Refused, match="1"):
        actions.give_thanks(thanks, **grateful.who("coordinator", last))
    with pytest.raises(Refused):
        actions.decide_thanks_objection(said, decision=Decision.NOT_UPHELD, words="对", **grateful.who("clerk"))
    actions.decide_thanks_objection(said, decision=Decision.UPHELD, words="确实", **grateful.who("coordinator"))
    with pytest.raises(Refused):
        actions.give_thanks(thanks, **grateful.who("coordinator", last))
    assert (
        actions.drop_thanks(thanks, reason="弄错人", **grateful.who("coordinator", last)).state == ThanksState.DROPPED
    )


def test_what_is_revoked_keeps_its_reason_and_its_signature_fails(grateful: Grateful):
    given = grateful.given()
    revoked = actions.revoke_thanks(
        given, reason="发给了同名的另一位", **grateful.who("coordinator", dt.date(2026, 3, 2))
    )
    badge = ThanksBadge.objects.get(thanks=revoked)
    assert queries.revoked_places(revoked.street) == [badge.place]
    found = queries.shown_thanks(revoked.public_id)
    assert found is not None
    step = found.step(ThanksState.REVOKED)
    assert step is not None
    assert step.words == "发给了同名的另一位"
    assert list(thanks_faults(given.street)) == []


def test_who_is_thanked_is_told_once_it_is_shown_and_once_it_is_given_and_not_for_what(grateful: Grateful):
    street, administrator = grateful.evening.street, grateful.who("administrator")
    set_gateway(street, channel=Channel.SMS, address=CONSOLE, **administrator)
    thanks = grateful.given()
    told = Message.objects.filter(street=street, member_of=thanks.member.public_id).order_by("pk")
    assert [(one.event, one.number, one.link) for one in told] == [
        (Event.THANKS_SHOWN, "", f"/k/{thanks.public_id}/"),
        (Event.THANKED, thanks.number, f"/k/{thanks.public_id}/"),
    ]
    said = [words(Event(one.event), one.number, None) for one in told]
    assert said == ["【合格】 给您的一份致谢开始公示，请看看写得对不对", "【合格】2026-0001 您收到一份致谢"]


def test_who_did_not_agree_to_messages_is_not_told_of_thanks(grateful: Grateful):
    street, administrator = grateful.evening.street, grateful.who("administrator")
    set_gateway(street, channel=Channel.SMS, address=CONSOLE, **administrator)
    set_consents(grateful.evening.members[0], consents={ConsentKind.MESSAGES: False}, by=None, at=administrator["at"])
    grateful.given()
    assert not Message.objects.filter(street=street, event__in=[Event.THANKS_SHOWN, Event.THANKED]).exists()


def test_nothing_is_shown_before_its_publicity(grateful: Grateful):
    thanks = grateful.propose()
    assert queries.shown_thanks(thanks.public_id) is None
    assert queries.shown_by_number(thanks.street, "") == ""


def test_a_certificate_adds_up_what_was_scanned_between_two_days(grateful: Grateful):
    first, last = dt.date(2025, 12, 1), dt.date(2025, 12, 18)
    made = actions.certify_hours(grateful.evening.members[0], from_on=first, last_on=last, **grateful.who("clerk"))
    assert (made.minutes, made.lines) == (90, [["2025-12-18", grateful.evening.activity.title, 90]])
    assert queries.shown_by_number(made.street, made.number) == made.public_id


@pytest.mark.both  # a union of two tables
def test_a_member_sees_thanks_and_certificates_of_their_own_in_one_statement(
    grateful: Grateful, django_assert_num_queries: Any
):
    rider, other = grateful.evening.members[:2]
    given, proposed = grateful.given(), grateful.propose(kind=ThanksKind.STORY)
    first, last = dt.date(2025, 12, 1), dt.date(2025, 12, 18)
    certificate = actions.certify_hours(rider, from_on=first, last_on=last, **grateful.who("clerk"))
    with django_assert_num_queries(1):
        letters, hours = queries.mine_of(rider)
    assert [(one.public_id, one.kind, one.state) for one in letters] == [(given.public_id, given.kind, given.state)]
    assert (letters[0].season, letters[0].at) == (given.season.name, given.given_at)
    assert [(one.public_id, one.number, one.at) for one in hours] == [
        (certificate.public_id, certificate.number, certificate.at)
    ]
    assert proposed.public_id not in {one.public_id for one in letters}
    assert queries.mine_of(other) == ([], [])


@pytest.mark.parametrize(
    ("from_on", "last_on", "field"),
    [
        (dt.date(2025, 12, 19), dt.date(2025, 12, 31), "from_on"),
        (dt.date(2025, 12, 19), dt.date(2025, 12, 18), "last_on"),
        (dt.date(2025, 12, 1), DAY + dt.timedelta(days=1), "last_on"),
    ],
)
def test_nothing_to_certify_and_days_to_come_name_the_field(
    grateful: Grateful, from_on: dt.date, last_on: dt.date, field: str
):
    with pytest.raises(Refused) as no:
        actions.certify_hours(grateful.evening.members[0], from_on=from_on, last_on=last_on, **grateful.who("clerk"))
    assert no.value.field == field
