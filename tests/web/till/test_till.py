"""A shop's phone: it scans or types, sees what a voucher is worth, takes it once, is told why not, and takes back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hege.kernel import clock
from hege.people.models import Street
from hege.vouchers.models import OfflineConflict, Redemption, Reversal, ScanFailure, Till
from hege.vouchers.tills.actions import add_till, end_till
from hege.vouchers.tills.queries import token_of
from hege.web.bearers import OPENING, TILL, TILL_OF
from hege.web.form_key import FIELD
from tests.vouchers.tills import digits, noted, signs
from tests.web.html import Page
from tests.web.office import Office, browser, words

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 11


@pytest.fixture
def phone(office: Office) -> Client:
    client = browser()
    client.cookies[TILL] = office.things.till_token
    return client


def path(office: Office, name: str, *args: object) -> str:
    return reverse(f"till:{name}", args=(office.cast.street.code, *args))


def the_scan(office: Office, code: str = "") -> str:
    voucher = office.things.voucher
    return path(office, "scan", voucher.number, code or signs(voucher, clock.now()))


def fields(answer: Any) -> dict[str, str]:
    """The hidden fields of the form that the page shows first."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.content.decode()))


def test_a_scan_shows_the_worth_one_character_and_one_button_and_takes_once(office: Office, phone: Client):
    before = Redemption.objects.count()
    scanned = the_scan(office)
    page = phone.get(scanned)
    said = words(page)
    assert "热汤面 ZB-NEAR" in said
    assert "顾客不付钱" in said
    assert "结算给您 18.00 元" in said
    tail = office.things.rider.called[-1]
    assert f"称呼的最后一个字是“{tail}”" in said
    assert office.things.rider.called not in said
    assert Redemption.objects.count() == before  # looking takes nothing
    sent = fields(page)
    first, again = (phone.post(scanned, sent) for _ in range(2))
    assert first.status_code == 302
    assert again.headers["Location"] == first.headers["Location"]
    assert Redemption.objects.count() == before + 1
    done = words(phone.get(first.headers["Location"]))
    assert re.search(r"\d\d:\d\d 收下了", done)
    assert "18.00 元，这个月第 2 张" in done
    other = phone.post(scanned, {**sent, FIELD: "another key"})
    assert "别收，已经用过" in words(phone.get(other.headers["Location"]))


def test_the_button_of_another_voucher_or_till_takes_nothing_with_digits(office: Office, phone: Client):
    """Six digits can be tried out: without the page that was shown for them the address leads to the form alone."""
    voucher = office.things.voucher
    address = path(office, "scan", voucher.number, digits(voucher, clock.now()))
    for answer in (phone.get(address), phone.post(address, {"shown": "made up", FIELD: "k"})):
        assert answer.headers["Location"] == path(office, "index")
    assert Redemption.objects.filter(claim=voucher).count() == 0


def test_digits_show_the_voucher_and_its_button_takes_it(office: Office, phone: Client):
    voucher, now = office.things.voucher, clock.now()
    spelled = f"{voucher.number[:4]} {voucher.number[4:]}"
    code = digits(voucher, now)
    page = phone.post(path(office, "index"), {"number": spelled, "code": f"{code[:3]} {code[3:]}", FIELD: "k"})
    assert page.status_code == 200
    assert "收下这张券" in words(page)
    form = Page(page.content.decode()).forms[0]
    taken = phone.post(form.action, {**fields(page)})
    assert "/taken/" in taken.headers["Location"]
    assert Redemption.objects.get(claim=voucher).till == office.things.till


@pytest.mark.parametrize(
    ("number", "code", "mend"), [("307", "482913", "券号是 8 位数字"), ("12345678", "48291", "动态码是 6 位数字")]
)
def test_digits_that_are_none_say_what_is_wanted(office: Office, phone: Client, number: str, code: str, mend: str):
    answer = phone.post(path(office, "index"), {"number": number, "code": code})
    assert answer.status_code == 422
    assert mend in words(answer)
    assert f'value="{number}"' in words(answer)


def test_wrong_digits_are_kept_and_their_page_says_why(office: Office, phone: Client):
    voucher = office.things.voucher
    before = ScanFailure.objects.count()
    code = f"{(int(digits(voucher, clock.now())) + 1) % 10**6:06d}"
    answer = phone.post(path(office, "index"), {"number": voucher.number, "code": code, FIELD: "k"})
    page = phone.get(answer.headers["Location"])
    assert page.status_code == 422
    assert "别收，数字不对" in words(page)
    assert ScanFailure.objects.count() == before + 1


def test_looking_at_a_wrong_scan_writes_nothing_and_the_button_of_its_page_keeps_it_once(office: Office, phone: Client):
    before = ScanFailure.objects.count()
    page = phone.get(path(office, "scan", "00000000", "abcdefg27"))
    assert page.status_code == 422
    assert "不认得这个码" in words(page)
    assert ScanFailure.objects.count() == before
    sent = fields(page)
    for key in ("a", "b"):
        assert phone.post(path(office, "failed"), {**sent, FIELD: key}).headers["Location"] == path(office, "index")
    kept = ScanFailure.objects.latest("pk")
    assert (ScanFailure.objects.count(), kept.fault, kept.number) == (before + 1, "unknown", "00000000")


@pytest.mark.parametrize("said", ["", "made up", "W10:1abc:def"])
def test_what_no_page_of_ours_refused_is_not_kept(office: Office, phone: Client, said: str):
    before = ScanFailure.objects.count()
    assert phone.post(path(office, "failed"), {"failed_scan": said, FIELD: "k"}).status_code == 422
    assert ScanFailure.objects.count() == before


def test_the_till_takes_back_what_it_took_and_not_twice(office: Office, phone: Client):
    made = office.things.redemption
    shown = words(phone.get(path(office, "taken", made.public_id)))
    assert "以前您自己能撤" in shown
    back = path(office, "reverse", made.public_id)
    assert phone.get(back).status_code == 405
    phone.post(back, {FIELD: "k"})
    assert Reversal.objects.get().till == office.things.till
    after = words(phone.get(path(office, "taken", made.public_id)))
    assert "撤销了" in after
    assert "撤销这一张" not in after
    assert phone.post(back, {FIELD: "again"}).status_code == 422
    assert "已撤销" in words(phone.get(path(office, "today")))


def test_the_page_of_today_counts_what_stands(office: Office, phone: Client):
    assert "1 张，18.00 元" in words(phone.get(path(office, "index")))
    phone.post(path(office, "reverse", office.things.redemption.public_id), {FIELD: "k"})
    assert "0 张，0.00 元" in words(phone.get(path(office, "index")))


def test_what_was_noted_offline_is_shown_with_its_decision(office: Office, phone: Client):
    page = words(phone.get(path(office, "index")))
    assert "等街道决定" in page
    assert office.things.conflict.failure.number in page


# -- the queue -----------------------------------------------------------------------------------------------------------


def send(office: Office, phone: Client, scans: list[dict[str, Any]], **more: str) -> tuple[int, Any]:
    ms = str(int(clock.now().timestamp() * 1000))
    answer = phone.post(path(office, "queue"), {"scans": json.dumps(scans), "sent_ms": ms, **more})
    return answer.status_code, answer.json()


def a_scan(office: Office, **changes: Any) -> dict[str, Any]:
    scan = noted(office.things.voucher, nonce="nonce-of-queue", at=clock.now())._asdict()
    return {name: value for name, value in {**scan, **changes}.items() if value is not None}


def test_a_queue_is_answered_scan_by_scan_and_the_same_again(office: Office, phone: Client):
    queue = [a_scan(office), a_scan(office, nonce="nonce-second", number="00000000")]
    said = {"scans": [{"nonce": "nonce-of-queue", "fault": ""}, {"nonce": "nonce-second", "fault": "不认得这个码"}]}
    assert send(office, phone, queue) == (200, said)
    counts = Redemption.objects.count(), OfflineConflict.objects.count()
    assert send(office, phone, queue) == (200, said)
    assert (Redemption.objects.count(), OfflineConflict.objects.count()) == counts


def test_ten_thousand_queued_scans_are_refused_in_words_and_nothing_is_taken(office: Office, phone: Client):
    before = Redemption.objects.count()
    status, said = send(office, phone, [a_scan(office, nonce=f"nonce-{n:06}") for n in range(10_000)])
    assert (status, Redemption.objects.count()) == (422, before)
    assert "一次最多送 200 张，这次有 10000 张" in said["words"]


@pytest.mark.parametrize("more", [{"scans": "["}, {"scans": ""}, {"scans": '[{"nonce": 1}]'}])
def test_what_no_till_sends_is_refused_in_words(office: Office, phone: Client, more: dict[str, str]):
    answer = phone.post(path(office, "queue"), {"sent_ms": "0", **more})
    status, said = answer.status_code, answer.json()
    assert status == 422
    assert "读不懂" in said["words"]


@pytest.mark.parametrize("sent_ms", ["", "x", "9" * 40, "-1"])
def test_a_clock_that_is_no_clock_leaves_the_scan_to_somebody(office: Office, phone: Client, sent_ms: str):
    _status, said = send(office, phone, [a_scan(office)], sent_ms=sent_ms)
    assert said["scans"][0]["fault"] == "本店手机的钟不对"


# -- opening -------------------------------------------------------------------------------------------------------------


def test_a_link_opens_a_till_by_a_button_on_one_phone(office: Office):
    things = office.things
    link = path(office, "open", things.till_link())
    phone, other = browser(), browser()
    page = phone.get(link)
    assert things.shop.name in words(page)
    assert things.new_till().opened_at is None  # a messenger that fetches the link opens nothing
    secret = phone.cookies[OPENING].value
    opened = phone.post(link, {FIELD: "k"})
    assert opened.headers["Location"] == path(office, "index")
    cookie = opened.cookies[TILL]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (f"/t/{office.cast.street.code}/", True, "Lax")
    phone.cookies[OPENING] = secret  # the first answer was lost
    assert phone.post(link, {FIELD: "k"}).cookies[TILL].value == cookie.value
    assert phone.get(path(office, "index")).status_code == 200
    other.get(link)
    gone = other.post(link, {FIELD: "k2"})
    assert (gone.status_code, TILL in gone.cookies) == (410, False)
    assert "已经用过一次" in words(gone)


def test_a_browser_without_cookies_is_told_so_and_the_link_stays_good(office: Office):
    link = path(office, "open", office.things.till_link())
    phone = browser()
    refused = phone.post(link, {FIELD: "k"})
    assert refused.status_code == 422
    assert "不让网页记住您" in words(refused)
    phone.cookies.pop(OPENING, None)
    assert office.things.till_link()


def test_an_ended_till_is_told_how_to_be_opened_again(office: Office, phone: Client):
    end_till(office.things.till, reason="丢了", by=office.cast.clerk, at=clock.now())
    answer = phone.get(path(office, "index"))
    assert answer.status_code == 403
    assert "没有开通收券台" in words(answer)


def test_a_till_of_another_street_is_told_that_the_voucher_is_not_of_its_own(office: Office, other_street: Street):
    phone = browser()
    phone.cookies[TILL_OF] = other_street.code
    said = words(phone.get(the_scan(office)))
    assert "别收，另一个街道的券" in said
    assert f"这是{office.cast.street.name}的券，这台收券台只收{other_street.name}的" in said
    phone.cookies[TILL_OF] = "no street"
    assert "另一个街道的券" not in words(phone.get(the_scan(office)))


def test_another_street_that_is_none_is_not_there(phone: Client):
    assert phone.get("/t/999999999/").status_code == 404


# -- what it costs, what it asks for -------------------------------------------------------------------------------------


def test_only_the_page_of_the_camera_may_ask_for_it(office: Office, phone: Client):
    assert "camera=(self)" in phone.get(path(office, "camera")).headers["Permissions-Policy"]
    for address in (path(office, "index"), the_scan(office)):
        assert "camera=()" in phone.get(address).headers["Permissions-Policy"]
    assert "camera=()" in browser().get(path(office, "camera")).headers["Permissions-Policy"]  # to who has no till


def test_taking_a_voucher_asks_the_database_little(office: Office, phone: Client):
    scanned = the_scan(office)
    sent = fields(phone.get(scanned))
    with CaptureQueriesContext(connection) as asked:
        answer = phone.post(scanned, sent)
    assert "/taken/" in answer.headers["Location"]
    statements = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= MOST_STATEMENTS, statements


def test_a_link_says_nothing_to_whoever_reads_the_log(office: Office):
    made = add_till(office.things.shop, label="外卖口", by=None, at=clock.now())
    assert token_of(made)
    assert Till.objects.get(label="外卖口").token_hash == ""
