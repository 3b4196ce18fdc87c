"""`hege check` tells an office in words what keeps it from working safely."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from hege.installation import queries
from hege.installation.queries import file_of_its_own, findings
from hege.installation.rules import Finding, State
from hege.people.models import Street
from hege.places.models import CalendarDay, DayKind

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NOW = dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' day stands still; the clock of the database's machine would be found days ahead of it."""
    monkeypatch.setattr(queries, "database_clock", lambda: None)


def looked_at() -> dict[str, bool]:
    return {finding.text: finding.ok for finding in findings(at=NOW)}


def test_a_migrated_database_with_all_its_guards_is_fit_for_work():
    assert [finding.text for finding in findings(at=NOW) if finding.state is State.MEND] == []
    assert any(text.startswith("只增不改的表都有保护") for text in looked_at())


@pytest.mark.both
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


@pytest.mark.both
def test_a_key_between_tables_that_somebody_took_off_is_named():
    assert any(text.startswith("各表之间的引用都限于本街道") for text, ok in looked_at().items() if ok)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE arrears_demand DROP CONSTRAINT arrears_demand_notice_id_same_street")
        else:
            cursor.execute("DROP TRIGGER arrears_demand_same_street_insert")
    assert any("没有限于本街道：arrears_demand.notice_id" in text for text, ok in looked_at().items() if not ok)


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_street_whose_notice_of_the_year_is_not_in_is_named(street: Street, confirmed):
    CalendarDay.objects.create(
        street=street, day=dt.date(2027, 2, 6), kind=DayKind.REST, source="test", confirmed=confirmed
    )
    seen = looked_at()
    assert ("2027 年的工作日历已确认" in seen) is confirmed
    assert ("2027 年的放假通知尚未录入：九里亭街道" in seen) is not confirmed


@pytest.mark.parametrize(("https", "told"), [(True, "网页会不停跳转"), (False, "登录锁定会连累大家")])
def test_a_proxy_that_nobody_counted_is_asked_about_in_production(settings, https, told):
    settings.PRODUCTION, settings.PROXIES, settings.HTTPS = True, 0, https
    asked = [finding for finding in findings(at=NOW) if "HEGE_PROXIES" in finding.text]
    assert [finding.state for finding in asked] == [State.NOTE]
    assert told in asked[0].text


def test_proxies_that_are_counted_and_a_trial_are_not_asked_about(settings):
    assert not any("HEGE_PROXIES" in text for text in looked_at())
    settings.PRODUCTION, settings.PROXIES = True, 1
    assert [ok for text, ok in looked_at().items() if "1 层代理" in text] == [True]


def test_the_command_prints_a_line_per_finding():
    out = StringIO()
    call_command("check", stdout=out)
    assert "✓ 数据库结构是最新的\n" in out.getvalue()
    assert "! 这是试用环境\n    正式使用前设 HEGE_ENV=production，再运行 hege check。\n" in out.getvalue()


def test_what_the_command_finds_can_be_read_by_a_program():
    out = StringIO()
    call_command("check", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["fit"] is True
    line = {"code": "migrations", "state": "ok", "text": "数据库结构是最新的", "mend": "", "stops": False}
    assert line in told["findings"]


def test_every_code_comes_once_and_whatever_is_not_well_says_the_mend(settings):
    settings.PRODUCTION, settings.PROXIES, settings.HTTPS = True, 0, True
    found = list(findings(at=NOW))
    assert len({finding.code for finding in found}) == len(found)
    assert [finding.code for finding in found if bool(finding.mend) is finding.ok] == []


def bad(tmp_path: Path, *, mode: int = 0o600) -> list[Finding]:
    """What is wrong with a database file of this mode."""
    file = tmp_path / "hege.sqlite3"
    file.write_bytes(b"x")
    file.chmod(mode)
    return [finding for finding in file_of_its_own(file) if not finding.ok]


def test_a_database_file_of_its_owners_alone_is_fine(tmp_path):
    assert bad(tmp_path) == []


@pytest.mark.parametrize("production", [False, True])
def test_a_database_file_that_others_can_read_is_named_with_the_mend(tmp_path, settings, production):
    settings.PRODUCTION = production
    (found,) = bad(tmp_path, mode=0o644)
    assert f"chmod 600 {tmp_path / 'hege.sqlite3'}" in found.mend
    assert "644" in found.text
    assert (found.state is State.MEND) is production


def test_a_database_file_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path) == tmp_path)
    (found,) = bad(tmp_path)
    assert found.state is State.MEND
    assert "不能写" in found.text
