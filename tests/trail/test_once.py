"""A request key is used once; the trail's chain names whoever touches it."""

from __future__ import annotations

import pytest

from hege.kernel.refused import Refused, Stale
from hege.trail.actions import once, record
from hege.trail.models import RequestKey, TrailLine
from hege.trail.queries import first_broken
from tests.cast import NOW


def ask(key="k-1", asked="a", act=lambda: "/done/", by=None):
    return once(key, asked=asked, act=act, by=by, at=NOW)


def test_a_repeat_gets_the_first_answer_and_does_nothing(db):
    done = []

    def act():
        done.append(1)
        return f"/done/{len(done)}/"

    assert [ask(act=act), ask(act=act), ask("k-2", act=act)] == ["/done/1/", "/done/1/", "/done/2/"]
    assert len(done) == 2


def test_the_same_key_for_another_wish_is_refused(db):
    ask()
    with pytest.raises(Stale):
        ask(asked="b")


def test_the_same_key_from_another_person_is_refused(cast):
    ask(by=cast.coordinator)
    with pytest.raises(Stale):
        ask(by=cast.clerk)


def test_a_refused_act_leaves_its_key_free(db):
    def no():
        raise Refused("不行")

    with pytest.raises(Refused, match="不行"):
        ask(act=no)
    assert ask() == "/done/"


def test_an_act_that_did_nothing_leaves_its_key_free(db):
    assert ask(act=lambda: None) is None
    assert RequestKey.objects.count() == 0
    assert ask() == "/done/"


def test_lines_follow_one_another(street):
    lines = [record("try", street, street=street, by=None, at=NOW, n=n) for n in range(3)]
    assert [line.seq for line in lines] == [1, 2, 3]
    assert [line.previous for line in lines[1:]] == [line.hash for line in lines[:2]]
    assert first_broken(street) is None


def test_each_street_has_a_chain_of_its_own(street, other_street):
    record("try", street, street=street, by=None, at=NOW)
    other = record("try", other_street, street=other_street, by=None, at=NOW)
    assert (other.seq, other.previous) == (1, "")


@pytest.mark.parametrize("value", ["水费", "a\u2028b", 10**17, [1, {"日": None}], True, {"1": {"2": "3"}}])
def test_a_line_reads_back_with_the_hash_it_was_written_with(street, value):
    record("try", street, street=street, by=None, at=NOW, value=value)
    assert first_broken(street) is None


def test_a_line_that_names_a_wrong_hash_is_named(street):
    record("try", street, street=street, by=None, at=NOW)
    forged = TrailLine.objects.get()
    TrailLine(
        street=street, seq=2, at=NOW, verb="forged", thing="x", thing_id="1", previous=forged.hash, hash="0" * 64
    ).save()
    assert first_broken(street) == "trail 310117006: line 2 was changed"


def test_a_cut_tail_does_not_match_the_head(street):
    record("try", street, street=street, by=None, at=NOW)
    head = street.trail_head
    head.seq, head.hash = 2, "0" * 64
    head.save()
    assert "does not match its head" in (first_broken(street) or "")
