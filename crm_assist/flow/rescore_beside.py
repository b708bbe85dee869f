"""Two chunks at a time, on two connections: one core of the database scores while the other does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from django.db import connections

T = TypeVar("T")
Act = Callable[[], object]


def together(using: str, acts: Sequence[Act]) -> None:
    """Do all of these, the first here and the others each on a connection of its own, which commits by itself.

    Returns when all are done and raises what any raised. One after the other where the database is no PostgreSQL.
    Nothing here may wait for a lock that the caller's transaction holds.
    """
    if len(acts) < 2 or connections[using].vendor != "postgresql":
        for act in acts:
            act()
        return
    with ThreadPoolExecutor(len(acts) - 1, thread_name_prefix="crm_assist") as pool:
        others = [pool.submit(_apart, using, act) for act in acts[1:]]
        acts[0]()
        for other in others:
            other.result()


def _apart(using: str, act: Act) -> None:
    try:
        act()
    finally:
        connections[using].close()  # this thread's own


def pairs(using: str, items: Iterable[T]) -> Iterator[list[T]]:
    """The items by two where two may work at once: not inside a transaction that others cannot see into."""
    width = 1 if connections[using].in_atomic_block or connections[using].vendor != "postgresql" else 2
    rest = iter(items)
    while some := list(islice(rest, width)):
        yield some
