"""Keys that wait for the host's commit: passed on once per transaction, never after a rollback."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from threading import local

from django.db import DEFAULT_DB_ALIAS, transaction

Take = Callable[[str, Collection[str]], None]


class _Batches(local):
    """Per thread: for each database and model, the keys of the transaction that is open."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, str], set[str]] = {}


_batches = _Batches()


def after_commit(model_label: str, key: str, take: Take, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Have `take(model_label, keys)` called once after commit; at once where there is no transaction."""
    place = (using, model_label)
    # No hook of anybody's waits: this is another transaction than that of the keys before.
    if place not in _batches.open or not transaction.get_connection(using).run_on_commit:
        _batches.open[place] = set()
    keys = _batches.open[place]
    keys.add(key)
    # A hook each, since a savepoint that is rolled back takes its hooks along: the first that is left does it all.
    transaction.on_commit(partial(_take, take, model_label, keys), using=using, robust=True)


def _take(take: Take, model_label: str, keys: set[str]) -> None:
    waiting = frozenset(keys)
    keys.clear()
    if waiting:
        take(model_label, waiting)
