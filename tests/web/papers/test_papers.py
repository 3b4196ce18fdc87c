"""A paper is looked at, issued as it was seen, printed as it was frozen, and checked by anybody who holds it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from hege.billing.chart import TransactionKind
from hege.integrity.queries import faults
from hege.papers.models import Paper
from hege.papers.proof import paper_faults
from hege.papers.rules import digest_of, faults_of
from hege.people.models import Role
from tests.web.office import Office, complaints, words

pytestmark = pytest.mark.django_db
CO, GRID, AUDIT = Role.COORDINATOR, Role.GRID_WORKER, Role.AUDITOR
PERIOD = {"from_on": "2026-01-01", "last_on": "2026-03-31"}


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def digest_on(page: str) -> str:
    found = re.search(r'name="digest" value="(\w{64})"', page)
    assert found
    return found[1]


def looked_at(office: Office, name: str, *args: object, **query: str) -> dict[str, str]:
    """What the form of a preview sends along."""
    page = office.get(CO, f"papers:{name}", *args, **query)
    return {**query, "digest": digest_on(page)}


def test_a_statement_is_seen_issued_and_printed_as_it_was_frozen(office: Office):
    point = office.things.row.point
    seen = looked_at(office, "meter_statement", point.code, **PERIOD)
    office.done(CO, "papers:meter_statement", point.code, **seen)
    made = Paper.objects.latest("pk")
    office.things.row.pay(TransactionKind.REMITTANCE, 100, on=dt.date(2026, 3, 5))
    page = text(office.get(CO, "papers:paper", made.public_id))
    assert made.number in page
    for fen in ("900.00", "60.00", "840.00"):  # billed, paid, left
        assert fen in page
    assert "预览" not in page
    assert list(faults(office.cast.street)) == []


def test_figures_that_changed_are_shown_anew_and_nothing_is_issued(office: Office):
    point, before = office.things.row.point, Paper.objects.count()
    seen = looked_at(office, "meter_statement", point.code, **PERIOD)
    office.things.row.pay(TransactionKind.REMITTANCE, 100, on=dt.date(2026, 3, 5))
    answer = office.post(CO, "papers:meter_statement", point.code, **seen)
    assert answer.status_code == 409
    assert "数字在您预览后变了" in "".join(complaints(answer))
    assert "839.00" in text(words(answer))
    assert Paper.objects.count() == before
    anew = {**PERIOD, "digest": digest_on(words(answer))}
    office.done(CO, "papers:meter_statement", point.code, **anew)
    assert Paper.objects.count() == before + 1


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ({"last_on": "2025-12-31"}, "早于开始日期"),
        ({"last_on": "2999-01-01"}, "不能晚于今天"),
        ({"from_on": "2020-01-01"}, "最多 36 个月"),
        ({"from_on": "2月31日"}, "没有这一天"),
    ],
)
def test_a_period_that_cannot_be_stated_says_why_and_offers_no_button(office: Office, typed: dict[str, str], word: str):
    answer = office.client(CO).get(
        office.path("papers:meter_statement", office.things.row.point.code), {**PERIOD, **typed}
    )
    assert word in text(words(answer))
    assert 'name="digest"' not in words(answer)


def test_a_shop_gets_its_own_statement(office: Office):
    things = office.things
    page = text(office.get(GRID, "papers:shop_statement", things.row.point.code, things.row.units[1].code, **PERIOD))
    assert things.row.units[1].name in page
    for fen in ("300.00", "0.00"):
        assert fen in page
    assert things.row.units[0].name not in page


def test_void_is_said_on_the_paper_and_in_public(office: Office, client: Client):
    made = office.things.paper
    office.done(CO, "papers:void", made.public_id, reason="抬头写错")
    page = text(office.get(AUDIT, "papers:paper", made.public_id))
    assert "已作废" in page
    assert "抬头写错" in page
    public = text(words(client.get(reverse("paper_check:check", args=[made.check_code]))))
    assert "已作废，不再有效" in public
    assert "抬头写错" not in public
    assert "已经作废" in office.refused(CO, "papers:void", made.public_id, reason="再来")


def test_whoever_holds_a_paper_is_told_what_it_says_and_of_nobody(office: Office, client: Client):
    made, things = office.things.paper, office.things
    find = reverse("paper_check:find")
    copied = f"{made.check_code[:4]}-{made.check_code[4:8]} {made.check_code[8:].lower()}"
    assert client.post(find, {"code": copied}).headers["Location"] == f"/p/{made.check_code}/"
    page = text(words(client.get(f"/p/{made.check_code}/")))
    for told in (made.number, "840.00", "总表水费对账单", made.digest[:8], office.cast.street.name):
        assert told in page
    named = [things.row.agent.name, *(u.name for u in things.row.units), *(u.code for u in things.row.units)]
    assert [name for name in [*named, things.row.point.name, office.cast.coordinator.full_name] if name in page] == []
    answer = client.post(find, {"code": "0000-0000-0000"})
    assert answer.status_code == 422
    assert "没有这个查验码" in "".join(complaints(answer))
    assert client.get("/p/000000000000/").status_code == 404


def test_the_list_is_found_by_kind_and_words(office: Office):
    made = office.things.paper
    assert made.number in office.get(CO, "papers:index")
    assert made.number in office.get(CO, "papers:index", kind="meter_statement", q=office.things.row.point.code)
    assert made.number not in office.get(CO, "papers:index", kind="shop_statement")
    assert "没有符合条件的" in office.get(CO, "papers:index", q="没有这个")


def test_a_changed_figure_of_a_kept_paper_is_found(office: Office):
    made = office.things.paper
    said = {**made.content, "closing_fen": made.content["closing_fen"] + 1}
    assert digest_of(made.street.code, made.kind, said) != made.digest
    assert faults_of(made.kind, said, made.total_fen) != []
    assert list(paper_faults(made.street)) == []


def test_the_public_notice_is_looked_at_and_printed_without_a_name(office: Office):
    things, point = office.things, office.things.row.point
    days = {"from_on": "2026-03-01", "last_on": "2026-03-28"}
    office.done(CO, "papers:public_notice", point.code, **looked_at(office, "public_notice", point.code, **days))
    page = office.get(CO, "papers:paper", Paper.objects.latest("pk").public_id)
    sheet = text(page[page.index('<article class="pp') : page.index("</article>")])
    for fen in ("840.00", "312.34", "900.00"):  # left, taken in, billed
        assert fen in sheet
    names = [things.row.agent.name, *(u.name for u in things.row.units), *(u.code for u in things.row.units)]
    names += [t.party.name for t in things.row.tenancies if t.party]
    conditions = [c.text for c in things.deferral.conditions.all()]
    assert [name for name in names + conditions if name and name in sheet] == []
    assert f"{things.deferral.last_day.day}日" in sheet


def test_letters_are_offered_where_their_act_is_open_and_refused_in_words_elsewhere(office: Office):
    things, notice = office.things, office.things.notice
    page = office.get(CO, "cutoffs:detail", notice.public_id)
    assert office.path("papers:deferral_letter", notice.public_id) in page
    assert office.path("papers:cutoff_notice", notice.public_id) not in page
    office.done(
        CO, "papers:deferral_letter", notice.public_id, **looked_at(office, "deferral_letter", notice.public_id)
    )
    made = Paper.objects.latest("pk")
    assert made.number in office.get(CO, "cutoffs:detail", notice.public_id)
    sheet = text(office.get(CO, "papers:paper", made.public_id))
    assert all(c.text in sheet for c in things.deferral.conditions.all())
    for name, key, word in (
        ("cutoff_notice", notice.public_id, "正在暂缓停水"),
        ("demand_letter", things.row.point.code, "不用再催缴"),
        ("invitation", things.conference.public_id, "召开之前"),
    ):
        page = office.get(CO, f"papers:{name}", key)
        assert word in page
        assert 'name="digest"' not in page
    assert office.status(GRID, "papers:deferral_letter", notice.public_id) == 403
