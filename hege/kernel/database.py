"""The database that is asked here: Django's own words for it, which mean "default" by themselves, but of the database whose
street is being served. Everything of ours takes them from here (docs/adr/0042-shards.md)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, overload

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import Atomic
from django.utils.connection import ConnectionProxy

F = TypeVar("F", bound=Callable[..., Any])

# Each look for the connection of a thread asks Django's holder whether an event loop runs: nothing of ours is asynchronous.
_holder: Any = connections
_of_this_thread: Any = threading.local()
_holder._connections = _of_this_thread

#: Django's name of the database that is asked, in this thread and context.
here: ContextVar[str] = ContextVar("database", default=DEFAULT_DB_ALIAS)


def asked() -> BaseDatabaseWrapper:
    """The connection of this thread to the database that is asked."""
    name = here.get()
    return getattr(_of_this_thread, name, None) or connections[name]


class _AtomicHere(Atomic):
    """Django's ``Atomic``, which as a decorator is one for all calls: each call goes to the database that is asked then."""

    @property
    def using(self) -> str:
        return here.get()

    @using.setter
    def using(self, _nothing: str | None) -> None:
        """Django sets it when it is made."""


if TYPE_CHECKING:
    connection: BaseDatabaseWrapper
else:

    class _Here(ConnectionProxy):
        """Django's ``connection``, looked up each time it is used."""

        @property
        def _alias(self) -> str:
            return here.get()

    connection = _Here(connections, DEFAULT_DB_ALIAS)


@overload
def atomic(using: F) -> F: ...
@overload
def atomic(*, savepoint: bool = True, durable: bool = False) -> Atomic: ...
def atomic(using: Any = None, *, savepoint: bool = True, durable: bool = False) -> Any:
    """Django's ``atomic``, as a decorator or a block."""
    here_only = _AtomicHere(None, savepoint, durable)
    return here_only(using) if callable(using) else here_only


def on_commit(todo: Callable[[], object]) -> None:
    """Django's ``on_commit``."""
    transaction.on_commit(todo, using=here.get())


def set_rollback(rollback: bool) -> None:  # noqa: FBT001  # Django's
    """Django's ``set_rollback``."""
    transaction.set_rollback(rollback, using=here.get())


def rollback_on_error() -> AbstractContextManager[None]:
    """Django's ``mark_for_rollback_on_error``."""
    held: AbstractContextManager[None] = transaction.mark_for_rollback_on_error(using=here.get())
    return held
