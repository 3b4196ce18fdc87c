"""A member reports from their phone, sees how far it has come, and what both counters hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hege.cases.models import Report
from hege.cases.reports.actions import begin_verifying, verify_report
from hege.cases.rules import ReportKind
from hege.kernel import clock
from hege.members.actions import make_card, open_by_card
from hege.members.models import Member
from hege.places.models import Place, PlaceLevel
from hege.points.actions import Served, add_minutes, earn
from hege.procedures.actions import open_case
from hege.programme.deeds.models import Deed
from hege.programme.deeds.rules import MOST_BYTES
from hege.programme.seasons.models import Season
from hege.web.bearers import MEMBER
from tests.attachments.files import picture
from tests.cast import Cast, tell
from tests.points.conftest import make_riders


class Phone:
    """A rider's phone that is let in."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.rider, *self.others = make_riders(cast, 3)
        card = make_card(self.rider, by=cast.coordinator, at=clock.now())
        self.browser = Client()
        self.browser.cookies[MEMBER] = open_by_card(card, secret="x", by=None, at=clock.now())
        self.place = Place.objects.create(
            street=cast.street, level=PlaceLevel.STREET, code="s", name="街道", path="s/", from_on=dt.date(2025, 1, 1)
        )
        tell(cast.street)

    def get(self, name: str, *ids: object) -> str:
        answer = self.browser.get(self.to(name, *ids))
        assert answer.status_code == 200
        return answer.content.decode()

    def to(self, name: str, *ids: object) -> str:
        return reverse(f"member:{name}", args=(self.cast.street.code, *ids))

    def send(self, **said: Any) -> Any:
        told = {"place": self.place.pk, "text": "门口台阶结冰", "where": "南门"} | said
        return self.browser.post(self.to("report"), told)


@pytest.fixture
def phone(cast: Cast) -> Phone:
    return Phone(cast)


def a_photo(size: tuple[int, int] = (320, 240)) -> SimpleUploadedFile:
    return SimpleUploadedFile("IMG_1.jpg", picture(size=size), "image/jpeg")


def test_a_report_is_sent_and_its_page_says_so(phone: Phone):
    answer = phone.send(photos=a_photo())
    deed = Deed.objects.get()
    assert answer.headers["Location"] == phone.to("reported", deed.public_id)
    assert deed.report.public_id in phone.get("reported", deed.public_id)
    assert (deed.report.kind, deed.report.text) == (ReportKind.PUBLIC, "南门：门口台阶结冰")
    assert "门口台阶结冰" in phone.get("index")


def test_nothing_said_is_told_at_its_field_and_nothing_is_kept(phone: Phone):
    answer = phone.send(text="", where="")
    assert answer.status_code == 422
    assert "请拍一张照片，或者写几个字。" in answer.content.decode()
    assert not Report.objects.exists()


def test_the_same_picture_again_is_told(phone: Phone):
    phone.send(photos=a_photo())
    answer = phone.send(photos=a_photo())
    assert answer.status_code == 422
    assert "已经报过" in answer.content.decode()
    assert Deed.objects.count() == 1


def test_a_picture_of_more_than_eight_megabytes_is_not_looked_at(phone: Phone):
    heavy = SimpleUploadedFile("IMG_2.jpg", picture() + b"\0" * MOST_BYTES, "image/jpeg")
    answer = phone.send(photos=heavy)
    assert answer.status_code == 422
    assert "一张照片最多 8 MB" in answer.content.decode()
    assert not Report.objects.exists()


def test_what_is_near_is_shown_before_anything_is_sent(phone: Phone):
    who: dict[str, Any] = {"by": phone.cast.coordinator, "at": clock.now()}
    phone.send()
    report = Report.objects.get()
    verify_report(begin_verifying(report, **who), finding="属实", **who)
    report.refresh_from_db()
    open_case(phone.cast.street, title="台阶结冰", reports=[report], **who)
    answer = phone.send(text="还是结冰", photos=a_photo())
    assert answer.status_code == 200
    assert "台阶结冰" in answer.content.decode()
    assert "_kept" in answer.content.decode(), "the picture that was taken comes back"
    assert Deed.objects.count() == 1
    assert phone.send(text="还是结冰", seen="1").status_code == 302
    assert Deed.objects.count() == 2


def test_a_browser_that_is_not_let_in_sends_nothing(phone: Phone):
    answer = Client().post(phone.to("report"), {"place": phone.place.pk, "text": "冰", "photos": a_photo()})
    assert answer.headers["Location"].startswith(phone.to("join"))
    assert not Report.objects.exists()


def test_a_report_of_another_member_is_not_there(phone: Phone):
    phone.send()
    deed = Deed.objects.get()
    Deed.objects.filter(pk=deed.pk).update(member=phone.others[0])
    assert phone.browser.get(phone.to("reported", deed.public_id)).status_code == 404
    assert "门口台阶结冰" not in phone.get("deeds")


def test_both_counters_and_where_they_come_from(phone: Phone):
    street, at = phone.cast.street, clock.now()
    riders: list[Member] = [phone.rider, *phone.others]
    earn(street, {m.pk: 10 for m in riders}, key="round 1", words="第 1 轮", by=None, at=at)
    add_minutes(street, [Served(phone.rider.pk, 26 * 60 + 30, "a")], words="健步走", by=None, at=at)
    said = phone.get("points")
    assert "第 1 轮" in said
    assert "健步走" in said
    assert "下一级 50 小时" in phone.get("index")


def test_the_board_has_those_who_agreed_alone(phone: Phone, django_assert_max_num_queries: Any):
    day = clock.today()
    Season.objects.create(
        street=phone.cast.street,
        name="暖冬·感恩季",
        from_on=day - dt.timedelta(days=9),
        until_on=day + dt.timedelta(days=9),
    )
    assert "这一季还没有人上榜" in phone.get("board")
    for rider, given in zip((phone.rider, *phone.others), (True, False, True), strict=True):
        rider.consents.create(street=phone.cast.street, kind="board", given=given, wording="榜", at=clock.now())
    with django_assert_max_num_queries(10):
        said = phone.get("board")
    assert [name in said for name in ("蜂0", "蜂1", "蜂2")] == [True, False, True]
