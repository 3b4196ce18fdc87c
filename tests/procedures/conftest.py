"""As in the tests of arrears: the notice of 2026 is in."""

from tests.arrears.conftest import street  # noqa: F401
from tests.web.office import office  # noqa: F401
