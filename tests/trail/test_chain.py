"""The trail's chain names whoever touches it: edited, reordered, back-dated, cut, or written anew with or without a key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db.transaction import atomic
from django.test import override_settings

from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.trail.actions import accept_clock, keep_witness, prove_trail, record
from hege.trail.models import TrailHead, TrailLine, WitnessKind
from hege.trail.queries import walk_chain
from hege.trail.rules import ACCEPT_CLOCK, CHANGE_KEY, Head, Said, heads_in, line_hash
from tests.cast import NOW, Cast, another_seal_key, both_seal_keys, first_broken
from tests.integrity.tampering import tamper

NOON = dt.datetime(2026, 11, 25, 4, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(hours=1)
OTHER_KEYS = {"SEAL_KEY_NAME": "0123456789ab", "SEAL_KEYS": {"0123456789ab": b"another key"}}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def write(street: Street, n: int = 1, at: dt.datetime = NOW, **data: Any) -> list[TrailLine]:
    return [record("try", street, street=street, by=None, at=at, n=i, **data) for i in range(n)]


def broken(street: Street) -> str:
    return first_broken(street) or ""


# -- what is written ---------------------------------------------------------------------------------------------------


def test_lines_follow_one_another(street):
    lines = write(street, 3)
    assert [line.seq for line in lines] == [1, 2, 3]
    assert [line.previous for line in lines[1:]] == [line.hash for line in lines[:2]]
    assert first_broken(street) is None


def test_each_street_has_a_chain_of_its_own(street, other_street):
    write(street)
    assert [(line.seq, line.previous) for line in write(other_street)] == [(1, "")]


@pytest.mark.parametrize("value", ["水费", "a\u2028b", 10**17, [1, {"日": None}], True, {"1": {"2": "3"}}])
def test_a_line_reads_back_with_the_hash_it_was_written_with(street, value):
    write(street, value=value)
    assert first_broken(street) is None


def test_a_line_costs_three_statements(street, django_assert_num_queries):
    write(street)
    with django_assert_num_queries(3):
        write(street)


def test_a_line_names_its_key_and_never_holds_it(street, settings):
    (line,) = write(street)
    assert line.key == settings.SEAL_KEY_NAME
    key = settings.SEAL_KEYS[line.key]
    for column in TrailLine.objects.values_list().get():
        assert key.hex() not in str(column)
        assert settings.SECRET_KEY not in str(column)


# -- instants ----------------------------------------------------------------------------------------------------------


def test_a_line_has_its_own_instant_beside_the_day_its_act_speaks_of(clock, street):
    write(street, at=NOW)
    clock.move_to(LATER)
    write(street, at=NOW - dt.timedelta(days=300))
    assert list(TrailLine.objects.order_by("seq").values_list("at", "recorded_at")) == [
        (NOW, NOON),
        (NOW - dt.timedelta(days=300), LATER),
    ]
    assert first_broken(street) is None


def test_a_clock_a_little_behind_takes_the_instant_of_the_line_before(clock, street):
    write(street)
    clock.move_to(NOON - dt.timedelta(minutes=5))
    assert write(street)[0].recorded_at == NOON


def test_a_clock_more_than_five_minutes_behind_writes_nothing_and_says_so(clock, street):
    write(street)
    clock.move_to(NOON - dt.timedelta(minutes=5, seconds=1))
    with pytest.raises(Refused) as refused, atomic():
        write(street)
    said = str(refused.value)
    assert "2026-11-25 11:54:59" in said
    assert "2026-11-25 12:00:00" in said
    assert "hege clock --accept" in said
    assert TrailLine.objects.count() == 1


def test_after_a_clock_that_ran_ahead_an_administrators_line_goes_on(clock, cast: Cast):
    street = cast.street
    clock.move_to(NOON + dt.timedelta(days=400))
    write(street)
    clock.move_to(LATER)
    accept_clock(street, reason="主板电池没电，时钟跳到了明年", by=cast.administrator, at=LATER)
    write(street)
    lines = TrailLine.objects.filter(street=street).order_by("-seq")
    assert [line.verb for line in lines[:2]] == ["try", ACCEPT_CLOCK]
    assert lines[0].recorded_at == lines[1].recorded_at == LATER
    assert lines[1].data["reason"] == "主板电池没电，时钟跳到了明年"
    assert first_broken(street) is None


def test_only_a_streets_administrator_accepts_a_clock_with_a_reason_and_only_one_that_is_behind(
    clock, cast: Cast, other_cast: Cast
):
    street = cast.street
    write(street)
    with pytest.raises(Refused, match="不用这样办"), atomic():
        accept_clock(street, reason="试试", by=cast.administrator, at=NOON)
    clock.move_to(NOON - dt.timedelta(hours=1))
    for by in (cast.coordinator, other_cast.administrator):
        with pytest.raises(Refused, match="管理员"), atomic():
            accept_clock(street, reason="走快了", by=by, at=NOON)
    with pytest.raises(Refused, match="原因"), atomic():
        accept_clock(street, reason=" ", by=cast.administrator, at=NOON)


# -- keys --------------------------------------------------------------------------------------------------------------


def test_a_line_without_its_key_at_hand_cannot_be_checked_and_is_no_fault(street):
    with another_seal_key():
        write(street, 2)
    with both_seal_keys():
        write(street)
    found = walk_chain(street)
    assert found.faults == []
    assert [str(lost) for lost in found.unchecked] == [
        "2 lines, 1 to 2, cannot be checked: the key 0123456789ab is not at hand"
    ]


def test_a_new_key_is_a_line_of_its_own_and_the_old_one_still_checks(street, settings):
    current, keys = settings.SEAL_KEY_NAME, settings.SEAL_KEYS
    with override_settings(**OTHER_KEYS):
        write(street)
    with override_settings(SEAL_KEYS={**OTHER_KEYS["SEAL_KEYS"], **keys}):  # type: ignore[dict-item]
        write(street)
        assert walk_chain(street).faults == walk_chain(street).unchecked == []
    change = TrailLine.objects.get(seq=2)
    assert (change.verb, change.data) == (CHANGE_KEY, {"from": "0123456789ab", "to": current})


def test_proving_without_a_key_says_so_on_the_trail(street):
    with another_seal_key():
        write(street)
    with both_seal_keys():
        write(street)
    assert prove_trail(street, by=None, at=NOW).unchecked
    assert TrailLine.objects.latest("seq").data["unchecked"] == [["0123456789ab", 1, 1, 1]]


# -- somebody with the database in hand --------------------------------------------------------------------------------


def test_an_edited_line_is_named(street):
    write(street, 3)
    tamper("UPDATE trail_trailline SET verb = 'other' WHERE seq = 2")
    assert broken(street) == "trail 310117006: line 2 was changed"


def test_two_lines_that_changed_places_are_named(street):
    write(street, 3)
    for was, becomes in ((2, 9), (3, 2), (9, 3)):
        tamper("UPDATE trail_trailline SET seq = %s WHERE seq = %s", becomes, was)
    assert "line 2 was changed" in broken(street)


@pytest.mark.parametrize("column", ["at", "recorded_at"])
def test_a_back_dated_line_is_named(street, column):
    write(street, 3)
    tamper(f"UPDATE trail_trailline SET {column} = '2020-01-01 00:00:00+00:00' WHERE seq = 2")
    assert "line 2 was changed" in broken(street)


def test_a_line_that_names_a_wrong_hash_is_named(street):
    (first,) = write(street)
    forge(street, first, hash="0" * 64)
    assert broken(street) == "trail 310117006: line 2 was changed"


def test_a_cut_tail_does_not_match_the_head(street):
    write(street, 2)
    tamper("DELETE FROM trail_trailline WHERE seq = 2")
    assert "does not match its head" in broken(street)


def forge(street: Street, before: TrailLine, **wrong: Any) -> TrailLine:
    """A line as somebody would add it who holds the database; the head with it."""
    line = TrailLine(
        street=street, seq=before.seq + 1, recipe=2, key=before.key, recorded_at=before.recorded_at, at=NOW, verb="forged",
        thing="x", thing_id="1", previous=before.hash,
    )  # fmt: skip
    for name, value in wrong.items():
        setattr(line, name, value)
    line.hash = wrong.get("hash") or line.expected_hash() or "0" * 64
    line.save()
    TrailHead.objects.filter(street=street).update(
        seq=line.seq, hash=line.hash, key=line.key, recorded_at=line.recorded_at
    )
    return line


def said_by(line: TrailLine) -> Said:
    return Said(
        line.recipe, line.key, line.previous, line.street.code, line.seq, line.recorded_at, line.at, "", line.on_behalf,
        line.verb, line.thing, line.thing_id, line.data,
    )  # fmt: skip


def written_anew(street: Street, change: Callable[[Said], Said], key: bytes) -> None:
    """Every line of the chain hashed again after a change, and the head with it."""
    previous = ""
    for line in TrailLine.objects.filter(street=street).order_by("seq"):
        said = change(said_by(line)._replace(previous=previous))
        digest = line_hash(said, key)
        tamper(
            "UPDATE trail_trailline SET verb = %s, recipe = %s, key = %s, recorded_at = %s, previous = %s, hash = %s "
            "WHERE id = %s", said.verb, said.recipe, said.key, said.recorded_at, previous, digest, line.pk,
        )  # fmt: skip
        previous = digest
        tamper("UPDATE trail_trailhead SET hash = %s, key = %s, recorded_at = %s", digest, said.key, said.recorded_at)


def another_verb(said: Said) -> Said:
    return said._replace(verb="forged") if said.seq == 1 else said


def test_a_chain_written_anew_without_the_key_is_named(street):
    write(street, 3)
    written_anew(street, another_verb, b"a guess")
    assert "line 1 was changed" in broken(street)


def test_a_chain_written_anew_by_the_recipe_without_key_is_named(street):
    write(street, 3)
    written_anew(street, lambda said: another_verb(said)._replace(recipe=1, key="", recorded_at=None), b"")
    assert "its last line 3 has no key" in broken(street)


def test_a_line_without_key_after_one_that_has_one_is_named(street):
    (first,) = write(street)
    forge(street, first, recipe=1, key="", recorded_at=None)
    assert "line 2 is out of order: it has no key" in broken(street)


def test_a_keyed_line_after_lines_without_key_is_named_unless_it_is_the_change(street):
    TrailHead.objects.create(street=street)
    forge(street, TrailLine(seq=0, hash=""), recipe=1, key="", recorded_at=None)
    write(street)
    assert "line 2 is out of order: it has another key" in broken(street)


def test_a_line_dated_before_the_one_it_follows_is_named_even_with_the_key(clock, street):
    (first,) = write(street)
    forge(street, first, recorded_at=NOON - dt.timedelta(seconds=1))
    assert "line 2 is out of order: it is dated before" in broken(street)


def test_another_key_that_no_line_announces_is_named(street):
    (first,) = write(street)
    with override_settings(**OTHER_KEYS):
        forge(street, first, key="0123456789ab")
        assert "it has another key" in broken(street)


def witness(street: Street) -> None:
    """What a backup keeps of the chain."""
    head = TrailHead.objects.get(street=street)
    note = {"note": "monday.hege", "by": None, "at": NOW}
    keep_witness(street, WitnessKind.BACKUP, seq=head.seq, digest=head.hash, **note)  # type: ignore[arg-type]


# -- witnesses ---------------------------------------------------------------------------------------------------------


def cut(street: Street, last: int) -> None:
    """The end of the chain taken off with the head adjusted: what is left is whole in itself."""
    tamper("DELETE FROM trail_trailline WHERE seq > %s", last)
    line = TrailLine.objects.get(street=street, seq=last)
    TrailHead.objects.filter(street=street).update(seq=last, hash=line.hash, key=line.key, recorded_at=line.recorded_at)


def test_a_cut_chain_is_whole_in_itself_and_named_by_the_backup_that_saw_more(street):
    write(street, 3)
    witness(street)
    assert first_broken(street) is None
    cut(street, 2)
    assert "backup monday.hege of 2026-11-23 saw line 3, and the chain ends at line 2" in broken(street)


def test_with_the_kept_witnesses_cut_too_a_printed_one_names_it(street):
    printed = write(street, 3)[-1]
    witness(street)
    cut(street, 2)
    tamper("DELETE FROM trail_witness")
    assert first_broken(street) is None
    (head,) = heads_in(f"310117006 3 {printed.hash} 2026-11-25T12:00:00+08:00 ab", "print")
    assert "print saw line 3" in walk_chain(street, [head]).faults[0]


def test_a_chain_written_anew_with_the_key_itself_is_named_by_a_witness(street, settings):
    write(street, 3)
    witness(street)
    written_anew(street, another_verb, settings.SEAL_KEYS[settings.SEAL_KEY_NAME])
    assert broken(street) == (
        "trail 310117006: backup monday.hege of 2026-11-23 saw another line 3: the chain was written anew"
    )


def test_a_witness_of_another_street_is_not_heard(street):
    write(street)
    assert walk_chain(street, [Head(1, "f" * 64, "print", "310118107")]).faults == []
    assert walk_chain(street, [Head(1, "f" * 64, "print")]).faults != []


HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "head"),
    [
        (f"310117006 482 {HASH} 2026-11-25T12:00:00+08:00 ab12cd34ef56", (482, HASH, "310117006")),
        (f"签发时留痕到第 57 行 {HASH}", (57, HASH, "")),
        (f"第57行，{HASH[:16]}", (57, HASH[:16], "")),
        (f"> 310117006  9  {HASH}\n", (9, HASH, "310117006")),
    ],
)
def test_a_printed_head_is_read_as_it_was_printed(text, head):
    assert [(h.seq, h.hash, h.street) for h in heads_in(text, "print")] == [head]


def test_a_witness_that_says_nothing_is_refused(street):
    with pytest.raises(Refused, match="照抄 hege head"):
        heads_in("一切正常", "mail.txt")
