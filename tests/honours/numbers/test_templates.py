"""Patterns an office writes itself: letters, digits and named parts; nothing that could hang a page."""

from __future__ import annotations

import time

import pytest

from hege.honours.numbers.templates import Template
from hege.kernel.refused import Refused


def test_a_template_reads_its_parts_from_left_to_right():
    match = Template("Ab-{kind:A}{year:99}/{no:X9+}号").match("AB-C25/Z0017号")
    assert match.parts == (("kind", "C"), ("year", "25"), ("no", "Z0017"))
    assert match.leaves_at == 0


@pytest.mark.parametrize(
    ("number", "leaves_at"), [("AB-C25/Z", 9), ("AB-C2X/Z1号", 6), ("AB-C25/Z1", 10), ("AB-C25/Z1号.", 11), ("", 1)]
)
def test_a_template_says_where_a_number_leaves_it(number, leaves_at):
    assert Template("AB-{kind:A}{year:99}/{no:X9+}号").match(number).leaves_at == leaves_at


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("", "至少要有一个部分"), ("沪评字", "至少要有一个部分"), ("{a:9", "每个部分写成"), ("{:9}", "每个部分写成"), ("{a}", "每个部分写成"),
        ("{a:9}{a:9}", "各不相同"), ("a}{b:9}", "成对"), ("{a:(x+)+}", "只用 9"), ("{a:+}", "只用 9"),
        ("{a:9+}{b:9}", "后面要接"), ("{a:X+}B", "后面要接"), ("{a:9}" + "x" * 100, "最长 100"),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_read_once_from_left_to_right_is_refused_with_the_mend(text, mend):
    with pytest.raises(Refused, match=mend) as refused:
        Template(text)
    assert refused.value.field == "template"


def test_a_template_of_many_repeating_parts_takes_a_time_that_grows_with_the_number_alone():
    template = Template("-".join(f"{{p{at}:X+}}" for at in range(10)))
    begun = time.process_time()
    template.match("A-" * 500_000)
    assert time.process_time() - begun < 5
