"""A draft put back into the HTML of a form: what fits stands there, what does not is handed back."""

from __future__ import annotations

import pytest

from hege.web.refill import changed, forms_of, refilled
from tests.web.html import Page

pytestmark = pytest.mark.once

PAGE = """<h1>案</h1>
<form class="hg-search"><input name="q"></form>
<form class="hg-form" method="post" action="/s/other/"><input name="text" id="o"></form>
<form class="hg-form is-wide" method="post" novalidate>
  <input type="hidden" name="version" value="7"><input type="hidden" name="shop" value="12">
  <input type="text" name="amount" id="id_amount" value=""><output for="id_amount">人民币零元整</output>
  <textarea name="text">
a &lt; b</textarea>
  <select name="kind"><option value="">请选择</option><option value="a" selected>甲</option><option value="b">乙</option></select>
  <input type="radio" name="yes" value="yes" checked><input type="radio" name="yes" value="no">
  <input type="checkbox" name="who" value="1" checked><input type="checkbox" name="who" value="2">
  <input type="password" name="secret" value=""><input type="file" name="photo">
</form>"""


def put(typed: dict[str, list[str]], page: str = PAGE, address: str = "/s/here/") -> tuple[Page, list[str], int]:
    back = refilled(forms_of(page, "/s/here/"), address, typed)
    assert back is not None
    return Page(changed(page, back.changes)), back.lost, back.gone


def test_each_kind_of_field_has_what_was_typed_again_and_what_is_hidden_or_secret_is_left():
    page, lost, gone = put(
        {
            "version": ["3"], "shop": ["12"], "amount": ['3"0 & <b>'], "text": ["第一行\n</textarea><script>"], "kind": ["b"],
            "yes": ["no"], "who": ["2"], "secret": ["s"],
        }
    )  # fmt: skip
    values = page.forms[2].values
    assert (values["amount"], values["kind"], values["yes"], values["who"]) == (['3"0 & <b>'], ["b"], ["no"], ["2"])
    assert values["text"] == ["第一行\n</textarea><script>"]
    assert (values["version"], values["shop"]) == (["7"], ["12"])
    assert values["secret"] == [""]
    assert (lost, gone) == ([], 0)
    assert "人民币零元整" not in page.text
    assert page.forms[1].values["text"] == [""]


def test_what_has_no_place_any_more_is_handed_back_and_a_choice_that_is_gone_is_counted():
    page, lost, gone = put({"amount": ["1"], "former": ["他说下周付", "post"], "kind": ["c"], "who": ["1", "9"]})
    assert lost == ["他说下周付"]  # the name of a choice of ours says nothing to anybody
    assert gone == 2
    assert page.forms[2].values["kind"] == ["a"]
    assert page.forms[2].values["who"] == ["1"]


def test_of_two_forms_that_are_sent_to_one_address_it_is_the_one_about_the_same_thing():
    twin = PAGE + PAGE.replace('name="shop" value="12"', 'name="shop" value="13"')
    page, _lost, _gone = put({"shop": ["13"], "text": ["第二张"]}, twin)
    assert [form.values["text"][0] for form in page.forms if "shop" in form.values] == ["a < b", "第二张"]


def test_a_page_without_the_form_stays_as_it_is():
    assert refilled(forms_of(PAGE, "/s/here/"), "/s/elsewhere/", {"text": ["x"]}) is None
