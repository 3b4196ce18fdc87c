"""What Django takes for that database: the name is its own."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db.backends.dummy import base


class NobodySaidWhich(RuntimeError):
    """A database was asked while nobody had said which of several: a defect of ours."""


def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise NobodySaidWhich("several databases (HEGE_DATABASES), and nobody said which; see hege.kernel.shards.within")


class Operations(base.DatabaseOperations):
    """No statement is drawn for it either."""

    quote_name = refuse


class DatabaseWrapper(base.DatabaseWrapper):
    """Refuses whatever it is asked."""

    ops_class = Operations
    _cursor = ensure_connection = _commit = _set_autocommit = _savepoint_commit = refuse
