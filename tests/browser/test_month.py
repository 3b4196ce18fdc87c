"""一页纸 in a real browser: one sheet of A4, and within the width of a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import PHONE
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_leaders_month_prints_on_one_sheet_and_fits_a_phone(site: Site, opened: Callable[..., Any], picture: Any):
    page = opened(site, "leader", viewport=PHONE)
    assert "一页纸" in page.inner_text("h1")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    picture(page, "leader-390")
    printed = page.pdf(format="A4", print_background=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
