"""The State Council's notice, read from its text and entered as a year."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from pathlib import Path

import chinese_calendar
import pytest
from django.core.management import call_command

from hege.kernel.calendar import DAY, is_weekday, statutory_days
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.places.actions import take_notice
from hege.places.models import CalendarDay
from hege.places.notice import read_notice
from hege.places.queries import unconfirmed_years, workday_calendar
from tests.cast import NOW
from tests.places.notices import NOTICE_2026, NOTICE_2027

D = dt.date


def test_the_published_notice_is_read_day_by_day():
    named = {row.day: row.works for row in read_notice(NOTICE_2026, 2026)}
    days = [D(2026, 1, 1) + n * DAY for n in range(365)]
    assert [named.get(day, is_weekday(day)) for day in days] == [chinese_calendar.is_workday(day) for day in days]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("放假通知见附件。", "没有读到放假安排"),
        (NOTICE_2026, "请核对是不是 2027 年的通知"),  # the weekdays betray another year
        (NOTICE_2027.replace("共7天", "共8天", 1), "数出来是 7 天"),
        (
            NOTICE_2027.replace("五、端午节：6月9日（周三）放假1天，不调休。", ""),
            "法定节假日 2027-06-09 不在放假的日子里",
        ),
        (NOTICE_2027.replace("2月20日（周六）上班", "2月22日（周一）上班"), "2027-02-22 不像 2027 年通知里的日子"),
        (NOTICE_2027.replace("6月9日", "6月31日"), "不是一个日子"),
        (NOTICE_2027.replace("至11日（农历正月初六、周四）", "至4日"), "起止不对"),
    ],
)
def test_what_cannot_be_the_notice_of_the_year_is_refused_in_words(text: str, said: str):
    with pytest.raises(Refused, match=said):
        read_notice(text, 2027)


def test_a_notice_makes_its_year_certain_and_reaches_into_the_december_before(street: Street):
    assert not workday_calendar(street).is_certain(D(2027, 1, 4))
    take_notice(street, year=2027, text=NOTICE_2027, source="国办发明电〔2026〕8号", by=None, at=NOW)
    calendar = workday_calendar(street)
    assert unconfirmed_years(street, [D(2026, 12, 31), D(2027, 1, 4)]) == []
    assert [calendar(day) for day in (D(2026, 12, 31), D(2027, 1, 4), D(2027, 2, 9), D(2027, 2, 20))] == [
        False, True, False, True,
    ]  # fmt: skip
    assert calendar.is_certain(D(2027, 1, 4))


def test_a_notice_entered_again_changes_nothing_and_leaves_what_the_office_marked(street: Street):
    CalendarDay.objects.create(street=street, day=D(2027, 3, 3), kind="rest", source="区里")
    for _twice in range(2):
        take_notice(street, year=2027, text=NOTICE_2027, source="放假通知", by=None, at=NOW)
    assert not workday_calendar(street)(D(2027, 3, 3))
    assert set(statutory_days(2027)) <= set(CalendarDay.objects.filter(street=street).values_list("day", flat=True))


def test_the_command_reads_a_file_and_may_only_look(street: Street, tmp_path: Path):
    file, out = tmp_path / "通知.txt", StringIO()
    file.write_text(NOTICE_2027, encoding="utf-8")
    call_command("calendar", str(file), "--year", "2027", "--source", "放假通知", "--dry-run", stdout=out)
    assert "2027-02-20 调休上班 春节" in out.getvalue()
    assert unconfirmed_years(street, [D(2027, 1, 1)]) == [2027]
    call_command("calendar", str(file), "--year", "2027", "--source", "放假通知", stdout=out)
    assert "2027 年已经确认" in out.getvalue()
    assert unconfirmed_years(street, [D(2027, 1, 1)]) == []
