"""Every form, sent twice with one key: done once, answered alike. Generated from the table of addresses.

Each form is filled in from its own page: choices take their first value, days today, money one hundred yuan,
words "测试"; ``FILLED`` says what a form needs beyond that. A form that cannot be sent in the state the
small street is in must be listed in ``NOT_NOW`` with the reason: it still has to answer a repeat alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from hege.kernel import clock
from hege.people.models import User
from hege.web.access import MAY
from hege.web.tokens import FIELD
from tests.routes import Route, routes
from tests.web.html import Page, SentForm
from tests.web.streets import Streets, each, opening, typical, undone
from tests.web.things import Things

pytestmark = pytest.mark.slow
KEY = "k" * 26
POSTS = [
    r
    for r in routes()
    if r.name.split(":")[0] != "account" and not (opening(r).verb or "").endswith(".see") and r.name != "gallery"
]

#: What an empty field is filled with, one after the other, until its page stops complaining.
TODAY = clock.today()
WORDS = ["测试", TODAY.isoformat(), "100", "5", (TODAY + dt.timedelta(days=7)).isoformat(), f"{TODAY} 00:00"]
RECEIPTS = "日期,商铺编号,金额,方式,凭证号,收款人,证据,备注\n2026-03-05,ZB-NEAR-02,12.34,现金,SJ-9,二房东,已证实,\n"

#: Route -> what its form needs beyond words, days and amounts.
FILLED: dict[str, Callable[[Things], dict[str, object]]] = {
    "imports:check": lambda t: {"kind": "receipts", "file": SimpleUploadedFile("收据.csv", RECEIPTS.encode())},
    "meters:evidence": lambda t: {"stance": "for", "side": "payee", "kind": "oral_word"},
    "meters:share": lambda t: {"method": "area"},
}

#: Routes whose form is refused in the state the small street is in, and why. A repeat is answered alike all the same;
#: that their acts happen once is held by the tests of the actions.
NOT_NOW: dict[str, str] = {
    **dict.fromkeys(
        ("reports:shown_reporter", "shop:page", "shop:thanks", "units:code", "units:posters", "people:handover"),
        "a page without a form",
    ),
    **dict.fromkeys(("imports:check", "imports:marked"), "shows what a file would do"),
    **{
        f"cases:{act}": "the case is being handled"
        for act in ["check", "close", "contact", "dispatch", "reopen", "resume", "revisit", "rework", "sign"]
    },
    "cases:redirect_task": "the task waits for its signature",
    **{
        f"conferences:{act}": "the round is over and its minutes are signed"
        for act in ["add_decision", "cancel", "hold", "invite", "sign"]
    },
    **dict.fromkeys(("conferences:confirm", "conferences:send_back"), "the promise is not reported done"),
    **{
        f"cutoffs:{act}": "the notice stands deferred and the debt unpaid"
        for act in ["clear", "cut", "defer", "demand", "lift", "notify", "renew", "restore", "withdraw"]
    },
    **{
        f"mediation:{act}": "the mediation ended in an agreement"
        for act in ["archive", "fail", "open", "rights", "session", "sign", "terminate", "withdraw"]
    },
    **dict.fromkeys(("mediation:breached", "mediation:performed"), "no instalment is due yet"),
    "mediation:ruling": "no court was asked",
    "people:unlock": "the sign-in is open",
    "reports:unmerge": "the report belongs to no case",
    "reports:verify": "nobody is verifying the report",
}


def rows_of_everything() -> dict[str, int]:
    """How many rows each table of ours has. Keys are not what a form asks for, and a file that waits to be confirmed
    is replaced when it is sent again."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model.__module__.startswith("hege.") and model._meta.label not in ("trail.RequestKey", "imports.StagedFile")
    }


class Sent:
    """What was sent in the end, by whom, and the answer to it."""

    def __init__(self, user: User | None, data: dict[str, object], answer: Any) -> None:
        self.user, self.data, self.answer = user, data, answer

    @property
    def done(self) -> bool:
        return 300 <= self.answer.status_code < 400


@each(POSTS)
class EveryForm(Streets):
    """One form at a time."""

    def each_form_is_done_once(self, route: Route) -> None:
        with undone():
            before = rows_of_everything()
            path, first = self.send(route)
            assert first.done is (route.name not in NOT_NOW), f"{first.answer.status_code} to {first.data}"
            after = rows_of_everything()
            if not first.done:
                assert after == before, "a form that is answered with a page has done nothing"
            again = self.post(path, first.user, first.data)
            assert (again.status_code, again.headers.get("Location")) == (
                first.answer.status_code,
                first.answer.headers.get("Location"),
            )
            assert rows_of_everything() == after

    def post(self, path: str, user: User | None, data: dict[str, object]) -> Any:
        """As a browser sends it; files are read from their start."""
        for value in data.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        return self.client_of(user).post(path, data)

    def send(self, route: Route) -> tuple[str, Sent]:
        """Fill the form in and send it: by the first role whose sending does something, else by the last that may."""
        verb = opening(route).verb
        users: list[User | None] = [None]
        if verb:
            users = [self.near.cast.of(role) for role in [*typical(verb), *MAY[verb]]]
        for user in dict.fromkeys(users):
            path = route.path(**self.near.arguments(route, user))
            sent = self.fill(route, path, user)
            if sent.done:
                break
        return path, sent

    def fill(self, route: Route, path: str, user: User | None) -> Sent:
        """Send, read what the page complains of, fill that in otherwise, send again."""
        page = self.client_of(user).get(path)
        data: dict[str, object] = {}
        if page.status_code == 200:
            data |= filled(form_of(page, path))
        wishes = FILLED.get(route.name, lambda t: {})
        tried: dict[str, int] = {}
        for _round in range(len(WORDS) + 1):
            data |= {**wishes(self.near), FIELD: KEY}
            answer = self.post(path, user, data)
            wrong = complaints(answer)
            if answer.status_code != 422 or not wrong:
                break
            for name in wrong:
                data[name] = WORDS[tried.get(name, 0) % len(WORDS)]
                tried[name] = tried.get(name, 0) + 1
        return Sent(user, data, answer)


def form_of(page: Any, path: str) -> SentForm | None:
    """The form of a page that is sent to the page's own address."""
    forms = [f for f in Page(page.content.decode()).forms if f.method == "post"]
    return next((f for f in forms if f.action in ("", path)), None)


def filled(form: SentForm | None) -> dict[str, object]:
    """A form with its first choices taken; what is a person's to write stays empty."""
    if form is None:
        return {}
    data: dict[str, object] = {name: values for name, values in form.values.items() if any(values)}
    for name, choices in form.choices.items():
        if name not in data:
            data[name] = next((c for c in choices if c), "")
    return data


def complaints(answer: Any) -> list[str]:
    """The fields a page that came back complains of."""
    if answer.status_code != 422:
        return []
    ids = Page(answer.content.decode()).ids
    return [i.removeprefix("id_").removesuffix("_error") for i in ids if i.startswith("id_") and i.endswith("_error")]
