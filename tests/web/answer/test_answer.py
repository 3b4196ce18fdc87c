"""外单位链接: looking opens nothing, one answer, and a secret that is written down nowhere."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hege.attachments.models import Attachment
from hege.cases.models import Task, TaskLink
from hege.cases.rules import TaskState
from hege.cases.tasks import actions
from hege.kernel import clock
from hege.people.models import Role
from hege.trail.models import IdempotencyKey, TrailLine
from hege.web.log_redaction import RedactSecrets, redacted
from tests.attachments.files import pdf, picture
from tests.web.office import Office, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(office: Office) -> str:
    """The address that was sent."""
    return f"/a/{office.things.link_token}/"


def opened(client: Client, here: str) -> str:
    """The button pressed, and the question read."""
    answer = client.post(here, {"request_key": "o" * 26}, follow=True)
    assert answer.status_code == 200
    return words(answer)


def test_looking_opens_nothing(client: Client, office: Office, here: str):
    for _scan in range(3):
        page = words(client.get(here))
    assert "打开这件事" in page
    assert office.things.task.title not in page
    assert client.get(f"{here}task/").headers["Location"] == "../"
    link = TaskLink.objects.get(street=office.cast.street, pk=office.things.link.pk)
    assert link.opened == 0
    assert not TrailLine.objects.filter(street=office.cast.street, verb="open_link").exists()


def test_the_button_opens_one_matter_and_one_question(client: Client, office: Office, here: str):
    page = opened(client, here)
    assert office.things.task.title in page
    assert "总表欠费" in page
    assert "提交一户一表方案" in page, "what the others promised"
    assert "城建中心" in page
    for hidden in ("店主01", "已电话联系商户代表", "900.00"):
        assert hidden not in page
    line = TrailLine.objects.get(street=office.cast.street, verb="open_link")
    assert (line.by, line.on_behalf) == (None, "水务公司")


def test_an_answer_is_taken_once_with_who_gave_it(client: Client, office: Office, here: str):
    opened(client, here)
    sent = {"answer": "同意暂缓。", "document": "水函 3 号", "name": "李工"}
    answer = client.post(f"{here}task/", sent, follow=True)
    assert "已答复" in words(answer)
    task = Task.objects.get(street=office.cast.street, pk=office.things.task.pk)
    assert (task.state, task.answer, task.document) == (TaskState.DONE, "同意暂缓。", "水函 3 号")
    assert task.answered_on_behalf == "水务公司 李工"
    again = client.post(f"{here}task/", {"answer": "改主意了。"})
    assert again.status_code == 410
    assert "已经通过这个链接答复过" in words(again)


def test_pictures_come_with_an_answer_and_another_link_shows_none_of_them(client: Client, office: Office, here: str):
    opened(client, here)
    sent = {
        "answer": "已通水。",
        "papers": [SimpleUploadedFile("现场.jpg", picture()), SimpleUploadedFile("函.pdf", pdf())],
    }
    page = words(client.post(f"{here}task/", sent, follow=True))
    kept, letter = Attachment.objects.filter(about_id=office.things.task.pk, about="cases.task").order_by("pk")[1:]
    assert (kept.name, kept.on_behalf, letter.name) == ("现场.jpg", "水务公司", "函.pdf")
    assert f"./{kept.public_id}/" in page
    assert "函.pdf" in page
    assert client.get(f"{here}done/{kept.public_id}/").headers["Content-Type"] == "image/jpeg"
    assert client.get(f"{here}done/{letter.public_id}/").status_code == 404
    other, its = office.things.answered()
    assert client.get(f"/a/{other}/done/{its}/").status_code == 200
    assert client.get(f"/a/{other}/done/{kept.public_id}/").status_code == 404
    assert client.get(f"/a/aaaaaaaabbbbbbbbcccccccc/done/{kept.public_id}/").status_code == 404
    assert client.get(office.path("attachments:tasks_small", kept.public_id)).status_code == 302
    assert f"/files/tasks/{kept.public_id}/small/" in office.get(
        Role.COORDINATOR, "cases:detail", office.things.case.public_id
    )


def test_files_sent_to_a_link_nobody_opened_are_not_looked_at(
    client: Client, here: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hege.web.files.FilesField.look", lambda *_a: pytest.fail("looked at"))
    sent = {"answer": "已通水。", "papers": [SimpleUploadedFile("现场.jpg", picture())]}
    assert client.post(f"{here}task/", sent).headers["Location"] == "../"


def test_an_empty_answer_comes_back(client: Client, office: Office, here: str):
    opened(client, here)
    answer = client.post(f"{here}task/", {"answer": " ", "name": "李工"})
    assert answer.status_code == 422
    assert "李工" in words(answer)


def test_what_is_not_theirs_is_given_back_with_the_reason(client: Client, office: Office, here: str):
    opened(client, here)
    assert client.post(f"{here}not-ours/", {"reason": ""}).status_code == 422
    answer = client.post(f"{here}not-ours/", {"reason": "管线归排水所。"}, follow=True)
    assert "已退回街道" in words(answer)
    task = Task.objects.get(street=office.cast.street, pk=office.things.task.pk)
    assert (task.state, task.reason, task.bounces) == (TaskState.RETURNED, "管线归排水所。", 1)


def test_the_old_link_says_what_was_said_through_it_and_nothing_of_the_new_party(
    client: Client, office: Office, here: str
):
    opened(client, here)
    client.post(f"{here}not-ours/", {"reason": "管线归城建中心。", "name": "李工"})
    office.done(Role.COORDINATOR, "cases:redirect_task", office.things.task.public_id, party=office.cast.office.pk)
    page = words(client.get(f"{here}done/"))
    assert "水务公司 李工" in page
    assert "已退回街道" in page
    assert "管线归城建中心。" in page
    assert "已答复" not in page


@pytest.mark.parametrize("part", ["", "task/", "not-ours/"])
def test_a_link_that_has_run_out_says_so_everywhere(client: Client, office: Office, here: str, part: str):
    ended, began = clock.now() - dt.timedelta(minutes=1), clock.now() - dt.timedelta(days=9)
    TaskLink.objects.filter(street=office.cast.street).update(made_at=began, expires_at=ended)
    for answer in (client.get(here + part), client.post(here + part, {"answer": "好。", "reason": "好。"})):
        assert answer.status_code == 410
        assert "已过期" in words(answer)
        assert f"tel:{office.cast.street.phone}" in words(answer)


def test_a_revoked_link_says_so_and_one_that_never_was_tells_nothing(client: Client, office: Office, here: str):
    actions.revoke_link(office.things.link, by=office.cast.coordinator, at=clock.now())
    assert "已作废" in words(client.get(here))
    made_up = client.get("/a/aaaaaaaaaaaaaaaaaaaaaaaaaa/")
    assert made_up.status_code == 404
    assert "没有这个链接" in words(made_up)


def test_the_same_answer_sent_twice_is_one_answer(client: Client, office: Office, here: str):
    opened(client, here)
    sent = {"answer": "同意。", "request_key": "k" * 26}
    first, again = client.post(f"{here}task/", sent), client.post(f"{here}task/", sent)
    assert first.headers["Location"] == again.headers["Location"] == "../done/"
    assert TrailLine.objects.filter(street=office.cast.street, verb="answer_task").count() == 1


def test_the_secret_is_kept_nowhere(client: Client, office: Office, here: str):
    opened(client, here)
    client.post(f"{here}task/", {"answer": "同意。", "request_key": "k" * 26})
    token = office.things.link_token
    assert IdempotencyKey.objects.count() == 2
    assert not IdempotencyKey.objects.filter(answer__contains=token).exists()
    assert not TrailLine.objects.filter(data__icontains=token).exists()


def test_the_secret_does_not_reach_other_sites_or_the_logs(client: Client, office: Office, here: str):
    for part in ("", "task/", "not-ours/", "done/"):
        headers = client.get(here + part).headers
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Robots-Tag"] == "noindex"
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Gone: %s", (here,), None)
    assert RedactSecrets().filter(record)
    assert record.getMessage() == "Gone: /a/***/"
    assert redacted("GET /u/abcdefgh23456789/wrong/") == "GET /u/***/wrong/"
    assert redacted("GET /t/310118106/s/48291307/abcdefg27/") == "GET /t/310118106/s/***/"
    assert redacted("/310117006/reports/x7/reporter/WzEsMl0:1abc/") == "/310117006/reports/x7/reporter/***/"
    assert redacted("/310117006/units/") == "/310117006/units/"


def test_an_exception_that_quotes_the_address_is_scrubbed_too():
    try:
        raise ValueError("/a/abcdefgh23456789/task/")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "broke", None, (type(error), error, error.__traceback__))
    RedactSecrets().filter(record)
    assert "abcdefgh23456789" not in (record.exc_text or "")
    assert "/a/***" in (record.exc_text or "")


def test_what_an_error_of_the_database_says_of_a_person_is_scrubbed():
    said = "Key (name, phone)=(陈, 13812345678) already exists. 310117199003074518, chen@example.com"
    assert redacted(said) == ("Key (name, phone)=(陈, ［电话已隐去］) already exists. ［证件号已隐去］, ［邮箱已隐去］")


def test_the_pages_are_light(client: Client, office: Office, here: str, django_assert_max_num_queries):
    opened(client, here)
    with django_assert_max_num_queries(4):
        page = client.get(f"{here}task/")
    assert len(page.content) < 20_000


def test_what_else_the_party_is_asked_is_answered_from_one_link(client: Client, office: Office, here: str):
    cast, other = office.cast, office.things.another_question()
    assert client.get(f"{here}task/{other}/").headers["Location"] == "../../"  # the button first
    page = opened(client, here)
    assert "还有 1 件等您单位答复" in page
    assert "另一问" in words(client.get(f"{here}task/{other}/"))
    answer = client.post(f"{here}task/{other}/", {"answer": "另一答。", "name": "李工"}, follow=True)
    assert "另一答。" in words(answer)
    assert "还有 1 件等您单位答复" in words(answer)  # the one the link is of
    link = TaskLink.objects.get(street=cast.street, task__public_id=other)
    assert link.used_through == office.things.link
    again = client.post(f"{here}task/{other}/", {"answer": "改主意了。"})
    assert again.status_code == 410
    assert "已经答复过" in words(again)
    done = words(client.post(f"{here}task/", {"answer": "同意暂缓。"}, follow=True))
    assert "另一答。" in done
    assert "同意暂缓。" in done
    closed = client.get(here)
    assert closed.status_code == 410
    assert 'href="done/"' in closed.content.decode()  # whoever comes back sees what was said
    theirs = TaskLink.objects.filter(street=cast.street).exclude(task__party=cast.utility).first()
    stranger = theirs.task.public_id if theirs else "nothing"
    assert client.get(f"{here}task/{stranger}/").status_code == 410


def test_a_question_whose_link_was_revoked_is_not_answered_from_another(client: Client, office: Office, here: str):
    other = office.things.another_question()
    opened(client, here)
    link = TaskLink.objects.get(street=office.cast.street, task__public_id=other)
    actions.revoke_link(link, by=office.cast.coordinator, at=clock.now())
    assert "等您单位答复" not in words(client.get(f"{here}task/"))
    assert client.post(f"{here}task/{other}/", {"answer": "好。"}).status_code == 410
