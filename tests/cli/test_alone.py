"""`hege alone`: a street where nobody could agree goes on without a second person, with the reason on the trail."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from hege.people.models import Street
from hege.trail.models import TrailLine
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_it_is_off_again_with_the_reason_on_the_trail(cast: Cast):
    Street.objects.filter(pk=cast.street.pk).update(second_person=True)
    call_command("alone", street=cast.street.code, reason="另一位调走了")
    assert not Street.objects.get(pk=cast.street.pk).second_person
    line = TrailLine.objects.get(street=cast.street, verb="turn_off_second_person")
    assert (line.by, line.data["reason"]) == (None, "另一位调走了")


def test_where_it_is_off_already_that_is_said(cast: Cast):
    with pytest.raises(CommandError, match="没有启用"):
        call_command("alone", street=cast.street.code, reason="另一位调走了")
