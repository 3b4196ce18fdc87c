"""`hege honours check`: one number for people, or one line of JSON for each number."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError


def honours(*arguments: str) -> str:
    out = io.StringIO()
    call_command("honours", "check", *arguments, stdout=out)
    return out.getvalue()


def test_a_number_is_answered_as_json():
    answer = json.loads(honours("ｌｂ—１５—25070907976a", "--json"))
    assert list(answer) == ["number", "read_as", "kind", "verdict", "reason", "parts", "proves"]
    assert answer["number"] == "ｌｂ—１５—25070907976a"
    assert (answer["read_as"], answer["kind"], answer["verdict"]) == ("LB-15-25070907976A", "green_food", "fits")
    assert answer["parts"]["category"] == {"text": "15", "means": "分类：蔬菜", "verdict": "fits"}
    assert answer["proves"] == "little"


def test_a_day_and_a_kind_may_be_said():
    assert json.loads(honours("LB-15-25070907976A", "--on", "2025-06-30", "--json"))["reason"] == "in_the_future"
    assert json.loads(honours("749750217", "--kind", "uscc", "--json"))["reason"] == "another_kind"
    with pytest.raises(CommandError):
        honours("749750217", "--kind", "other")


def test_each_line_of_standard_input_gets_a_line_of_json(monkeypatch):
    lines = io.TextIOWrapper(io.BytesIO(b"749750217\r\n\nE3101186\n" + b"\xff\xfe\nLB-15-25130907976A"))
    monkeypatch.setattr("sys.stdin", lines)
    answers = [json.loads(line) for line in honours("-").splitlines()]
    assert [answer["verdict"] for answer in answers] == ["fits", "cannot_judge", "fits", "cannot_judge", "does_not_fit"]


def test_people_read_what_decided_and_how_much_it_proves():
    said = honours("74975 0271")
    assert "对不上" in said
    assert "应当是 6，这里是 1" in said
    assert "很多：" in said
    assert "不等于没有证书" in said
