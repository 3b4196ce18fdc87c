"""A small street brought in by files."""

from __future__ import annotations

from hege.people.models import Street
from tests.imports.files import a_street
from tests.standing import standing


@standing
def shops(street: Street) -> Street:
    """The street of the tests with one master meter, three shops and one shared bill."""
    return a_street(street)
