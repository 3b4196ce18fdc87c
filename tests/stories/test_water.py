"""The newspaper's case plays to the last fen on both databases."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import call_command

from hege.arrears.queries import who_holds_the_money
from hege.billing.queries import confirmed_payments_of, graded, sample_of
from hege.city.actions import export_parquet
from hege.integrity.queries import faults
from hege.kernel.clock import at_noon
from hege.people.models import Street
from hege.places.models import Place
from hege.programme.alliance.models import GateFact, StreetMap
from hege.stories.crisis import Crisis
from hege.stories.demo import HUAXIN, play_demo
from hege.stories.drawings import dial
from hege.stories.water import Water
from hege.stories.water_files import DEBT_FEN
from tests.city.reading import unlike

pytestmark = pytest.mark.slow
PAGE_DAY = dt.date(2025, 11, 21)


@pytest.mark.django_db
def test_the_story_ends_with_every_fen_arrived_and_the_books_proven(tmp_path: Path):
    story = Water(PAGE_DAY)
    story.until_the_worst_day()
    worst = story.money(PAGE_DAY)
    story.to_the_end()
    assert worst.payable == DEBT_FEN
    assert worst.held > DEBT_FEN * 8 // 10
    end = story.money(story.steps[-1].on)
    assert (end.payable, end.owed, end.held, end.unshared, end.passed_over) == (0, 0, 0, 0, 0)
    assert list(faults(story.stage.street)) == []
    assert who_holds_the_money(story.point, on=PAGE_DAY).confirmed != worst  # what was learnt later is known now
    first, last = story.steps[0].figures, story.steps[8].figures
    assert first["acknowledged"] == first["held"] == 0
    assert last["held"] > last["payable"] * 8 // 10
    export_parquet([story.stage.street], tmp_path / "out", by=None, at=at_noon(story.steps[-1].on))
    assert unlike(tmp_path / "out", (step.on for step in story.steps[::3])) == []


@pytest.mark.django_db
@pytest.mark.once
@pytest.mark.parametrize("worst", [dt.date(2026, 2, 28), dt.date(2026, 10, 4)])
def test_the_worst_day_may_be_any_day_so_that_the_demo_always_plays(worst):
    crisis = Crisis(worst)
    crisis.until_the_worst_day()
    assert crisis.money(worst).payable == DEBT_FEN


@pytest.mark.django_db
def test_the_demo_has_three_streets_with_clean_books_and_is_left_alone_the_second_time(capsys):
    play_demo(dt.date(2026, 11, 23), tell=lambda _step: None)
    call_command("demo")
    assert "coordinator" in capsys.readouterr().out
    assert [s.name for s in Street.objects.order_by("code")] == ["九里亭街道", "华新镇", "白鹤镇"]
    assert [fault for street in Street.objects.all() for fault in faults(street)] == []
    outlined = Place.objects.filter(street__code=HUAXIN, polygon__isnull=False)
    assert (outlined.count(), GateFact.objects.filter(place__in=outlined).count()) == (5, 5)
    assert StreetMap.objects.filter(street__code=HUAXIN).count() == 1
    payments = confirmed_payments_of(Street.objects.get(code="310117006"))
    assert graded(payments).seen * 10 > graded(payments).payments
    assert any(payment.is_seen for payment in sample_of(payments, seed="2026-11-23", size=20))


def test_a_picture_of_the_sample_street_is_the_same_at_each_drawing():
    assert dial("ZB-0317", 42_345_670) == dial("ZB-0317", 42_345_670)
