"""What an action writes collects by itself, and the line of the trail that comes last carries it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db.transaction import atomic, set_rollback

from hege.arrears.models import Threshold
from hege.arrears.rules import ThresholdKind
from hege.kernel import written
from hege.kernel.mutability import Immutable
from hege.people.models import Party, Street, User
from hege.trail import actions as trail
from hege.trail import queries
from hege.trail.actions import take_up_rows
from hege.trail.queries import sealed_faults, standing_faults
from hege.trail.rules import in_short
from tests.cast import NOW
from tests.integrity.tampering import tamper

pytestmark = pytest.mark.django_db


def line(street: Street, **data: Any) -> dict[str, Any]:
    """A line on a street's trail; answers what it carries."""
    told: dict[str, Any] = trail.record("test", street, street=street, by=None, at=NOW, **data).data
    return told


def party(street: Street, name: str) -> Party:
    return Party.objects.create(street=street, kind="person", name=name)


def faults(street: Street) -> list[str]:
    checks = [*sealed_faults(street), *standing_faults(street)]
    return [fault for _table, found in checks for fault in found]


@pytest.fixture
def quiet(street: Street) -> Street:
    """A street of which everything is told."""
    line(street)
    assert faults(street) == []
    return street


def test_a_line_carries_how_the_rows_stand_that_were_written_before_it_and_the_next_one_does_not(quiet: Street):
    made = party(quiet, "甲")
    told = line(quiet)["stands"]["people.party"]
    assert told["ids"] == [[made.pk, made.pk]]
    assert len(told["each"]) == 16
    assert "stands" not in line(quiet)


def test_an_action_that_writes_through_a_filter_is_followed(quiet: Street):
    first, second = party(quiet, "甲"), party(quiet, "乙")
    line(quiet)
    assert Party.objects.filter(street=quiet, pk__in=[first.pk, second.pk]).update(phone="1") == 2
    assert line(quiet)["stands"]["people.party"]["ids"] == [[first.pk, second.pk]]
    Party.objects.bulk_update([first], ["name"])
    assert line(quiet)["stands"]["people.party"]["ids"] == [[first.pk, first.pk]]
    assert faults(quiet) == []


def test_a_filter_that_finds_nothing_writes_nothing(quiet: Street):
    assert Party.objects.filter(street=quiet, name="无此人").update(phone="1") == 0
    assert written.pending() == {}


def test_a_row_that_is_only_half_saved_is_read_again_whole(quiet: Street):
    made = party(quiet, "甲")
    line(quiet)
    stale = Party.objects.get(pk=made.pk)
    Party.objects.filter(pk=made.pk).update(name="乙")
    stale.phone = "1"
    stale.save(update_fields=["phone"])
    line(quiet)
    assert faults(quiet) == []


def test_what_was_written_and_never_told_is_named(quiet: Street):
    made = party(quiet, "甲")
    assert faults(quiet) == [f"people.party {made.pk}: no line of the trail speaks of it"]
    line(quiet)
    Party.objects.filter(pk=made.pk).update(phone="1")
    assert len(faults(quiet)) == 1


def test_a_savepoint_taken_back_takes_its_rows_along(quiet: Street):
    kept = party(quiet, "甲")
    with atomic():
        party(quiet, "乙")
        set_rollback(True)
    assert line(quiet)["stands"]["people.party"]["ids"] == [[kept.pk, kept.pk]]


def test_a_line_taken_back_leaves_what_came_before_it_to_the_next(quiet: Street):
    kept = party(quiet, "甲")
    with atomic():
        line(quiet)
        set_rollback(True)
    assert line(quiet)["stands"]["people.party"]["ids"] == [[kept.pk, kept.pk]]


def test_rows_of_another_street_wait_for_a_line_of_that_street(quiet: Street, other_street: Street):
    made = party(other_street, "甲")
    assert "people.party" not in line(quiet).get("stands", {})
    assert [made.pk, made.pk] in line(other_street)["stands"]["people.party"]["ids"]


def test_a_user_is_followed_by_the_lines_of_every_street(quiet: Street, other_street: Street):
    user = User.objects.create_user("hand")
    line(quiet)
    user.set_password("x")
    user.save(update_fields=["password"])
    line(other_street)
    assert faults(quiet) == []


def test_a_sign_in_writes_nothing_that_is_followed(quiet: Street):
    user = User.objects.create_user("hand")
    line(quiet)
    user.last_login = NOW
    user.save(update_fields=["last_login"])
    assert written.pending() == {}
    assert faults(quiet) == []


def test_a_row_that_is_followed_is_never_deleted(quiet: Street):
    made = party(quiet, "甲")
    with pytest.raises(Immutable):
        made.delete()
    with pytest.raises(Immutable):
        Party.objects.filter(pk=made.pk).delete()


def test_the_mark_of_a_row_cannot_be_guessed_from_what_it_says(quiet: Street, settings: Any):
    made = party(quiet, "甲")
    with atomic():
        mark = line(quiet)["stands"]["people.party"]["each"]
        set_rollback(True)
    settings.SEAL_KEYS = {settings.SEAL_KEY_NAME: b"another"}
    assert written.pending()[Party][made.pk] is not None
    assert line(quiet)["stands"]["people.party"]["each"] != mark


def test_a_seal_whose_key_is_lost_is_not_called_broken(quiet: Street, settings: Any):
    party(quiet, "甲")
    line(quiet)
    settings.SEAL_KEYS = {}
    assert faults(quiet) == []


def test_rows_of_an_earlier_release_are_taken_up_once(quiet: Street):
    row = Threshold(street=quiet, kind=ThresholdKind.HELD_DAYS, value=3)
    row.save_base(raw=True, force_insert=True)  # as a release did that followed no row
    assert faults(quiet) == [f"arrears.threshold {row.pk}: no line of the trail speaks of it"]
    assert take_up_rows(quiet) == {"arrears.threshold": 1}
    line(quiet)
    assert faults(quiet) == []
    assert take_up_rows(quiet) == {}


def test_people_are_shown_how_many_rows_a_line_covers_and_no_digest(quiet: Street):
    party(quiet, "甲")
    party(quiet, "乙")
    assert in_short(line(quiet, name="丙")) == {"name": "丙", "rows_sealed": 2}


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_ends_with_rows_untold_says_so_in_the_log(street: Street, caplog: pytest.LogCaptureFixture):
    caplog.clear()
    with caplog.at_level(logging.ERROR, "hege.written"):
        with atomic():
            party(street, "甲")
            line(street)
        assert caplog.records == []
        with atomic():
            party(street, "乙")
    assert "people.Party" in caplog.text


@pytest.mark.parametrize("short", [0, 2_000])
def test_a_row_that_was_changed_is_named_whether_a_trail_is_read_at_once_or_for_each_table(
    quiet: Street, short: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queries, "SHORT", short)
    made = party(quiet, "甲")
    seq = trail.record("test", quiet, street=quiet, by=None, at=NOW).seq
    tamper("UPDATE people_party SET phone = '2' WHERE id = %s", made.pk)
    assert faults(quiet) == [f"people.party {made.pk}: does not stand as line {seq} of the trail left it"]


def test_a_line_that_somebody_wrote_over_hides_no_row_of_another_table(quiet: Street):
    made = party(quiet, "甲")
    seq = trail.record("test", quiet, street=quiet, by=None, at=NOW).seq
    tamper("UPDATE people_party SET phone = '2' WHERE id = %s", made.pk)
    line(quiet)
    for over in ("[]", '{"stands": []}'):
        tamper("UPDATE trail_trailline SET data = %s WHERE seq = %s", over, seq + 1)
        assert faults(quiet) == [f"people.party {made.pk}: does not stand as line {seq} of the trail left it"]
