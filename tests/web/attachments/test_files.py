"""Pictures of a visit: sent with the form, shown with the visit, handed out to who may see it and to nobody else."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hege.attachments import store
from hege.attachments.models import Attachment
from hege.cases.models import SurveyVisit
from hege.integrity.queries import faults
from hege.people.models import Role
from tests.attachments.files import GPS, SVG, bomb, heic_bomb, office, pdf, phone_photo, picture
from tests.cast import Cast, Row

pytestmark = pytest.mark.django_db
HERE = "/310117006/meters/ZB-1/shops/ZB-1-01/"
SAID = {"visited_on": "2026-03-02", "pays_how": "to_agent", "receipts_held": "some"}


def file(data: bytes, name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.grid_worker)
    client.raise_request_exception = False
    return client


def visit_with(client: Client, *files: Any, **more: Any) -> Any:
    return client.post(f"{HERE}visit/", {**SAID, "photos": list(files), **more})


def hrefs(client: Client) -> list[str]:
    return re.findall(r'href="([^"]*/files/visits/[^"]*)"', client.get(HERE).content.decode())


def test_a_visit_brings_two_photos_and_its_page_shows_them(at_desk: Client, cast: Cast, row: Row):
    assert visit_with(at_desk, file(phone_photo()), file(picture("HEIC"), "门口.heic")).status_code == 302
    kept = Attachment.objects.order_by("pk")
    assert [(a.about, a.about_id, a.purpose, a.name) for a in kept] == [
        ("cases.surveyvisit", SurveyVisit.objects.get().pk, "photo", name) for name in ("IMG_1.jpg", "门口.jpg")
    ]
    first, _second = hrefs(at_desk)
    assert at_desk.get(HERE.partition("shops/")[0]).content.decode().count("/small/") == 2  # on its meter's page too
    for address in (first, f"{first}small/"):
        answer = at_desk.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Content-Disposition"].startswith("inline; filename*=UTF-8''IMG_1.jpg")
        assert "sandbox" in answer["Content-Security-Policy"]
        assert GPS not in answer.content
    assert list(faults(cast.street)) == []


def test_who_does_not_see_the_visit_gets_none_of_its_pictures(at_desk: Client, cast: Cast, other_cast: Cast, row: Row):
    visit_with(at_desk, file(picture()))
    (address,) = hrefs(at_desk)
    at_desk.force_login(other_cast.coordinator)
    assert at_desk.get(address).status_code == 404
    assert at_desk.get(address.replace("310117006", other_cast.street.code)).status_code == 404
    at_desk.force_login(cast.of(Role.AUDITOR))
    assert at_desk.get(address).status_code == 200
    assert at_desk.get(address.replace("visits", "payments")).status_code == 404
    at_desk.logout()
    assert at_desk.get(address).status_code == 302


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "0 字节"),
        (SVG, "不是照片"),
        (pdf(), "不是照片"),
        (office(), "不是照片"),
        (heic_bomb(), "已损坏|像素太多"),
        (bomb, "像素太多"),
        (b"\xff\xd8\xff" + bytes(500), "已损坏"),
    ],
)
def test_a_hostile_file_is_a_sentence_beside_its_field(
    at_desk: Client, row: Row, data: bytes | Callable[[], bytes], said: str
):
    answer = visit_with(
        at_desk, file(data() if callable(data) else data, "a" * 390 + "\u202egpj.exe"), note="写了很多字"
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(said, text)
    assert "写了很多字" in text
    assert "\u202e" not in text
    assert not SurveyVisit.objects.exists()


def test_what_was_taken_is_not_lost_when_the_rest_is_refused(at_desk: Client, row: Row):
    answer = visit_with(at_desk, file(picture()), file(SVG, "x.svg"), visited_on="2099-01-01")
    assert answer.status_code == 422
    (token,) = re.findall(r'name="photos_kept" value="([^"]*)" checked', answer.content.decode())
    assert "IMG_1.jpg（已收到）" in answer.content.decode()
    assert visit_with(at_desk, photos_kept=unescape(token)).status_code == 302
    assert Attachment.objects.get().name == "IMG_1.jpg"


def test_a_visit_that_is_sent_twice_brings_its_photos_once(at_desk: Client, row: Row):
    answers = [visit_with(at_desk, file(picture()), request_key="k" * 26) for _twice in range(2)]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, HERE)}
    assert (SurveyVisit.objects.count(), Attachment.objects.count()) == (1, 1)


def test_a_token_somebody_made_up_brings_nothing(at_desk: Client, row: Row):
    assert visit_with(at_desk, photos_kept="eyJzaGEyNTYiOiIifQ:1:x").status_code == 302
    assert not Attachment.objects.exists()


def test_more_files_than_a_form_takes_are_refused(at_desk: Client, row: Row):
    answer = visit_with(at_desk, *[file(picture(size=(20, 20)), f"{n}.jpg") for n in range(6)])
    assert answer.status_code == 422
    assert "最多 5 个文件" in answer.content.decode()


def test_a_disk_found_full_while_a_picture_is_written_keeps_nothing_half(
    at_desk: Client, row: Row, monkeypatch: pytest.MonkeyPatch
):
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = sorted(store.folder().rglob("*"))
    monkeypatch.setattr("hege.attachments.store.os.fsync", full)
    answer = visit_with(at_desk, file(picture(size=(333, 222))))
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "磁盘满了" in answer.content.decode()
    assert [p for p in store.folder().rglob("*") if p not in before and p.is_file()] == []
    assert not SurveyVisit.objects.exists()


def test_a_picture_whose_bytes_are_gone_is_a_sentence_and_verify_names_it(at_desk: Client, cast: Cast, row: Row):
    visit_with(at_desk, file(picture(size=(123, 77))))
    (address,) = hrefs(at_desk)
    kept = Attachment.objects.get()
    store.path_of(kept.sha256).unlink()
    store.path_of(kept.small_sha256).write_bytes(b"another")
    answer = at_desk.get(address)
    assert answer.status_code == 422
    assert "hege verify" in answer.content.decode()
    assert list(faults(cast.street)) == [
        f"attachment {kept.pk}: its file is gone",
        f"attachment {kept.pk}: its small picture is not what was kept",
    ]


def test_a_form_without_a_picture_is_done_as_before(at_desk: Client, row: Row):
    assert at_desk.post(f"{HERE}visit/", SAID).status_code == 302
    assert not Attachment.objects.exists()
    assert 'enctype="multipart/form-data"' in at_desk.get(f"{HERE}visit/").content.decode()
