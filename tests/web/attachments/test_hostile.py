"""A hundredth of the hostile files of `make hostile`, over the test client: each is taken or refused in a sentence."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hege.attachments.models import Attachment
from hege.billing.chart import TransactionKind
from hege.integrity.queries import faults
from tests.attachments.hostile import KINDS, hostile
from tests.cast import Cast, Row
from tests.web.office import complaints

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SAID = {"stance": "for", "side": "third", "kind": "bank_line", "stated_on": "2026-03-02"}


def test_fifty_hostile_files_are_taken_or_refused_in_a_sentence(client: Client, cast: Cast, row: Row):
    row.bill(fen=90_000)
    paid = row.pay(TransactionKind.RECEIPT, 10_000, on=dt.date(2026, 3, 1), unit=0)
    client.force_login(cast.grid_worker)
    client.raise_request_exception = False
    taken, kinds = 0, set()
    for file in hostile(7, 50):
        named = file._replace(name=file.name.decode(errors="replace").encode())
        upload = SimpleUploadedFile("x", file.data)
        vars(upload)["_name"] = named.name.decode()  # as it is: the setter makes it harmless
        answer = client.post(f"/310117006/meters/ZB-1/money/{paid.pk}/evidence/", {**SAID, "papers": [upload]})
        kinds.add(file.kind)
        taken += answer.status_code == 302 and not named.is_nameless
        if answer.status_code != 302:
            assert answer.status_code in (400, 422), (file.kind, file.name)
            assert "。" in "".join(complaints(answer)) or answer.status_code == 400, (file.kind, file.name)
    assert Attachment.objects.count() == taken > 10
    assert len(kinds) > len(KINDS) / 2
    assert list(faults(cast.street)) == []
