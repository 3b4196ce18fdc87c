"""What anybody learns of a letter of thanks and of a ceremony: whether it is real, and names of who agreed alone."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from hege.credentials.rules import PublicKey, Verdict, verify
from hege.credentials.status import revoked_in
from hege.kernel import clock
from hege.members.actions import set_consents
from hege.members.rules import ConsentKind
from hege.people.models import Role
from hege.programme.thanks.actions import revoke_thanks
from hege.programme.thanks.models import Thanks, ThanksObjection
from tests.web.office import Office, complaints, words
from tests.web.thanked import LONG_AGO, a_report

pytestmark = pytest.mark.django_db
CO, CLERK, CHECK = Role.COORDINATOR, Role.CLERK, Role.CHECKER


def said(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(f"letters:{name}", args=args))
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"<[^>]+>", " ", words(answer))


def asked(client: Client, address: str) -> Any:
    return json.loads(client.get(urlsplit(address).path).content)


def test_a_badge_is_good_by_the_addresses_it_names_until_the_letter_is_taken_back(office: Office, client: Client):
    letter, by = office.things.letter, office.cast.coordinator
    badge = asked(client, f"/k/{letter.public_id}/badge.json")
    keys = [
        PublicKey(method["id"], method["publicKeyMultibase"], clock.now() - LONG_AGO)
        for method in asked(client, badge["issuer"]["id"])["verificationMethod"]
    ]

    def verdict() -> Verdict:
        listed = asked(client, badge["credentialStatus"]["statusListCredential"])
        return verify(badge, keys, at=clock.now(), revoked=revoked_in(listed))

    assert verdict() is Verdict.GOOD
    assert office.things.rider.called not in json.dumps(badge, ensure_ascii=False)
    revoke_thanks(letter, reason="发给了同名的另一位", by=by, at=clock.now())
    assert verdict() is Verdict.REVOKED
    assert client.get(f"/k/{letter.public_id}/badge.json").status_code == 410
    page = said(client, "letter", letter.public_id)
    assert "已撤回" in page
    assert "发给了同名的另一位" in page


def test_a_name_is_public_only_while_its_owner_agrees(office: Office, client: Client):
    things = office.things
    pages = [
        ("letter", things.letter.public_id),
        ("print", things.letter.public_id),
        ("publicity", things.cast.street.code),
    ]
    assert all(things.rider.called in said(client, *page) for page in pages)
    refused = dict.fromkeys(ConsentKind, False)
    set_consents(things.rider, consents=refused, by=None, at=clock.now())
    for page in pages:
        assert things.rider.called not in said(client, *page)
        assert f"成员 {things.rider.shown_number}" in said(client, *page)


def test_nothing_is_found_before_it_is_shown(office: Office, client: Client):
    things = office.things
    office.done(
        CLERK, "thanks:propose", things.rider.public_id, kind="like", season=things.year["season"].public_id,
        title="谢谢", words="谢谢您", approval_no="",
    )  # fmt: skip
    made = Thanks.objects.latest("pk")
    assert client.get(reverse("letters:letter", args=[made.public_id])).status_code == 404
    looked_at = office.get(CHECK, "thanks:review", made.public_id)
    assert "谢谢您" in looked_at
    assert "经别人查实的事" in looked_at
    office.done(CHECK, "thanks:review", made.public_id, words="")
    assert client.get(reverse("letters:letter", args=[made.public_id])).status_code == 404
    office.done(CO, "thanks:show", made.public_id, days=7)
    assert "还在公示" in said(client, "letter", made.public_id)
    assert "期满才能送达" in office.refused(CO, "thanks:give", made.public_id)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ({"title": "表彰暖冬先锋"}, "请填批准文号"),
        ({"title": "年度 评·选"}, "请填批准文号"),
        ({"title": "表彰先锋", "approval_no": "已批"}, "批准文号要写全"),
        ({"title": "全国先锋", "approval_no": "沪评组〔2025〕7号"}, "不排名"),
        ({"title": "谢谢\u202e您"}, "控制符"),
        ({"words": " "}, "请填写这一项"),
        ({"season": "x"}, "选"),
    ],
)
def test_a_wrong_proposal_comes_back_and_keeps_nothing(office: Office, typed: dict[str, str], word: str):
    things = office.things
    right = {
        "kind": "like",
        "season": things.year["season"].public_id,
        "title": "谢谢",
        "words": "谢谢您",
        "approval_no": "",
    }
    before = Thanks.objects.count()
    answer = office.post(CLERK, "thanks:propose", things.rider.public_id, **right | typed)
    assert answer.status_code == 422
    assert word in "".join(complaints(answer))
    assert Thanks.objects.count() == before


def test_anybody_objects_without_a_name_and_personal_numbers_are_hidden(office: Office, client: Client):
    thanks = office.things.thanks
    answer = client.post(reverse("letters:object", args=[thanks.public_id]), {"words": "不是他 13800001234"})
    assert answer.status_code == 302
    kept = ThanksObjection.objects.latest("pk")
    assert "13800001234" not in kept.words
    page = office.get(CO, "thanks:detail", thanks.public_id)
    assert "不是他" in page
    office.done(CO, "thanks:objection", kept.public_id, decision="not_upheld", words="看过记录")
    assert "看过记录" in office.get(CO, "thanks:detail", thanks.public_id)


def test_a_paper_is_found_by_its_street_and_number(office: Office, client: Client):
    street, letter = office.cast.street, office.things.letter
    find = reverse("letters:find")
    assert (
        client.post(find, {"street": street.pk, "number": f" {letter.number} "}).headers["Location"]
        == f"/k/{letter.public_id}/"
    )
    assert client.post(find, {"street": street.pk, "number": office.things.hours.number}).status_code == 302
    answer = client.post(find, {"street": street.pk, "number": "2020-9999"})
    assert "没有送出过这个编号" in "".join(complaints(answer))
    assert "1 小时 0 分" in said(client, "letter", office.things.hours.public_id)


def test_a_report_names_nobody_but_who_agreed_and_shows_pictures_that_may_be(office: Office, client: Client):
    things, sheet = office.things, office.things.sheet
    code, activity = things.cast.street.code, sheet.activity
    page = said(client, "report", code, activity.public_id)
    assert "坐满了" in page
    assert "主持人" not in page
    picture = reverse("letters:picture", args=[code, activity.public_id, things.kept["ceremonies"]])
    assert client.get(picture).headers["Content-Type"] == "image/jpeg"
    a_report(activity, "", by=things.cast.clerk)  # changed: hidden until another has read it
    assert client.get(picture).status_code == 404
    assert client.get(reverse("letters:report", args=[code, activity.public_id])).status_code == 404


def test_a_run_sheet_is_printed_with_its_speakers_and_what_is_said_of_pictures(office: Office):
    page = office.get(CO, "thanks:print_sheet", office.things.sheet.activity.public_id)
    assert "主持人" in page
    assert "不愿意入镜" in page


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("上午 致敬奋斗", "第 1 行看不懂"),
        ("9:30 致敬\n25:00 点赞", "第 2 行看不懂"),
        ("10:00 致敬\n9:00 点赞", "比上一个环节早"),
        ("9:30 表彰先锋", "请填批准文号"),
        (" \n ", "请填写这一项"),
        ("9:30 点赞\u202e", "控制符"),
    ],
)
def test_a_wrong_part_comes_back_with_its_line(office: Office, typed: str, word: str):
    activity = office.things.sheet.activity
    answer = office.post(CLERK, "thanks:write_sheet", activity.public_id, parts=typed)
    assert answer.status_code == 422
    assert word in "".join(complaints(answer))
    assert "致敬奋斗" in office.get(CO, "thanks:sheet", activity.public_id)
