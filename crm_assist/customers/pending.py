"""Keys that wait for the host's commit: passed on once per transaction, never after a rollback."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from threading import local

from django.db import DEFAULT_DB_ALIAS, transaction

Take = Callable[[str, Collection[str]], None]


class _Batches(local):
    """Per thread: for each database and model, the open set of keys and where its hook stands."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, str], tuple[set[str], int]] = {}


_batches = _Batches()


def after_commit(model_label: str, key: str, take: Take, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Have `take(model_label, keys)` called once after commit; at once where there is no transaction."""
    hooks = transaction.get_connection(using).run_on_commit
    keys, position = _batches.open.get((using, model_label), (set(), 0))
    # A rolled back savepoint or transaction took the hook away, or moved it: then a new batch starts.
    if position < len(hooks) and _is_hook_of(hooks[position][1], keys):
        keys.add(key)
        return
    keys = {key}
    _batches.open[using, model_label] = (keys, len(hooks))
    transaction.on_commit(partial(_take, take, model_label, keys), using=using, robust=True)


def _is_hook_of(hook: object, keys: set[str]) -> bool:
    return isinstance(hook, partial) and hook.func is _take and hook.args[2] is keys


def _take(take: Take, model_label: str, keys: set[str]) -> None:
    take(model_label, frozenset(keys))
