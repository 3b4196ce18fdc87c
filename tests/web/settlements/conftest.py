"""The office of the street."""

from tests.web.office import office  # noqa: F401
