"""Who reported spreads nowhere: a token stands in every field of member, deed and picture, and is looked for everywhere.

Over a year of reports, looks, cases and rounds. On every page of every role of the office, and of another member, in the
lines of the trail as pages, files and verifiers read them, in messages, exports and the log.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from django.urls import reverse

from hege.attachments import store
from hege.attachments.models import Attachment
from hege.attachments.preparing import prepare
from hege.attachments.rules import Purpose
from hege.cases.models import Case, Report, TimelineLine
from hege.cases.reports.actions import begin_verifying, reject_report, submit_report
from hege.cases.rules import ReportKind, ReportState
from hege.exports.making import write
from hege.exports.rules import Wanted, What
from hege.exports.tables import untold
from hege.installation.trail_export import export_trail
from hege.kernel import clock
from hege.kernel.clock import at_noon
from hege.ledger.models import SourceRow, Transaction
from hege.members.actions import join_with_card, make_card, open_by_card
from hege.members.models import Member
from hege.members.queries import card_of
from hege.members.rules import ConsentKind, MemberWork
from hege.outbox.models import Message
from hege.people.models import Party, Role, User
from hege.places.models import Place, PlaceLevel
from hege.points.queries import entries_of
from hege.privacy.copies import as_csv, as_json
from hege.privacy.queries import held_on
from hege.procedures.actions import keep_programme, open_case, verify_report
from hege.programme.deeds.actions import report_deed
from hege.programme.deeds.models import Deed, Round
from hege.programme.deeds.queries import deeds_of
from hege.programme.deeds.rules import LEAST_MEMBERS
from hege.trail.models import TrailLine
from hege.trail.queries import lines_as_json
from hege.web.bearers import MEMBER
from tests.attachments.files import phone_photo
from tests.cast import Cast, first_broken, tell
from tests.points.conftest import wrong

FIRST = dt.date(2026, 1, 5)  # a Monday
WEEKS = 52
#: What stands in the member's fields; the telephone is told to nobody but the sender of messages.
CALLED, PHONE = "令牌蜂", "13977775555"
NUMBERS = [3, 1, 0, 2, 5]  # members who report in a week, again and again


class Year:
    """A street whose one rider is full of tokens, among five others, and what happens in it week by week."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.street = cast, cast.street
        self.place = Place.objects.create(
            street=cast.street, level=PlaceLevel.STREET, code="s", name="街道", path="s/", from_on=FIRST
        )
        tell(cast.street)
        called = [CALLED, *(f"蜂{n}" for n in range(5))]
        self.riders = [
            join_with_card(
                cast.street, called=name, work=MemberWork.COURIER, phone=PHONE if name == CALLED else "",
                consents={ConsentKind.BOARD: name != CALLED}, by=cast.coordinator, at=at_noon(FIRST),
            )
            for name in called
        ]  # fmt: skip
        self.drawn = random.Random("year")
        self.entries: dict[int, set[int]] = {}

    def week(self, n: int) -> None:
        """Some report, somebody looks, now and then one is found untrue later; then the day's watch is kept on Monday."""
        day = FIRST + dt.timedelta(days=7 * n)
        who = self.drawn.sample(self.riders, NUMBERS[n % len(NUMBERS)])
        for rider in who:
            at = at_noon(day + dt.timedelta(days=1))
            deed = report_deed(rider, text=f"灯不亮 {n}", place=self.place, by=None, at=at)
            by: Any = {"by": self.drawn.choice([self.cast.grid_worker, self.cast.coordinator]), "at": at}
            looked = begin_verifying(deed.report, **by)
            if self.drawn.random() < 0.2:
                reject_report(looked, reason="没有看到", **by)
            else:
                verify_report(looked, finding="属实", **by)
        if n % 6 == 5:
            standing = Deed.objects.filter(
                posted_in__isnull=False, taken_back_in__isnull=True, report__case__isnull=True
            )
            for gone in self.drawn.sample(list(standing.order_by("pk")), min(1, standing.count())):
                Report.objects.filter(pk=gone.report_id).update(state=ReportState.VERIFYING)
        monday = day + dt.timedelta(days=7)
        for _run in range(2):
            keep_programme(self.street, on=monday, by=None, at=at_noon(monday))


@pytest.fixture
def year(cast: Cast) -> Year:
    """The street before the year."""
    return Year(cast)


def named_in(entry: Transaction) -> int:
    owners = {
        m for t in entry.transfers.select_related("debit", "credit") for m in (t.debit.member_id, t.credit.member_id)
    }
    return len(owners - {None})


@pytest.mark.slow
def test_over_a_year_no_posting_names_fewer_than_three_members(year: Year):
    for n in range(WEEKS):
        year.week(n)
    posted = Round.objects.filter(number__isnull=False)
    assert posted.count() > 10
    assert Round.objects.filter(number__isnull=True).exists(), "some weeks waited"
    assert posted.filter(taken_back__gt=0).exists(), "something went back"
    entries = Transaction.objects.filter(kind="earn")
    assert entries.count() == posted.count()
    assert min(named_in(entry) for entry in entries) >= LEAST_MEMBERS
    assert {entry.effective_on.weekday() for entry in entries} == {0}
    verified = Deed.objects.filter(report__state__in=[ReportState.ACCEPTED]).count()
    standing = Deed.objects.filter(posted_in__isnull=False, taken_back_in__isnull=True).count()
    assert 0 < verified - standing <= 6, (
        "what is verified has its points but for the last weeks, and what a cap stopped"
    )
    assert list(wrong(year.street)) == []
    assert first_broken(year.street) is None


@pytest.fixture
def lived(year: Year) -> Year:
    """A few weeks, one report of the rider with a photograph, in a case."""
    data = phone_photo()
    photo = prepare(f"{CALLED}.jpg", len(data), lambda: data, purpose=Purpose.PHOTO)
    at = at_noon(FIRST + dt.timedelta(days=1))
    deed = report_deed(year.riders[0], text="台阶结冰", where="南门", place=year.place, photos=[photo], by=None, at=at)
    by: Any = {"by": year.cast.coordinator, "at": at}
    verify_report(begin_verifying(deed.report, **by), finding="属实", **by)
    deed.report.refresh_from_db()
    open_case(year.street, title="台阶结冰", reports=[deed.report], **by)
    for n in range(1, 7):
        year.week(n)
    assert deeds_of(year.riders[0], most=1)
    return year


def tokens(rider: Member) -> list[str]:
    """Every word by which the rider could be known, and by which their deed could."""
    deed = Deed.objects.filter(member=rider).order_by("pk")[0]
    return [CALLED, PHONE, rider.public_id, deed.public_id]


def pages(year: Year) -> Iterator[str]:
    report, case = Report.objects.order_by("pk")[0], Case.objects.get()
    code = year.street.code
    yield reverse("reports:index", args=(code,))
    yield reverse("reports:index", args=(code,)) + "?show=all"
    yield reverse("reports:detail", args=(code, report.public_id))
    yield reverse("cases:index", args=(code,))
    yield reverse("cases:detail", args=(code, case.public_id))
    yield reverse("points:index", args=(code,))
    yield reverse("today:index", args=(code,))
    yield reverse("trail:index", args=(code,))


def test_no_page_of_the_office_tells_who_it_was_nor_that_it_was_a_member(lived: Year):
    wanted, seen = tokens(lived.riders[0]), 0
    for role in Role:
        browser = Client()
        browser.force_login(lived.cast.of(role))
        for address in pages(lived):
            answer = browser.get(address)
            if answer.status_code != 200:
                continue
            seen += 1
            said = answer.content.decode()
            assert [word for word in wanted if word in said] == [], (role, address)
            if "/reports/" in address or "/cases/" in address:
                assert "成员" not in said.partition("<main")[2], (role, address)
    assert seen > 20


def test_no_page_of_another_member_tells_it(lived: Year):
    other, at = lived.riders[1], at_noon(FIRST)
    card = card_of(other, at=at)
    assert card is not None
    browser = Client()
    browser.cookies[MEMBER] = open_by_card(card, secret="b", by=None, at=at)
    code = lived.street.code
    deed = Deed.objects.filter(member=lived.riders[0])[0]
    for name in ("index", "points", "board", "deeds", "report"):
        answer = browser.get(reverse(f"member:{name}", args=(code,)))
        assert answer.status_code == 200
        assert [word for word in tokens(lived.riders[0]) if word in answer.content.decode()] == []
    assert browser.get(reverse("member:reported", args=(code, deed.public_id))).status_code == 404


def test_no_line_of_the_trail_no_entry_no_message_and_no_file_tells_it(lived: Year):
    wanted = tokens(lived.riders[0])
    lines = [line for _seq, line in lines_as_json(lived.street)]
    joining = {"join_member", "make_card", "open_device"}  # a member's own lines; their telephone and name are in none
    others = [line for line in lines if not any(f'"{verb}"' in line for verb in joining)]
    assert [word for word in (CALLED, PHONE) if any(word in line for line in lines)] == []
    assert [word for word in wanted if any(word in line for line in others)] == []
    rows = [
        *Transaction.objects.values_list("reason", flat=True), *SourceRow.objects.values_list("key", "raw"),
        *TimelineLine.objects.values_list("text", "said"), *Message.objects.values_list(),
        *Attachment.objects.values_list("name", "on_behalf"), *Report.objects.values_list("text", "finding", "reference"),
    ]  # fmt: skip
    told = json.dumps(rows, ensure_ascii=False, cls=DjangoJSONEncoder, default=str)
    assert [word for word in wanted if word in told] == []
    numbers = {report.public_id for report in Report.objects.all()}
    entries = json.dumps([list(e) for e in entries_of(lived.riders[0], most=99)], ensure_ascii=False, default=str)
    assert [number for number in numbers if number in entries] == [], "an entry names the round, never the report"
    of_rounds = TrailLine.objects.filter(verb__in=["earn_points", "post_round", "wait_for_round"])
    assert of_rounds.exists()
    for line in of_rounds:
        assert [number for number in numbers if number in json.dumps(line.data)] == []


def test_no_export_no_copy_and_no_log_tells_it(lived: Year, caplog: pytest.LogCaptureFixture, tmp_path: Path):
    """A report sent from the rider's own phone with a photograph, looked at, found true, posted; then all that goes out."""
    rider, code, weeks = lived.riders[0], lived.street.code, (clock.today() - FIRST).days // 7
    card = make_card(rider, by=lived.cast.coordinator, at=clock.now())
    phone, desk = Client(), Client()
    phone.cookies[MEMBER] = open_by_card(card, secret="c", by=None, at=clock.now())
    desk.force_login(lived.cast.coordinator)
    with caplog.at_level(0):
        photo = SimpleUploadedFile(f"{CALLED}.jpg", phone_photo(size=(64, 48)), "image/jpeg")
        said = {"text": "井盖松了", "place": lived.place.pk, "photos": photo, "seen": "on"}
        assert phone.post(reverse("member:report", args=(code,)), said).status_code == 302
        report = Report.objects.latest("pk")
        by: Any = {"by": lived.cast.coordinator, "at": clock.now()}
        verify_report(begin_verifying(report, **by), finding="属实", **by)
        assert desk.get(reverse("reports:detail", args=(code, report.public_id))).status_code == 200
        lived.week(weeks + 1)
    export_trail(tmp_path, by=None, at=clock.now())
    with (tmp_path / "trail.xlsx").open("wb") as out:
        write(lived.street, Wanted(What.TRAIL, {}), out, untold)
    with (tmp_path / "papers.zip").open("wb") as out:
        write(lived.street, Wanted(What.PAPERS, {"seed": "1"}), out, untold)
    others: list[User | Party | Member] = [*User.objects.all(), *Party.objects.all(), *lived.riders[1:]]
    places = {file.name: everything_in(file.read_bytes()) for file in tmp_path.rglob("*") if file.is_file()}
    places |= {"a log": caplog.text, "a copy": str([f(held_on(who)) for who in others for f in (as_json, as_csv)])}
    deed = Deed.objects.get(report=report)
    assert len(places) > 3
    assert [
        (word, where) for where, told in places.items() for word in (CALLED, PHONE, deed.public_id) if word in told
    ] == []
    assert rider.public_id not in places["a log"] + places["a copy"]


def everything_in(data: bytes) -> str:
    """What a file says, and every file that lies in it."""
    if data[:2] != b"PK":
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return "".join(everything_in(packed.read(name)) for name in packed.namelist())


def test_a_picture_keeps_nothing_of_whose_phone_it_was(lived: Year):
    kept = Attachment.objects.get()
    data = store.read(kept.sha256)
    assert b"Phone of the reporter" not in data
    assert b"GPS" not in data
    assert b"Exif" not in data


def test_a_report_of_a_member_and_one_that_a_clerk_wrote_down_look_alike(lived: Year, client: Client):
    """Its page has the same words whoever it came from, but for its number, its day and what it says."""
    at = at_noon(FIRST + dt.timedelta(days=60))
    one = report_deed(lived.riders[0], text="一样的话", place=lived.place, by=None, at=at).report
    other = submit_report(
        lived.street, kind=ReportKind.PUBLIC, text="一样的话", place=lived.place, by=lived.cast.clerk, at=at
    )
    client.force_login(lived.cast.coordinator)
    pages = []
    for report in (one, other):
        said = client.get(reverse("reports:detail", args=(lived.street.code, report.public_id))).content.decode()
        pages.append(
            said.partition("<main")[2]
            .replace(report.public_id, "#")
            .replace(one.public_id, "#")
            .replace(other.public_id, "#")
        )
    assert strip_keys(pages[0]) == strip_keys(pages[1])


def strip_keys(page: str) -> str:
    """A page without its form keys, which are fresh each time."""
    return re.sub(r'value="[A-Za-z0-9_.\-]{20,}"', "", page)


def test_a_look_at_who_it_was_is_on_the_trail_without_a_name(lived: Year, client: Client):
    report = Report.objects.order_by("pk")[0]
    client.force_login(lived.cast.coordinator)
    ask = reverse("reports:reporter", args=(lived.street.code, report.public_id))
    answer = client.post(ask, {"reason": "要当面谢谢"}, follow=True)
    assert CALLED in answer.content.decode()
    line = TrailLine.objects.get(verb="look_up_reporter")
    assert line.by == lived.cast.coordinator
    assert [word for word in tokens(lived.riders[0]) if word in json.dumps(line.data, ensure_ascii=False)] == []
