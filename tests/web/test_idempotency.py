"""The middleware that does a form once, before any page of ours uses it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.test import Client, RequestFactory

from hege.people.models import Organisation
from hege.trail.models import IdempotencyKey
from hege.web.form_key import FIELD
from hege.web.idempotency import IdempotencyMiddleware, asked
from hege.web.jinja import FormToken
from tests.cast import NOW
from tests.routes import FOR_THE_MACHINE, routes

pytestmark = pytest.mark.once


@pytest.fixture
def post(db):
    """Send a form through the middleware to a view that writes an organisation and answers with ``answer``."""

    def send(answer=None, key="k" * 26, **data):
        def view(request):
            Organisation.objects.create(name=f"第 {Organisation.objects.count() + 1} 家")
            return answer() if answer else redirect(f"/{Organisation.objects.count()}/")

        request = RequestFactory().post("/somewhere/", {"request_key": key, **data})
        request.user = AnonymousUser()
        return IdempotencyMiddleware(view)(request)

    return send


def test_each_form_carries_a_key_of_its_own():
    token = FormToken(RequestFactory().get("/"))
    keys = [re.findall(r'name="request_key" value="([^"]+)"', token.__html__()) for _ in range(2)]
    assert len(keys[0]) == len(keys[1]) == 1
    assert keys[0] != keys[1]


def test_a_form_sent_twice_is_done_once_and_answered_alike(post):
    answers = [post(name="a"), post(name="a")]
    assert [a.headers["Location"] for a in answers] == ["/1/", "/1/"]
    assert Organisation.objects.count() == 1


def test_a_form_sent_again_with_other_content_is_told_so(post):
    post(name="a")
    answer = post(name="b")
    assert answer.status_code == 409
    assert "已经提交过" in answer.content.decode()
    assert Organisation.objects.count() == 1


def test_two_forms_are_done_both(post):
    post(key="a" * 26)
    post(key="b" * 26)
    assert Organisation.objects.count() == 2


def test_a_form_that_came_back_with_errors_may_be_sent_again(post):
    assert post(lambda: HttpResponse(status=422)).status_code == 422
    assert IdempotencyKey.objects.count() == 0
    assert post().status_code == 302


@pytest.mark.parametrize("address", ["/sign-in/?next=/somewhere/", "/me/"])
def test_a_form_sent_after_the_session_ended_acts_when_it_is_sent_again(post, address):
    post(lambda: redirect(address))
    assert IdempotencyKey.objects.count() == 0
    assert post(lambda: redirect("/done/")).headers["Location"] == "/done/"


@pytest.mark.both
def test_what_a_broken_request_wrote_is_rolled_back(post):
    def breaks():
        with connection.cursor() as cursor, pytest.raises(DatabaseError):
            cursor.execute("SELECT nothing FROM nowhere")
        return HttpResponse(status=500)

    assert post(breaks).status_code == 500
    assert Organisation.objects.count() == IdempotencyKey.objects.count() == 0


#: Looks at a file at length, which must not hold a write lock. To look twice is the same, and a file that waits for its
#: yes is booked once: its bytes are let go. What is stopped twice is stopped, and booking may hold the lock.
#: A number that is checked leaves nothing behind, not even that it was asked.
MIND_THEMSELVES = {
    *(
        f"imports:{step}"
        for step in (
            "choose",
            "add",
            "look",
            "accept",
            "say",
            "columns",
            "read_as",
            "forget",
            "lines",
            "confirm",
            "marked",
        )
    ),
    "places:choose",
    "jobs:cancel",
    "roll:check",
    # a browser that is let in: sent twice it is let in once by what it brought (hege.members.rules.device_tokens)
    "member:card",
    "member:join_code",
    "member:join_you",
    "member:station",
    # a till that is opened by the secret its phone brought, and what it noted offline, each scan once by its nonce
    "till:open",
    "till:queue",
    "paper_check:find",  # does nothing but lead on: its address is what opens a paper
}


@pytest.mark.django_db
def test_no_address_but_signing_in_and_looking_at_files_is_left_out(client: Client):
    left_out = []
    for n, route in enumerate(routes()):
        sent = {FIELD: f"{n:026d}", "text": "测试"}
        first = RequestFactory().post(route.path(), sent)
        IdempotencyKey.objects.create(key=sent[FIELD], asked=asked(first), answer="/done-already/", at=NOW)
        answer = client.post(route.path(), sent)
        if (answer.status_code, answer.headers.get("Location")) != (302, "/done-already/"):
            left_out.append(route.name)
    assert {name for name in left_out if not name.startswith(("account:", FOR_THE_MACHINE))} == MIND_THEMSELVES


def test_another_file_is_another_wish(post):
    from django.core.files.uploadedfile import SimpleUploadedFile

    assert post(file=SimpleUploadedFile("a.csv", b"1")).status_code == 302
    assert post(file=SimpleUploadedFile("a.csv", b"2")).status_code == 409
    assert post(file=SimpleUploadedFile("a.csv", b"1")).headers["Location"] == "/1/"
