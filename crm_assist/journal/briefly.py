"""Changes to tables that need the whole table for a moment, made so that nobody has to wait long behind them.

Who asks for such a lock while a long query runs makes everybody else queue up behind: so the wait is cut short, and
tried again later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connections, transaction

from crm_assist.journal.table_shape import PartsError, Shape

WAIT_MS = 500
"""How long others may queue up behind us. It must be shorter than they wait before they look for a deadlock: then it is
always we who give way, and never a writer of the log."""
PAUSE_S = 2.0
TRIES = 60
BUSY = frozenset({"55P03", "40P01"})
"""lock_not_available, deadlock_detected: SQL states after which another try may go through."""


def briefly(
    using: str,
    act: Callable[[Any], None],
    *,
    owner: str,
    about: str,
    tries: int = TRIES,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Do it in one transaction as the owner of the tables, or try again; PartsError when they are never free."""
    for left in reversed(range(tries)):
        try:
            with transaction.atomic(using), connections[using].cursor() as cursor, _as_guest(cursor, owner):
                act(cursor)
            return
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in BUSY:
                raise
            if left:
                sleep(PAUSE_S)
    raise PartsError(
        f"{about} is in use without a pause (see pg_stat_activity). Nothing was lost, and the same command goes on."
    )


def lock_whole(cursor: Any, shape: Shape) -> None:
    """Nobody else reads or writes the table until the transaction ends, nor those it refers to, which come first.

    That is the order of those who write: first they lock the subject, then they insert what is about it.
    """
    for name in (*shape.refers_to, f'"{shape.table}"'):
        cursor.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")


@contextmanager
def _as_guest(cursor: Any, owner: str) -> Iterator[None]:
    """Wait shortly and act for the owner; the rest of the transaction is as it was."""
    cursor.execute(
        "SELECT current_user, current_setting('lock_timeout'), "
        "set_config('lock_timeout', least(%s, setting::int / 2)::text, true) FROM pg_settings "
        "WHERE name = 'deadlock_timeout'",
        [WAIT_MS],
    )
    role, patience, _set = cursor.fetchone()
    act_as(cursor, owner)
    yield
    act_as(cursor, role)
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])


def act_as(cursor: Any, owner: str) -> None:
    """What this transaction makes belongs to the owner of the log's tables."""
    cursor.execute("SELECT current_user")
    if cursor.fetchone()[0] != owner:
        cursor.execute(f'SET LOCAL ROLE "{owner}"')
