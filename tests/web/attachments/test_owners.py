"""Each sort of thing that files may be about shows them on its page, by the right to it; each form that asks for some keeps them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hege.attachments.models import Attachment
from hege.kernel import clock
from hege.people.models import Role
from hege.web.files import FilesField
from hege.web.forms import Form
from hege.web.gallery.views import SampleForm
from hege.web.shared.kept_files import OWNERS
from tests.attachments.files import picture
from tests.routes import routes
from tests.web.office import Office, words

pytestmark = pytest.mark.django_db


def photo(name: str = "IMG_7.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(size=(60, 40)))


@pytest.mark.parametrize("word", OWNERS)
def test_the_page_of_each_thing_shows_its_files(office: Office, word: str):
    kept = Attachment.objects.get(street=office.cast.street, public_id=office.things.kept[word])
    name, *args = OWNERS[word].at(kept.street, kept.about_id)
    page = office.get(Role.COORDINATOR, name, *args)
    assert f"/files/{word}/{kept.public_id}/small/" in page
    client = office.client(Role.COORDINATOR)
    assert client.get(office.path(f"attachments:{word}", kept.public_id)).status_code == 200
    others = [other for other in OWNERS if other != word]
    assert {client.get(office.path(f"attachments:{other}", kept.public_id)).status_code for other in others} == {404}


def sent(office: Office, role: Role, name: str, *args: object, **said: Any) -> Attachment:
    before = set(Attachment.objects.values_list("pk", flat=True))
    answer = office.client(role).post(office.path(name, *args), {**said, "papers": [photo()]})
    assert answer.status_code == 302, words(answer)
    return Attachment.objects.exclude(pk__in=before).get()


def test_a_reading_brings_the_picture_of_its_dial(office: Office):
    reading = office.things.reading
    said = {"meter": reading.meter_id, "read_on": "2026-02-20", "litres": "31", "method": "on_site", "reader": "网格员"}
    kept = sent(office, Role.GRID_WORKER, "meters:record_reading", office.things.row.point.code, **said)
    assert (kept.about, kept.purpose) == ("metering.reading", "dial")
    assert kept.original_sha256


def test_an_answer_to_a_task_brings_what_shows_it(office: Office):
    things = office.things
    task = things.task
    office.cast.utility.memberships.create(
        street=office.cast.street, user=office.cast.clerk, role=Role.CLERK, from_on=clock.today()
    )
    kept = sent(office, Role.CLERK, "cases:answer_task", task.public_id, answer="已经通水")
    assert (kept.about, kept.about_id, kept.purpose) == ("cases.task", task.pk, "paper")


def test_a_promise_that_was_kept_brings_what_shows_it(office: Office):
    decision = office.things.decision
    kept = sent(office, Role.COORDINATOR, "conferences:fulfil", decision.pk, evidence="已公示")
    assert (kept.about, kept.about_id) == ("conferences.decision", decision.pk)


def test_each_form_that_takes_files_is_looked_at_before_its_transaction_begins():
    marked = {getattr(route.view, "takes_files", None) for route in routes()} | {SampleForm}  # keeps nothing
    asking = [form for form in forms_of(Form) if any(isinstance(f, FilesField) for f in form.base_fields.values())]
    assert len(asking) >= 13
    assert [form.__name__ for form in asking if form not in marked] == []


def forms_of(form: type[Form]) -> list[type[Form]]:
    """Every form of the site that is made of this one."""
    return [one for sub in form.__subclasses__() for one in (sub, *forms_of(sub))]
