"""What the figures are counted of: an evening with members, and a counter with vouchers."""

from __future__ import annotations

from tests.programme.activities.conftest import evening
from tests.vouchers.conftest import counter

__all__ = ["counter", "evening"]
