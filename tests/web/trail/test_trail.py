"""操作留痕: who did what, found again; and a chain that shows when somebody touched it."""

from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path

import pytest
import time_machine

from hege.kernel import clock
from hege.people.models import Membership, Role
from hege.privacy.trail_words import THINGS, VERBS
from hege.trail.actions import record
from hege.trail.models import TrailHead, TrailLine
from hege.trail.queries import last_proof
from tests.cast import another_seal_key, both_seal_keys
from tests.web.office import Office, in_days, words

pytestmark = pytest.mark.django_db
AUDIT, ADMIN, CO = Role.AUDITOR, Role.ADMINISTRATOR, Role.COORDINATOR
HEGE = Path(__file__).resolve().parents[3] / "hege"


def test_the_newest_line_and_the_end_of_the_chain_stand_on_top(office: Office):
    for _line in range(10):
        record("look", office.things.case, street=office.cast.street, by=None, at=clock.now())
    page = office.get(AUDIT, "trail:index")
    head = TrailHead.objects.get(street=office.cast.street)
    assert head.hash in page
    assert page.index(f">{head.seq}</a>") < page.index(f">{head.seq - 1}</a>")
    assert page.count("看这行") == 50
    pages = re.search(r"第 1 页，共 (\d+) 页", page)
    assert pages
    assert int(pages[1]) == -(-head.seq // 50)


def test_filters_live_in_the_address(office: Office):
    by = office.get(AUDIT, "trail:index", who=office.cast.mediator.username)
    assert "调解记录" in by
    assert "装表</b>" not in by
    signed = office.get(AUDIT, "trail:index", verb="sign_minutes")
    assert signed.count("看这行") == 1
    file = office.things.file
    about = office.get(AUDIT, "trail:index", thing="mediation.mediationfile", thing_id=file.pk)
    assert "告知权利义务</b>" in about
    assert "<b>签发纪要" not in about


def test_a_day_is_a_shanghai_day(office: Office):
    made = TrailLine.objects.filter(street=office.cast.street).latest("seq")
    assert f">{made.seq}</a>" in office.get(AUDIT, "trail:index", day=clock.day_of(made.at).isoformat())
    assert "没有符合条件的" in office.get(AUDIT, "trail:index", day=in_days(3).isoformat())


def test_a_filter_nobody_can_read_says_so(office: Office):
    assert "请写一个日期" in office.get(AUDIT, "trail:index", day="上周")


def test_one_line_can_be_read_in_full_with_its_fingerprint(office: Office):
    line = TrailLine.objects.get(street=office.cast.street, verb="open_file")
    page = office.get(AUDIT, "trail:line", line.seq)
    assert line.hash in page
    assert line.previous in page
    assert f'"file": "{office.things.file.number}"' in page
    assert "校验码与内容相符" in page


def test_a_line_that_is_not_there_is_not_there(office: Office):
    assert office.status(AUDIT, "trail:line", 999_999) == 404


def test_the_whole_chain_is_proven_on_demand_and_the_finding_kept(office: Office):
    assert "还没有人从头核对过" in office.get(AUDIT, "trail:index")
    lines = TrailHead.objects.get(street=office.cast.street).seq
    office.done(AUDIT, "trail:prove")
    proof = last_proof(office.cast.street)
    assert proof is not None
    assert (proof.by, proof.data["lines"], proof.data["broken"]) == (office.cast.auditor, lines, None)
    assert f"{lines} 行一行不少、一字未改" in office.get(ADMIN, "trail:index")


def test_a_broken_chain_is_told_with_the_line(office: Office):
    TrailHead.objects.filter(street=office.cast.street).update(hash="0" * 64)
    office.done(AUDIT, "trail:prove")
    page = office.get(AUDIT, "trail:index")
    assert "its end does not match its head" in page


def test_a_look_does_not_go_through_the_whole_chain(office: Office, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        office.get(AUDIT, "trail:index")


def test_lines_whose_key_is_missing_are_told_apart_from_changed_ones(office: Office):
    with another_seal_key():
        line = record("look", office.things.case, street=office.cast.street, by=None, at=clock.now())
    with both_seal_keys():
        record("look", office.things.case, street=office.cast.street, by=None, at=clock.now())
    page = office.get(AUDIT, "trail:line", line.seq)
    assert "这一行的校验码要用密钥 0123456789ab 核对，这里没有这把密钥，核对不了。" in page
    assert "有人改过" not in page
    office.done(AUDIT, "trail:prove")
    page = office.get(AUDIT, "trail:index")
    assert "没有发现改动，但有些行缺密钥" in page
    assert "一行不少" not in page


def test_a_clock_far_behind_the_trail_does_nothing_and_says_so_on_every_page(office: Office):
    lines = TrailLine.objects.filter(street=office.cast.street).count()
    with time_machine.travel(clock.now() - dt.timedelta(hours=1)):
        proven = office.post(AUDIT, "trail:prove")
        refused = office.status(AUDIT, "people:new", method="post")
    assert proven.status_code == 422
    assert "请先把时钟校准" in words(proven)
    assert refused == 403
    assert TrailLine.objects.filter(street=office.cast.street).count() == lines


@pytest.mark.parametrize("role", [role for role in Role if role not in (AUDIT, ADMIN)])
def test_the_trail_does_not_exist_for_others(office: Office, role: Role):
    assert office.status(role, "trail:index") == 404
    assert office.status(role, "trail:prove", method="post") == 404


def test_who_sees_a_part_of_the_street_does_not_see_its_trail_in_part(office: Office):
    Membership.objects.filter(user=office.cast.auditor).update(path=office.things.place.path)
    assert office.status(AUDIT, "trail:index") == 403
    assert office.status(AUDIT, "trail:line", 1) == 403
    assert office.status(AUDIT, "trail:prove", method="post") == 403


def test_every_verb_that_is_recorded_has_a_word():
    tellers = re.compile(r"(\.|^)(record|tell|_tell\w*|_move|_settle_report|_end|_clear|_note)$")
    said = {
        str(argument.value)
        for path in HEGE.rglob("actions.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and tellers.search(ast.unparse(node.func))
        for argument in node.args[:3]
        if isinstance(argument, ast.Constant) and re.fullmatch(r"[a-z]+(_[a-z]+)*", str(argument.value))
    }
    assert len(said) > 40
    assert sorted(said - set(VERBS)) == []


def test_every_thing_on_the_trail_of_a_busy_street_has_a_word(office: Office):
    office.things.asked(office.cast.administrator)
    there = set(TrailLine.objects.filter(street=office.cast.street).values_list("thing", flat=True))
    assert sorted(there - set(THINGS)) == []
