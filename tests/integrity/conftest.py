"""As in the tests of arrears: the notice of 2026 is in."""

from tests.arrears.conftest import notice_of_2026

__all__ = ["notice_of_2026"]
