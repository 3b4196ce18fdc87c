"""An action that is refused and yet leaves something written down."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from hege.kernel.database import atomic
from hege.kernel.refused import Refused

P = ParamSpec("P")
R = TypeVar("R")


class CommittedRefusal(Refused):
    """A refusal that does not undo what was found and written down on the way to it."""


def commit_refusals(action: Callable[P, R]) -> Callable[P, R]:
    """Run an action in one transaction, like ``atomic``; ``CommittedRefusal`` is raised after it is committed.

    Within a larger transaction it is that one that decides.
    """

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with atomic():
            try:
                return action(*args, **kwargs)
            except CommittedRefusal as no:
                refusal = no
        raise refusal

    return run
