"""One office at work."""

from tests.web.office import office, office_of_the_module  # noqa: F401
