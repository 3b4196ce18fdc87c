"""One office at work, for every area of the site."""

from tests.web.office import office, office_of_the_module  # noqa: F401
