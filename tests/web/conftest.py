"""One office at work, for every area of the site."""

from tests.web.office import office  # noqa: F401
