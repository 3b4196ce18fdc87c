"""What an address asks for (地址里的条件), and how much of it a page has read."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict


class AskedFor(QueryDict):
    """The query of an address; it remembers which of its names anybody has read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.read: set[str] = set()
        super().__init__(*args, **kwargs)
        self.read = set()  # filling it reads it, too

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)

    def getlist(self, key: str, default: Any = None) -> Any:
        """All values of a name."""
        self.read.add(key)
        return super().getlist(key, default)

    @property
    def unread(self) -> set[str]:
        """The names that nobody has asked for."""
        return {*self.keys()} - self.read
