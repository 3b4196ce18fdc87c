"""One played street, one server to look at, one browser; contexts are cheap and belong to a test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.site import PASSWORD, Site, copied, play, served

NORMAL, LARGE, HUGE = "normal", "large", "huge"
#: Without the worker beside it: nothing that is asked of these streets in a browser waits for it.
ALONE = {"HEGE_WORK": "apart"}
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo street in a file, played once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    database = shared / "demo.sqlite3"
    play(database)
    return database


@pytest.fixture(scope="session")
def site(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The street to look at; tests that write take ``own_site``."""
    with served(copied(template, tmp_path_factory.mktemp("site") / "site.sqlite3"), more=ALONE) as running:
        yield running


@pytest.fixture
def own_site(template: Path, tmp_path: Path) -> Iterator[Site]:
    """A street of the test's own."""
    with served(copied(template, tmp_path / "site.sqlite3"), more=ALONE) as running:
        yield running


@pytest.fixture
def opened(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open a browser window: ``opened(site, "coordinator", viewport=PHONE, size=HUGE)``; the test fails on script errors."""
    contexts, complaints = [], []

    def open_window(
        site: Site, username: str = "", *, viewport: dict[str, int] = DESK, size: str = NORMAL, **wishes: Any
    ) -> Any:
        context = chromium.new_context(viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai", **wishes)
        contexts.append(context)
        context.add_cookies([{"name": "hege_size", "value": size, "url": site.address}])
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        if username:
            sign_in(page, site, username)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Any, site: Site, username: str, password: str = PASSWORD) -> None:
    """Sign in by the form, as a person does."""
    page.goto(site.url("/sign-in/"))
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("main button[type=submit]")


@pytest.fixture
def picture() -> Callable[[Any, str], None]:
    """Keep a picture of a page when ``HEGE_SHOTS`` names a directory for them."""
    directory = os.environ.get("HEGE_SHOTS")

    def take(page: Any, name: str) -> None:
        if directory:
            Path(directory).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{directory}/{name}.png", full_page=True)

    return take
