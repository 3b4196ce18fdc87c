"""A page, a panel of it, and a form that came back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory
from jinja2 import ChoiceLoader, DictLoader

from hege.kernel.refused import Stale
from hege.web.forms import Form, YuanField
from hege.web.pages import form_page, page, refusals_to

PAGE = """{% extends "base.html" %}
{% block h1 %}台账{% endblock %}
{% block main %}<div id="rows">{% block rows %}{% for row in rows %}<p>{{ row }} {{ csrf_token|length > 0 }}</p>{% endfor %}{% endblock %}</div>{% endblock %}"""


class Sum(Form):
    amount = YuanField()


@pytest.fixture(autouse=True)
def sample_template() -> Iterator[None]:
    env = engines["jinja2"].env  # type: ignore[attr-defined]
    plain = env.loader
    env.loader = ChoiceLoader([DictLoader({"sample.html": PAGE}), plain])
    yield
    env.loader = plain
    env.cache.clear()


def asked(**headers: str) -> HttpRequest:
    request = RequestFactory().get("/", headers=headers)
    request.user = AnonymousUser()
    return request


def shown(**headers: str) -> HttpResponse:
    return page(asked(**headers), "sample.html", {"rows": ["甲<", "乙"]}, panels=("rows",))


def test_a_page_comes_whole():
    assert "<h1>台账</h1>" in shown().content.decode()


def test_htmx_gets_the_panel_it_asks_for_exactly_as_it_stands_in_the_page():
    panel = shown(hx_request="true", hx_target="rows").content.decode()
    assert panel.startswith("<p>甲&lt; True</p>")
    assert f'<div id="rows">{panel}</div>' in shown().content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"hx_request": "true", "hx_target": "main"},
        {"hx_request": "true"},
        {"hx_request": "true", "hx_target": "rows", "hx_boosted": "true"},
        {"hx_target": "rows"},
    ],
)
def test_whoever_asks_for_anything_else_gets_the_whole_page(headers: dict[str, str]):
    assert "<h1>台账</h1>" in shown(**headers).content.decode()


def test_a_cache_is_told_that_a_panel_differs_from_its_page():
    assert "HX-Target" in shown().headers["Vary"]


def test_a_fresh_form_is_200_and_one_that_came_back_422_with_its_title_saying_so():
    fresh = form_page(asked(), "sample.html", {"rows": []}, Sum())
    back = form_page(asked(), "sample.html", {"rows": []}, Sum({"amount": "x"}))
    assert (fresh.status_code, back.status_code) == (200, 422)
    assert "<title>有错：台账" in back.content.decode()


def test_a_form_overtaken_by_somebody_else_comes_back_with_409():
    form = Sum({"amount": "1"})
    assert form.is_valid()
    with refusals_to(form):
        raise Stale("别人刚改过。")
    assert form_page(asked(), "sample.html", {"rows": []}, form).status_code == 409
