"""A member's vouchers: claimed by a form, shown with a code the house takes, refused in words, printed, never by looking."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.points.actions import earn
from hege.vouchers.actions import claim_voucher, close_batch, draft_batch
from hege.vouchers.models import Batch, Claim, PaperCode, Redemption
from hege.vouchers.moving import moving_code, scanned_code, steps_off
from hege.vouchers.sealing import paper_code, unsealed
from hege.web.form_key import FIELD
from tests.cast import Cast, tell
from tests.points.conftest import make_riders
from tests.vouchers.conftest import Counter
from tests.vouchers.samples import a_member, a_shop, local
from tests.web.html import Page
from tests.web.vouchers.conftest import NOW, SOUP, here, phone_of, said

pytestmark = pytest.mark.django_db
SetClock = Callable[[dt.datetime], None]


def claim(phone: Client, counter: Counter, batch: Batch | None = None, key: str = "k") -> Any:
    return phone.post(here(counter, f"claim/{(batch or counter.batch).public_id}/"), {FIELD: key * 26})


def statements(asked: CaptureQueriesContext) -> list[str]:
    """Those that do something."""
    return [q["sql"] for q in asked if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]


def mine(counter: Counter) -> Claim:
    return Claim.objects.get(member=counter.member)


def test_a_voucher_is_claimed_by_its_button_once_though_it_is_pressed_twice(
    phone: Client, counter: Counter, set_clock: SetClock
):
    listed = phone.get(here(counter))
    assert "1 种能领" in said(listed)
    form = next(f for f in Page(said(listed)).forms if "/claim/" in f.action)
    sent = {name: values[0] for name, values in form.values.items()}
    first, again = (phone.post(form.action, sent) for _ in range(2))
    assert first.status_code == again.status_code == 302
    number = mine(counter).number
    onward = first.headers["Location"]
    assert onward == again.headers["Location"] == f"{here(counter)}?new={number}#v{number}"
    for _looked in range(2):
        assert "领到了：热汤面一碗" in said(phone.get(onward))
    assert "1 张能用" in said(phone.get(here(counter)))
    assert "领到了" not in said(phone.get(here(counter)))
    assert "领到了" not in said(phone.get(f"{here(counter)}?new=00000000"))
    set_clock(NOW + dt.timedelta(minutes=11))
    assert "领到了" not in said(phone.get(onward))


def test_looking_claims_nothing(phone: Client, counter: Counter):
    assert phone.get(here(counter, f"claim/{counter.batch.public_id}/")).status_code == 405
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("changes", "at", "reason"),
    [
        ({"stock": 1, "claimed": 1}, NOW, "领完了，一共 1 张"),
        ({}, local(2035, 11, 22, 9, 59, 59), "还没开始：2035-11-22 10:00 起可以领"),
        ({}, SOUP.claim_until_at, "领取已经在 2035-12-20 18:00 截止了"),
        ({"budget_fen": 1200, "committed_fen": 1200}, NOW, "预算已经用完"),
        ({"point_price": 30}, NOW, "积分不够：要 30 分，现有 0 分"),
    ],
)
def test_a_refusal_is_words_of_a_mend_and_leaves_nothing(
    phone: Client, counter: Counter, set_clock: SetClock, changes: dict[str, int], at: dt.datetime, reason: str
):
    Batch.objects.filter(pk=counter.batch.pk).update(**changes)
    set_clock(at)
    answer = claim(phone, counter)
    assert (answer.status_code, Claim.objects.count()) == (422, 0)
    assert reason in said(answer)
    assert "看看还能领什么" in said(answer)
    listed = said(phone.get(here(counter)))
    assert (reason in listed) == (at < SOUP.claim_until_at)  # what is over is no longer listed


def test_who_has_one_is_told_so(phone: Client, counter: Counter):
    claim(phone, counter)
    assert "您已经领过 1 张" in said(claim(phone, counter, key="l"))
    assert "您已经领过 1 张" in said(phone.get(here(counter)))


def test_a_batch_of_another_street_or_a_draft_is_not_there_to_claim(phone: Client, counter: Counter, other_cast: Cast):
    draft = draft_batch(
        counter.cast.street, terms=SOUP, merchants=[counter.shop], payer=counter.cast.office, by=None, at=NOW
    )
    assert "还没有批准" in said(claim(phone, counter, draft))
    theirs = draft_batch(
        other_cast.street,
        terms=SOUP,
        merchants=[a_shop(other_cast.street, other_cast.agent_party)],
        payer=other_cast.office,
        by=None,
        at=NOW,
    )
    assert claim(phone, counter, theirs, "m").status_code == 404


def test_what_is_shown_is_what_the_house_takes(phone: Client, counter: Counter):
    claim(phone, counter)
    shown = said(phone.get(here(counter, f"{mine(counter).public_id}/")))
    secret = unsealed(mine(counter).secret, street=counter.cast.street.pk, number=mine(counter).number)
    assert secret is not None
    digits = moving_code(secret, NOW)
    assert f"{digits[:3]} {digits[3:]}" in shown
    assert steps_off(secret, digits, at=NOW) == steps_off(secret, scanned_code(secret, NOW), at=NOW) == 0
    assert f'data-secret="{secret}"' in shown
    assert f'data-now="{int(NOW.timestamp() * 1000)}"' in shown
    assert f"/t/{counter.cast.street.code}/s/{mine(counter).number}/" in shown
    assert "12:00:30" in shown  # good until
    assert "别关这一页" in shown


def test_the_code_names_the_address_of_the_site_by_whichever_its_page_was_opened(
    phone: Client, counter: Counter, settings: Any
):
    claim(phone, counter)
    settings.SITE = "https://hege.example.cn"
    shown = said(phone.get(here(counter, f"{mine(counter).public_id}/"), headers={"host": "testserver"}))
    assert f'data-address="https://hege.example.cn/t/{counter.cast.street.code}/s/{mine(counter).number}/"' in shown


def test_without_a_script_each_opening_shows_the_present_code(phone: Client, counter: Counter, set_clock: SetClock):
    claim(phone, counter)
    address = here(counter, f"{mine(counter).public_id}/")
    codes = []
    for seconds in (0, 29, 30, 60):
        set_clock(NOW + dt.timedelta(seconds=seconds))
        found = re.search(r'id="code">(\d{3} \d{3})<', said(phone.get(address)))
        assert found
        codes.append(found[1])
    assert codes[0] == codes[1]
    assert len({*codes}) == 3
    assert "换一个新码" in said(phone.get(address))


@pytest.mark.parametrize(
    ("at", "words"), [(local(2035, 12, 31, 23, 59), 'id="code"'), (local(2036, 1, 1, 0, 0), "1月1日 已过期")]
)
def test_the_last_minute_of_a_voucher(
    phone: Client, counter: Counter, set_clock: SetClock, at: dt.datetime, words: str
):
    claim(phone, counter)
    set_clock(at)
    shown = said(phone.get(here(counter, f"{mine(counter).public_id}/")))
    assert words in shown
    assert ("data-secret" in shown) == ("code" in words)


def test_one_that_is_not_to_be_used_yet_gives_no_code(phone: Client, counter: Counter):
    batch = counter.another(title="腊八粥", use_from_on=dt.date(2035, 12, 1))
    claimed = claim_voucher(batch, member=counter.member, by=None, at=NOW)
    shown = said(phone.get(here(counter, f"{claimed.public_id}/")))
    assert "12月1日 起能用" in shown
    assert "data-secret" not in shown


def test_one_of_a_closed_batch_says_when_and_why(phone: Client, counter: Counter):
    claim(phone, counter)
    close_batch(counter.batch, reason="面馆歇业", by=counter.cast.coordinator, at=NOW)
    shown = said(phone.get(here(counter, f"{mine(counter).public_id}/")))
    assert "11月22日 已作废" in shown
    assert "面馆歇业" in shown
    assert "data-secret" not in shown
    listed = said(phone.get(here(counter)))
    assert "现在没有" in listed
    assert "已作废" in listed


def test_one_that_was_used_says_when_and_where_and_gives_no_code(phone: Client, counter: Counter):
    claim(phone, counter)
    Redemption.objects.create(
        street=counter.cast.street,
        claim=mine(counter),
        merchant=counter.shop,
        nonce="n",
        owed_fen=1200,
        used_at=NOW,
        at=NOW,
    )
    tell(counter.cast.street)
    shown = said(phone.get(here(counter, f"{mine(counter).public_id}/")))
    assert "12:00 已用" in shown
    assert "11月22日" in shown
    assert counter.shop.name in shown
    assert "data-secret" not in shown
    assert "不是我用的" in shown
    listed = said(phone.get(here(counter)))
    assert "已用" in listed
    assert "1 张能用" not in listed
    assert phone.post(here(counter, f"{mine(counter).public_id}/paper/"), {FIELD: "a" * 26}).status_code == 422


def test_paper_is_printed_by_a_button_and_again_the_first_is_void(phone: Client, counter: Counter):
    claim(phone, counter)
    address = here(counter, f"{mine(counter).public_id}/paper/")
    assert 'class="vo-paper"' not in said(phone.get(address))
    for n, key in enumerate("ab", 1):
        assert phone.post(address, {FIELD: key * 26}).status_code == 302
        assert (PaperCode.objects.count(), PaperCode.objects.filter(ended_at__isnull=True).count()) == (n, 1)
    code = paper_code(PaperCode.objects.get(ended_at__isnull=True).pk)
    shown = said(phone.get(address))
    assert f"{code[:5]} {code[5:]}" in shown
    assert "再印一张，这张作废" in shown


def test_what_is_over_is_not_printed(phone: Client, counter: Counter, set_clock: SetClock):
    claim(phone, counter)
    address = here(counter, f"{mine(counter).public_id}/paper/")
    set_clock(local(2036, 1, 1, 0, 0))
    assert "已过期" in said(phone.post(address, {FIELD: "a" * 26}))
    assert not PaperCode.objects.exists()


def test_nobody_sees_anothers_voucher(counter: Counter):
    other = a_member(counter.cast.street, 428, "晚班的蜂")
    claimed = claim_voucher(counter.batch, member=other, by=None, at=NOW)
    phone = phone_of(counter.member, counter)
    for rest in ("", "paper/"):
        assert phone.get(here(counter, f"{claimed.public_id}/{rest}")).status_code == 404
    assert claimed.number not in said(phone.get(here(counter)))


def test_the_own_page_shows_the_first_few(phone: Client, counter: Counter):
    for n in range(4):
        claim_voucher(counter.another(title=f"面 {n}"), member=counter.member, by=None, at=NOW)
    shown = said(phone.get(f"/m/{counter.cast.street.code}/"))
    assert "我有什么券？" in shown
    assert "3 张以上能用" in shown
    assert "面 2" in shown
    assert "面 3" not in shown


def test_claims_and_pages_take_few_statements(phone: Client, counter: Counter):
    """A claim no more than 11, its refusal fewer, one for points 26; pages the same for one voucher as for ten."""
    with CaptureQueriesContext(connection) as asked:
        claim(phone, counter)
    assert len(sent := statements(asked)) <= 11, sent
    riders = [counter.member, *make_riders(counter.cast, 2)]
    earn(counter.cast.street, {member.pk: 10 for member in riders}, key="1", by=None, at=NOW)
    priced = counter.another(title="换的面", point_price=6)
    with CaptureQueriesContext(connection) as paid:
        answer = claim(phone, counter, priced, key="y")
    assert answer.status_code == 302
    assert len(sent := statements(paid)) <= 26, sent
    with CaptureQueriesContext(connection) as refused:
        claim(phone, counter, key="z")
    assert len(refused) < len(asked)
    counts = []
    for _ in range(2):
        for n in range(5):
            claim_voucher(counter.another(title=f"面 {n}"), member=counter.member, by=None, at=NOW)
        with CaptureQueriesContext(connection) as looked:
            answer = phone.get(here(counter))
        counts.append(len(looked))
    assert counts[0] == counts[1] <= 8
    assert len(answer.content) < 50_000
