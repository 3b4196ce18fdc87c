"""People's own words on English pages are marked as Chinese; what holds no tags, and what says so itself, is left."""

from __future__ import annotations

import pytest
from django.utils.translation import override
from jinja2 import Environment

from hege.web.own_words import Drawn, marked

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("page", "becomes"),
    [
        ("<b>1 号铺 面馆</b>", '<b><bdi>1 <bdi lang="zh">号铺 面馆</bdi></bdi></b>'),
        ("<b>面馆</b>", '<b><bdi lang="zh">面馆</bdi></b>'),
        (
            "<p>“水务公司” said: 先缴 3 万元。 On time.</p>",
            '<p><bdi>“<bdi lang="zh">水务公司</bdi>” said: <bdi lang="zh">先缴 3 万元。</bdi> On time.</bdi></p>',
        ),
        ('<div lang="zh"><div>函</div>水费</div><i>茶</i>', '<div lang="zh"><div>函</div>水费</div><i><bdi lang="zh">茶</bdi></i>'),
        ('<input value="茶馆"><title>茶馆</title><textarea>茶馆</textarea>', None),
        ("<svg><text>茶馆</text></svg><!-- 茶馆 -->", None),
        (
            '<option value="1" selected>茶馆</option><option value="2">Shop 茶馆</option>',
            '<option value="1" selected lang="zh">茶馆</option><option value="2">Shop 茶馆</option>',
        ),
        ("<p>Nothing of it</p>", None),
    ],
)  # fmt: skip
def test_each_run_of_chinese_is_marked(page: str, becomes: str | None):
    assert marked(page) == (page if becomes is None else becomes)


def test_a_chinese_page_stays_as_it_is():
    env = Environment(autoescape=True)
    env.template_class = Drawn
    page = env.from_string("<b>{{ name }}</b>")
    with override("zh-hans"):
        assert page.render(name="面馆") == "<b>面馆</b>"
    with override("en"):
        assert page.render(name="面馆") == '<b><bdi lang="zh">面馆</bdi></b>'
