"""An idempotency key is used once."""

from __future__ import annotations

import pytest

from hege.kernel.refused import Refused, Stale
from hege.trail.actions import do_once
from hege.trail.models import IdempotencyKey
from tests.cast import NOW


def ask(key="k-1", asked="a", act=lambda: "/done/", by=None):
    return do_once(key, asked=asked, act=act, by=by, at=NOW)


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
    assert IdempotencyKey.objects.count() == 0
    assert ask() == "/done/"
