"""What tests of copies begin from."""

from __future__ import annotations

import pytest
from django.db.transaction import atomic

from hege.kernel import clock
from hege.people.models import Organisation, Street
from hege.trail.actions import record


@pytest.fixture(autouse=True)
def _data(tmp_path_factory: pytest.TempPathFactory, settings) -> None:
    """Each test has a folder for its data of its own: copies are made there one at a time."""
    settings.DATA_DIR = tmp_path_factory.mktemp("data")


@pytest.fixture
def street() -> Street:
    with atomic():
        organisation = Organisation.objects.create(name="样例运行单位")
        street = Street.objects.create(organisation=organisation, code="310117006", name="九里亭街道")
        record("set_up", street, street=street, by=None, at=clock.now())
    return street
