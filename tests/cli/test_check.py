"""`hege check` tells an office in words what keeps it from working safely."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from hege.cli.checks import findings
from hege.places.models import CalendarDay, DayKind

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 23)


def looked_at() -> dict[str, bool]:
    return {finding.text: finding.ok for finding in findings(today=TODAY)}


def test_a_migrated_database_with_all_its_guards_is_fit_for_work():
    assert [finding.text for finding in findings(today=TODAY) if finding.fatal and not finding.ok] == []
    assert any(text.startswith("只增不改的表都有保护") for text in looked_at())


def test_a_guard_that_somebody_took_off_is_named_and_fails_the_check():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE trail_trailline DISABLE TRIGGER ALL")
        else:
            cursor.execute("DROP TRIGGER trail_trailline_append_only_update")
            cursor.execute("DROP TRIGGER trail_trailline_append_only_delete")
    assert any("缺少保护" in text and "trail_trailline" in text for text, ok in looked_at().items() if not ok)
    with pytest.raises(CommandError):
        call_command("check", stdout=StringIO())


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_year_whose_holidays_are_guessed_is_said_to_be_so(confirmed):
    CalendarDay.objects.filter(day__year=2027).delete()
    CalendarDay.objects.create(day=dt.date(2027, 2, 6), kind=DayKind.REST, source="test", confirmed=confirmed)
    seen = looked_at()
    assert ("2027 年的工作日历已确认" in seen) is confirmed
    told = "2027 年的工作日历有 1 天尚未确认，请管理员在“参数与日历”页按放假安排核对、确认"
    assert (told in seen) is not confirmed


@pytest.mark.parametrize(("https", "told"), [(True, "网页会不停跳转"), (False, "登录锁定会连累大家")])
def test_a_proxy_that_nobody_counted_is_asked_about_in_production(settings, https, told):
    settings.PRODUCTION, settings.PROXIES, settings.HTTPS = True, 0, https
    asked = [finding for finding in findings(today=TODAY) if "HEGE_PROXIES" in finding.text]
    assert [(finding.ok, finding.fatal) for finding in asked] == [(False, False)]
    assert told in asked[0].text


def test_proxies_that_are_counted_and_a_trial_are_not_asked_about(settings):
    assert not any("HEGE_PROXIES" in text for text in looked_at())
    settings.PRODUCTION, settings.PROXIES = True, 1
    assert [ok for text, ok in looked_at().items() if "1 层代理" in text] == [True]


def test_the_command_prints_a_line_per_finding():
    out = StringIO()
    call_command("check", stdout=out)
    assert "✓ 数据库结构是最新的" in out.getvalue()
