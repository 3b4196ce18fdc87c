"""Wrong input at a till: each fault is told with its fact and its mend where it is scanned, and kept once where it is sent."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import reverse

from hege.vouchers.actions import close_batch, withdraw_claim
from hege.vouchers.models import Batch, Claim, OfflineConflict, Redemption, ScanFailure
from hege.vouchers.tills.actions import add_till, open_till
from hege.web.bearers import TILL
from hege.web.form_key import FIELD
from tests.cast import tell
from tests.vouchers.conftest import Counter
from tests.vouchers.samples import a_shop, local
from tests.vouchers.tills import a_claim, an_open_till, noted, signs, take
from tests.web.office import browser, words
from tests.web.vouchers.conftest import NOW, counter, set_clock  # noqa: F401

pytestmark = pytest.mark.django_db
SetClock = Callable[[dt.datetime], None]
MINUTE = dt.timedelta(minutes=1)
#: A Tuesday, while soup is eaten.
LUNCH = local(2035, 12, 18, 12, 5)


@pytest.fixture
def phone(counter: Counter) -> Client:  # noqa: F811
    """The shop's phone, its till open."""
    link = add_till(counter.shop, label="前台", by=None, at=NOW)
    client = browser()
    client.cookies[TILL] = open_till(link, secret="this phone", by=None, at=NOW)
    return client


def used(c: Counter, claim: Claim) -> Claim:
    """Another till took it at 12:03."""
    at = local(2035, 12, 18, 12, 3)
    take(an_open_till(c.shop, "后厨", at=NOW), claim, at=at)
    return claim


def elsewhere(c: Counter, _claim: Claim) -> Claim:
    """One of a batch that another shop takes."""
    cinema = a_shop(c.cast.street, c.cast.office, "3 号影城")
    tell(c.cast.street)
    return a_claim(replace(c, shop=cinema).another(title="电影票"), at=LUNCH)


def stopped(c: Counter, claim: Claim) -> Claim:
    close_batch(Batch.objects.get(pk=c.batch.pk), reason="钱用完了", by=c.cast.coordinator, at=LUNCH - MINUTE)
    return claim


def withdrawn(c: Counter, claim: Claim) -> Claim:
    withdraw_claim(claim, reason="领错了", by=c.cast.coordinator, at=LUNCH - MINUTE)
    return claim


def of_later(c: Counter, _claim: Claim) -> Claim:
    return a_claim(c.another(title="腊八粥", use_from_on=dt.date(2035, 12, 28)), at=LUNCH)


def itself(_c: Counter, claim: Claim) -> Claim:
    return claim


class Fault(NamedTuple):
    """What is done to a voucher, when it is scanned, from when its code is, what the shop reads."""

    made: Callable[[Counter, Claim], Claim]
    said: tuple[str, ...]
    at: dt.datetime = LUNCH
    code_at: dt.datetime | None = None


FAULTS = {
    "code too old": Fault(itself, ("码过期了", "这组数字是 12:03 的", "等新的数字出来"), code_at=LUNCH - 2 * MINUTE),
    "phone's clock off": Fault(
        itself, ("顾客手机的钟不对", "快了约 4 分钟", "把手机时间改成“自动”"), code_at=LUNCH + 4 * MINUTE
    ),
    "used": Fault(used, ("别收，已经用过", "12月18日 12:03 在本店用过")),
    "wrong shop": Fault(elsewhere, ("别收，不是您家的券", "这张只在 3 号影城 用", "这张要去 3 号影城 用")),
    "wrong hour": Fault(
        itself, ("别收，现在不到时候", "今天周二", "12月18日 17:00 以后再来就能用"), at=local(2035, 12, 18, 15)
    ),
    "not yet": Fault(of_later, ("别收，还没到能用的日子", "12月28日 10:00 起能用")),
    "over": Fault(itself, ("别收，券过期了", "到 12月31日为止", "找街道问新的"), at=local(2036, 1, 1, 12)),
    "stopped": Fault(stopped, ("别收，这批券停用了", "12:04 停的：钱用完了", "不是顾客的错")),
    "withdrawn": Fault(withdrawn, ("别收，这张券收回了", "12月18日 12:04 街道收回的")),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_where_it_is_scanned_and_kept_once_where_it_is_sent(
    counter: Counter,  # noqa: F811
    phone: Client,
    set_clock: SetClock,  # noqa: F811
    fault: Fault,
):
    claim = fault.made(counter, a_claim(counter.batch, at=LUNCH))
    set_clock(fault.at)
    code = signs(claim, fault.code_at or fault.at)
    address = reverse("till:scan", args=(counter.cast.street.code, claim.number, code))
    taken = Redemption.objects.count()
    looked = phone.get(address)
    assert (looked.status_code, ScanFailure.objects.count()) == (422, 0)
    sent = phone.post(address, {FIELD: "k" * 26})
    kept = phone.get(sent.headers["Location"])
    assert (kept.status_code, ScanFailure.objects.count(), Redemption.objects.count()) == (422, 1, taken)
    for page in map(words, (looked, kept)):
        assert [said for said in fault.said if said not in page] == []


def test_one_number_with_two_contents_is_told_scan_by_scan_and_left_to_somebody(
    counter: Counter,  # noqa: F811
    phone: Client,
    set_clock: SetClock,  # noqa: F811
):
    first, second = (noted(a_claim(counter.batch, at=LUNCH), nonce="the-same-01", at=LUNCH) for _ in range(2))
    set_clock(LUNCH + MINUTE)
    for scan, fault in ((first, ""), (second, "同一编号两种内容"), (second, "同一编号两种内容"), (first, "")):
        assert queue(counter, phone, [scan._asdict()]) == [{"nonce": "the-same-01", "fault": fault}]
    assert (Redemption.objects.count(), OfflineConflict.objects.count()) == (1, 1)
    assert "同一编号两种内容" in words(phone.get(reverse("till:index", args=(counter.cast.street.code,))))


def queue(c: Counter, phone: Client, scans: list[dict[str, Any]]) -> Any:
    """What the till is told of each scan that it noted without a network."""
    said = {"scans": json.dumps(scans), "sent_ms": str(int((LUNCH + MINUTE).timestamp() * 1000))}
    return phone.post(reverse("till:queue", args=(c.cast.street.code,)), said).json()["scans"]
