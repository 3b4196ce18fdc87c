"""What goes on the roll is signed, what leaves it is set in the status list, and ``verify`` sees both."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.conf import settings

from hege.credentials.rules import Verdict
from hege.credentials.status import list_of, revoked_in
from hege.honours import queries
from hege.honours.actions import (
    check_honour,
    correct_honour,
    decide_objection,
    expire_honours,
    object_to_honour,
    publish_honour,
    withdraw_honour,
)
from hege.honours.models import Badge
from hege.honours.proof import badge_faults, state_faults
from hege.honours.publishing import signed_status_list, verdict_of
from hege.honours.rules import Decision, HonourState, Seen
from hege.kernel.refused import Refused
from tests.cast import Cast
from tests.honours.roll import AFTER, DAY, END, a_draft, in_publicity, on, published
from tests.integrity.tampering import tamper

pytestmark = pytest.mark.django_db


def whole(cast: Cast) -> list[str]:
    return [*state_faults(cast.street), *badge_faults(cast.street)]


def verdict(cast: Cast, day: dt.date = AFTER) -> Verdict:
    return verdict_of(Badge.objects.order_by("pk")[0], at=on(day), revoked=queries.revoked_places(cast.street))


def test_it_is_signed_when_it_goes_on_the_roll(cast: Cast):
    honour = published(cast)
    (badge,) = Badge.objects.all()
    said = json.loads(badge.signed)
    assert said["id"] == f"{settings.SITE}/h/{honour.public_id}/#1"
    assert said["credentialSubject"]["identifier"][1]["identityHash"] == "749750217"
    assert "本条只转述" in said["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert said["validUntil"] == "2027-03-03T16:00:00Z"  # the day after the last one printed begins in Shanghai
    assert (honour.state, honour.published_at, verdict(cast)) == (HonourState.PUBLISHED, on(AFTER), Verdict.GOOD)
    assert whole(cast) == []


def test_it_is_not_published_by_its_drafter_nor_before_its_publicity_is_over(cast: Cast):
    honour = in_publicity(cast)
    with pytest.raises(Refused):
        publish_honour(honour, by=cast.clerk, at=on(AFTER))
    with pytest.raises(Refused):
        publish_honour(honour, by=cast.coordinator, at=on(AFTER - dt.timedelta(days=1)))
    assert not Badge.objects.exists()


def test_an_objection_keeps_it_off_until_it_is_decided(cast: Cast):
    honour = in_publicity(cast)
    objection = object_to_honour(honour, words="证书过期", by=None, at=on(DAY))
    with pytest.raises(Refused):
        publish_honour(honour, by=cast.coordinator, at=on(AFTER))
    decide_objection(objection, decision=Decision.NOT_UPHELD, words="有效", by=cast.coordinator, at=on(AFTER))
    assert publish_honour(honour, by=cast.coordinator, at=on(AFTER)).state == HonourState.PUBLISHED


def test_what_is_withdrawn_is_set_in_the_signed_status_list(cast: Cast):
    honour = published(cast)
    assert revoked_in(signed_status_list(cast.street, 0, at=on(AFTER))) == set()
    with pytest.raises(Refused):
        withdraw_honour(honour, reason=" ", by=cast.coordinator, at=on(AFTER))
    withdraw_honour(honour, reason="证书被撤销", by=cast.coordinator, at=on(AFTER))
    (badge,) = Badge.objects.all()
    (place,) = revoked_in(signed_status_list(cast.street, list_of(badge.place)[0], at=on(AFTER)))
    assert place == json.loads(badge.signed)["credentialStatus"]["id"]
    assert (verdict(cast), whole(cast)) == (Verdict.REVOKED, [])


def test_it_ends_by_itself_after_its_last_day_and_its_signature_says_so(cast: Cast):
    published(cast)
    assert expire_honours(cast.street, on=END, by=None, at=on(END)) == []
    over = END + dt.timedelta(days=1)
    (ended,) = expire_honours(cast.street, on=over, by=None, at=on(over))
    assert (ended.state, verdict(cast, over), whole(cast)) == (HonourState.EXPIRED, Verdict.EXPIRED, [])
    assert expire_honours(cast.street, on=over, by=None, at=on(over)) == []


def test_a_corrected_date_goes_on_the_roll_without_publicity_and_the_former_badge_is_revoked(cast: Cast):
    honour = published(cast)
    renewed = a_draft("全国11315立信单位", expires_on=END + dt.timedelta(days=365))
    honour = correct_honour(honour, draft=renewed, reason="续期", by=cast.clerk, at=on(AFTER))
    assert (verdict(cast), whole(cast)) == (Verdict.REVOKED, [])
    honour = check_honour(honour, seen=Seen.EVIDENCE, words="新证书", by=cast.checker, at=on(AFTER))
    assert queries.stands(honour, on=AFTER).settled
    publish_honour(honour, by=cast.coordinator, at=on(AFTER))
    assert (queries.revoked_places(cast.street), whole(cast)) == ([Badge.objects.order_by("pk")[0].place], [])


def test_a_corrected_title_has_to_be_shown_again(cast: Cast):
    honour = correct_honour(
        published(cast), draft=a_draft("全国立信单位"), reason="题目抄错", by=cast.clerk, at=on(AFTER)
    )
    honour = check_honour(honour, seen=Seen.SOURCE, words="报", by=cast.checker, at=on(AFTER))
    with pytest.raises(Refused):
        publish_honour(honour, by=cast.coordinator, at=on(AFTER))


def test_reminders_come_at_ninety_and_at_thirty_days(cast: Cast):
    published(cast)
    due = {days: queries.expiring(cast.street, on=END - dt.timedelta(days=days)) for days in (91, 90, 31, 30, 0)}
    assert {days: [term for _version, term in rows] for days, rows in due.items()} == {
        91: [], 90: [90], 31: [90], 30: [30], 0: [30],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE honours_honour SET state = 'withdrawn'", "its steps say published"),
        ("UPDATE honours_honour SET version = 2", "counts version 2"),
        ("UPDATE honours_honour SET published_at = NULL", "its steps say published"),
        ("DELETE FROM honours_badge", "nothing was signed"),
        ("UPDATE honours_badge SET signed = REPLACE(signed, '11315', '11316')", "altered"),
        ("UPDATE honours_badge SET place = place + 1", "another place"),
        ("UPDATE honours_honourstep SET by_id = (SELECT MIN(by_id) FROM honours_honourversion)", "who drafted"),
        ("UPDATE honours_honourstep SET shown_until_on = '2027-01-01' WHERE \"to\" = 'in_publicity'", "before its"),
    ],
)
def test_what_does_not_follow_from_the_steps_is_told(cast: Cast, sql: str, told: str):
    published(cast)
    tamper(sql)
    assert any(told in fault for fault in whole(cast)), whole(cast)
