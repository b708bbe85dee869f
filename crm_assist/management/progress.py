"""A bar for work that lasts: silent for a second, then drawn; nothing where nobody watches."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.core.management.base import OutputWrapper

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
        filled = WIDTH * min(done, self.total) // self.total if self.total else WIDTH
        bar = "#" * filled + "." * (WIDTH - filled)
        self._write(f"\r{self.label}: [{bar}] {done:,}/{self.total:,} ")

    def finish(self, done: int | None = None) -> float:
        """Close the bar with one line that says how many and how long; returns the seconds."""
        seconds = self.clock() - self.started
        start, tail = ("\r", " " * (WIDTH + 6)) if self._drawn_at is not None else ("", "")
        self._write(f"{start}{self.label}: {self.total if done is None else done:,} in {seconds:.1f} s{tail}\n")
        return seconds

    def clear(self) -> None:
        """Leave the line empty, for what is written next."""
        if self._drawn_at is not None:
            self._write("\r" + " " * (len(self.label) + WIDTH + 40) + "\r")
            self._drawn_at = None

    def _write(self, text: str) -> None:
        # By itself it would end each drawing with a new line, and colour what goes to standard error.
        self.stream.write(text, style_func=str, ending="")
        self.stream.flush()
