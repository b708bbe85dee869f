"""Keys that wait for the host's commit: passed on once per transaction, never after a rollback."""

from __future__ import annotations

import logging
from functools import partial
from threading import local

from django.db import DEFAULT_DB_ALIAS, transaction
from django.dispatch import Signal

logger = logging.getLogger("crm_assist.customers")


class _Batches(local):
    """Per thread: for each database and model, the open set of keys and where its hook stands."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, str], tuple[set[str], int]] = {}


_batches = _Batches()


def send_after_commit(signal: Signal, model_label: str, key: str, using: str = DEFAULT_DB_ALIAS) -> None:
    """Send the key with the others of its transaction after commit; at once without one."""
    hooks = transaction.get_connection(using).run_on_commit
    keys, position = _batches.open.get((using, model_label), (None, 0))
    # A rolled back savepoint or transaction took the hook away, or moved it: then a new batch starts.
    if keys is not None and position < len(hooks) and _is_hook_of(hooks[position][1], keys):
        keys.add(key)
        return
    keys = {key}
    _batches.open[using, model_label] = (keys, len(hooks))
    transaction.on_commit(partial(_send, signal, model_label, keys), using=using, robust=True)


def _is_hook_of(hook: object, keys: set[str]) -> bool:
    return isinstance(hook, partial) and hook.func is _send and hook.args[2] is keys


def _send(signal: Signal, model_label: str, keys: set[str]) -> None:
    """A failure of ours must not reach the host: it is logged, and the sweep finds the change."""
    for _, answer in signal.send_robust(sender=None, model_label=model_label, keys=frozenset(keys)):
        if isinstance(answer, Exception):
            logger.error("Changed customers of %s were not taken up", model_label, exc_info=answer)
