"""A bar for work that lasts: silent for a second, then drawn; nothing where nobody watches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

WIDTH = 30
QUIET_SECONDS = 1.0
REDRAW_SECONDS = 0.1


class Screen(Protocol):
    """Where the bar is drawn."""

    def write(self, text: str, /) -> object:
        """Write text."""
        ...

    def flush(self) -> object:
        """Show what was written."""
        ...

    def isatty(self) -> bool:
        """Whether somebody watches."""
        ...


class Progress:
    """Says how much of `total` is done; `clock` is passed in so that nothing here waits."""

    def __init__(self, label: str, total: int, stream: Screen, *, clock: Callable[[], float] = time.monotonic) -> None:
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
        filled = WIDTH * min(done, self.total) // self.total if self.total else WIDTH
        bar = "#" * filled + "." * (WIDTH - filled)
        self.stream.write(f"\r{self.label}: [{bar}] {done:,}/{self.total:,} ")
        self.stream.flush()

    def finish(self, done: int | None = None) -> float:
        """Close the bar with one line that says how many and how long; returns the seconds."""
        seconds = self.clock() - self.started
        start, tail = ("\r", " " * (WIDTH + 6)) if self._drawn_at is not None else ("", "")
        self.stream.write(f"{start}{self.label}: {self.total if done is None else done:,} in {seconds:.1f} s{tail}\n")
        self.stream.flush()
        return seconds
