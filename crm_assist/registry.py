"""A dictionary that refuses to overwrite: how hosts and rooms register things by name."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class AlreadyRegistered(ValueError):
    """The name is taken."""


class NotRegistered(LookupError):
    """Nothing is known under the name."""


class Registry(Generic[K, V]):
    """Things by name, in the order they came; a second registration of a name is refused."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[K, V] = {}

    def register(self, name: K, entry: V) -> V:
        """Keep `entry` under `name`, or raise AlreadyRegistered."""
        if name in self._entries:
            raise AlreadyRegistered(
                f"{self.kind} {name!r} is registered already; unregister it first or choose another name."
            )
        self._entries[name] = entry
        return entry

    def unregister(self, name: K) -> V:
        """Forget `name`, or raise NotRegistered."""
        self.get(name)
        return self._entries.pop(name)

    def get(self, name: K) -> V:
        """What is registered under `name`, or NotRegistered with the names that are."""
        if name not in self._entries:
            known = ", ".join(str(key) for key in self._entries) or "none"
            raise NotRegistered(f"{self.kind} {name!r} is not registered; registered: {known}.")
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[K]:
        return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> list[tuple[K, V]]:
        """Names and entries, in the order of registration."""
        return list(self._entries.items())

    @contextmanager
    def temporarily(self, name: K, entry: V) -> Iterator[V]:
        """Register for the length of a block, in place of any other of that name: for tests."""
        before = dict(self._entries)
        self._entries[name] = entry
        try:
            yield entry
        finally:
            self._entries = before
