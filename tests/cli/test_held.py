"""`hege held` writes what is held on who asks, with a reason on the trail."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from hege.people.models import Party
from hege.trail.models import TrailLine
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def held(*words: str, to: Path, reason: str = "本人持身份证来窗口") -> str:
    out = StringIO()
    call_command("held", *words, "--to", str(to), "--reason", reason, stdout=out)
    return out.getvalue()


def test_a_party_is_found_by_its_name_and_its_copy_written_for_one_account_alone(cast: Cast, tmp_path: Path):
    to = tmp_path / "陈.json"
    assert "已留痕" in held(cast.agent_party.name, to=to)
    assert cast.agent_party.name in json.loads(to.read_text("utf-8"))[0]["rows"][0].values()
    assert to.stat().st_mode & 0o077 == 0
    line = TrailLine.objects.get(verb="hand_copy")
    assert (line.by, line.thing_id, line.data["reason"]) == (None, str(cast.agent_party.pk), "本人持身份证来窗口")


def test_of_parties_with_one_name_the_number_is_asked_for(cast: Cast, tmp_path: Path):
    twin = Party.objects.create(street=cast.street, name=cast.agent_party.name, phone="13812345678")
    with pytest.raises(CommandError, match=twin.public_id):
        held(twin.name, to=tmp_path / "a.csv")
    assert "已留痕" in held(twin.public_id, to=tmp_path / "a.csv")
    assert TrailLine.objects.get(verb="hand_copy").thing_id == str(twin.pk)


def test_who_signs_in_is_found_by_the_name_they_sign_in_with(cast: Cast, tmp_path: Path):
    held("--person", cast.clerk.username, to=tmp_path / "a.csv")
    assert cast.clerk.username in (tmp_path / "a.csv").read_text("utf-8")
    assert TrailLine.objects.get(verb="take_copy").data["reason"] == "本人持身份证来窗口"


def test_nothing_is_written_or_said_on_the_trail_without_a_reason_a_name_or_a_new_file(cast: Cast, tmp_path: Path):
    there = tmp_path / "there.csv"
    there.write_text("mine", "utf-8")
    name, user = cast.agent_party.name, cast.clerk.username
    for words, to, reason, no in (
        ([name], tmp_path / "a.csv", " ", "理由"),
        (["--person", user], tmp_path / "a.csv", " ", "理由"),
        (["nobody"], tmp_path / "a.csv", "问", "没有叫 nobody"),
        (["--person", "nobody"], tmp_path / "a.csv", "问", "没有登录名为 nobody"),
        ([name], tmp_path / "a.pdf", "问", "结尾"),
        ([name], there, "问", "已经有了"),
    ):
        with pytest.raises(CommandError, match=no):
            held(*words, to=to, reason=reason)
    assert [file.name for file in tmp_path.iterdir()] == ["there.csv"]
    assert there.read_text("utf-8") == "mine"
    assert not TrailLine.objects.filter(verb__in=["hand_copy", "take_copy"]).exists()
