"""A bar for work that lasts: silent for a second, then drawn; one line at the end where nobody watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TypeVar

from django.core.management.base import OutputWrapper

T = TypeVar("T")
WIDTH = 30
QUIET_SECONDS = 1.0
REDRAW_SECONDS = 0.1


class Progress:
    """Says how much of `total` is done; `clock` is passed in so that nothing here waits."""

    def __init__(
        self, label: str, total: int, stream: OutputWrapper, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.label, self.total, self.stream, self.clock = label, total, stream, clock
        self.started = clock()
        self._drawn_at: float | None = None

    def __call__(self, done: int) -> None:
        """`done` of the total are done now."""
        now = self.clock()
        if not self.stream.isatty() or now - self.started < QUIET_SECONDS:
            return
        if done < self.total and self._drawn_at is not None and now - self._drawn_at < REDRAW_SECONDS:
            return
        self._drawn_at = now
        filled = WIDTH * done // self.total if self.total else WIDTH
        self.stream.write(
            f"\r{self.label}: [{'#' * filled}{'.' * (WIDTH - filled)}] {done:,}/{self.total:,} ", ending=""
        )
        self.stream.flush()

    def finish(self) -> float:
        """Close the bar with one line and return the seconds taken."""
        seconds = self.clock() - self.started
        start = "\r" if self._drawn_at is not None else ""
        tail = " " * (WIDTH + 4) if start else ""
        self.stream.write(f"{start}{self.label}: {self.total:,} in {seconds:.1f} s{tail}")
        self.stream.flush()
        return seconds


def chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """`rows` in lists of at most `size`."""
    chunk: list[T] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def total_of(*groups: Sized) -> int:
    """How many things there are together."""
    return sum(len(group) for group in groups)
