"""Every component on one page; every icon that is asked for exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast

WEB = Path(__file__).resolve().parents[2] / "hege" / "web"
pytestmark = pytest.mark.django_db


def test_the_gallery_shows_every_component(client: Client):
    page = (WEB / "templates" / "gallery" / "gallery.html").read_text(encoding="utf-8")
    frames = "".join((WEB / "templates" / f).read_text(encoding="utf-8") for f in ("base.html", "plain.html"))
    on_phones = {"answer", "sent_pictures", "thumb"}  # shown on the phone pages, which have a frame of their own
    macros = {
        name
        for file in (WEB / "templates" / "components").glob("*.html")
        for name in re.findall(r"{% macro ([a-z]\w*)", file.read_text(encoding="utf-8"))
    }
    shown = set(re.findall(r"ui\.(\w+)", page + frames)) | {
        "column_picture",
        "swatch",
        "field",
        "files_input",
        "th",
        "th_verb",
    }  # drawn by others
    assert macros - shown - on_phones == set()
    assert client.get("/gallery/").status_code == 200


def test_the_gallery_form_comes_back_refused_with_all_that_was_typed(client: Client):
    typed = {"amount": "３万", "until_on": "2026-13-40", "ground": "plan", "who": "1", "note": "小心 <b>", "told": "on"}
    answer = client.post("/gallery/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "有 2 处要改" in page
    assert "没有这一天" in page
    assert 'href="#id_amount"' in page
    assert 'value="３万"' in page
    assert "小心 &lt;b&gt;" in page
    assert "<title>有错：" in page


def test_a_refusal_stands_beside_the_field_it_names(client: Client):
    right = {"amount": "30,000", "until_on": "20261205", "ground": "plan", "who": "1", "told": "on"}
    page = client.post("/gallery/", right).content.decode()
    assert 'id="id_amount_error"' in page
    assert "有 1 处要改" in page
    assert "人民币叁万元整" in page
    assert "2026年12月5日 周六" in page


def test_in_production_the_gallery_wants_an_administrator(client: Client, cast: Cast, settings: Any):
    settings.PRODUCTION = True
    assert client.get("/gallery/").status_code == 404
    client.force_login(cast.coordinator)
    assert client.get("/gallery/").status_code == 404
    client.force_login(cast.administrator)
    assert client.get("/gallery/").status_code == 200


def test_every_icon_asked_for_is_in_the_sprite():
    sprite = set(re.findall(r'id="i-([a-z0-9-]+)"', (WEB / "static" / "icons.svg").read_text(encoding="utf-8")))
    asked = set()
    for file in WEB.glob("templates/**/*.html"):
        asked |= set(re.findall(r'icon\("([a-z0-9-]+)"', file.read_text(encoding="utf-8")))
    assert asked - sprite == set()


def test_the_sprite_stays_small_enough_for_a_phone_page():
    static = WEB / "static"
    carried = ["hege.css", "hege-phone.css", "icons.svg", "mark.svg", "vendor/bootstrap-reboot.min.css"]
    assert sum((static / name).stat().st_size for name in carried) < 42_500


def test_our_style_sheets_hold_only_what_old_chromium_draws():
    for sheet in (WEB / "static").glob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
        assert re.search(r"oklch|color-mix|light-dark|@layer|:has\(|@container|\s&", text) is None, sheet.name


def test_signed_out_the_frame_asks_the_database_for_nothing(client: Client):
    with CaptureQueriesContext(connection) as asked:
        client.get("/gallery/")
    assert len(asked) == 0
