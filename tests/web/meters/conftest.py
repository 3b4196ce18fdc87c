"""One office at work."""

from tests.web.office import office  # noqa: F401
