"""What HEGE_LOG=json writes down: one line for each request, and nothing that is a secret or about a person."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.conf import settings as of_tests
from django.test import Client

from hege.web.json_lines import AsJson
from hege.web.log_redaction import RedactSecrets
from tests.cast import PASSWORD, Cast
from tests.routes import routes

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SECRET, PERSON = "tokenthatnobodymaysee1234", "王小二13812345678"


class Kept(logging.Handler):
    """Formats as the console does in production, and keeps the lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(AsJson())
        self.addFilter(RedactSecrets())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, self.lines) if line["logger"] == "hege.request"]


@pytest.fixture
def kept(settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.LOG = "json"
    handler, loggers = Kept(), [logging.getLogger(name) for name in ("", "django", "hege.request")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    silent = [logging.getLogger(name) for name in of_tests.SAID_BY_THE_REQUEST]
    for logger in silent:
        monkeypatch.setattr(logger, "disabled", True)
    for logger in loggers:
        logger.addHandler(handler)
    loggers[-1].setLevel(logging.INFO)
    loggers[-1].propagate = loggers[1].propagate = False
    yield handler
    for logger, (level, propagate) in zip(loggers, before, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


def test_a_request_is_one_line_with_its_page_status_statements_and_person(kept: Kept, client: Client, cast: Cast):
    client.force_login(cast.coordinator)
    client.get(f"/{cast.street.code}/cases/?q={PERSON}")
    (line,) = kept.requests
    assert (line["route"], line["method"], line["status"]) == ("cases:index", "GET", 200)
    assert line["user"] == cast.coordinator.pk
    assert line["statements"] > 0
    assert isinstance(line["ms"], int)
    assert len(line["number"]) > 8


@pytest.mark.slow
def test_every_address_is_told_once_and_tells_no_secret_and_nothing_of_a_person(kept: Kept, cast: Cast):
    browser = Client(raise_request_exception=False, headers={"Referer": f"https://x/{SECRET}", "User-Agent": PERSON})
    sent = {"username": PERSON, "password": SECRET, "text": PERSON, "reason": PERSON}
    asked = [route.path() for route in routes()] + [f"/u/{SECRET}/", f"/a/{SECRET}/", f"/{PERSON}/"]
    for path in asked:
        browser.get(path, {"q": PERSON, "next": f"/u/{SECRET}/"})
        browser.post(path, sent)
    assert len(kept.requests) == 2 * len(asked)
    told = [line for line in kept.lines if SECRET in line or PERSON in line or "13812345678" in line]
    assert told == []


def test_an_error_is_told_by_its_type_and_place_with_the_number_its_page_shows(
    kept: Kept, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    def fails(*_asked: Any, **_more: Any) -> None:
        raise ValueError(PERSON)

    monkeypatch.setattr("hege.web.cases.views.page", fails)
    browser = Client(raise_request_exception=False)
    browser.login(username=cast.coordinator.username, password=PASSWORD)
    answer = browser.get(f"/{cast.street.code}/cases/")
    (line,) = kept.requests
    assert (answer.status_code, line["status"], line["error"]["type"]) == (500, 500, "ValueError")
    assert line["number"] in answer.content.decode()
    assert not any(PERSON in told for told in kept.lines)


def test_text_tells_of_no_request(kept: Kept, client: Client):
    of_tests.LOG = "text"
    client.get("/sign-in/")
    assert kept.requests == []
