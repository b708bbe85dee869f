"""The bar: silent for a second, drawn for a person, one line for a file."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management.base import OutputWrapper

from project.demo.progress import Progress, chunks


class Terminal(StringIO):
    """A place where a person watches."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress__short_work__shows_one_line() -> None:
    stream, clock = Terminal(), Clock()
    bar = Progress("Rows", 10, OutputWrapper(stream), clock=clock)
    clock.now = 0.9
    bar(10)
    bar.finish()
    assert stream.getvalue() == "Rows: 10 in 0.9 s\n"


def test_progress__long_work__is_drawn_in_place() -> None:
    stream, clock = Terminal(), Clock()
    bar = Progress("Rows", 1000, OutputWrapper(stream), clock=clock)
    clock.now = 2.0
    bar(500)
    bar(501)
    assert stream.getvalue() == "\rRows: [###############...............] 500/1,000 "
    assert bar.finish() == 2.0


def test_progress__no_terminal__is_never_drawn() -> None:
    stream, clock = StringIO(), Clock()
    bar = Progress("Rows", 10, OutputWrapper(stream), clock=clock)
    clock.now = 5.0
    bar(5)
    assert stream.getvalue() == ""


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (3, [3]), (7, [3, 3, 1])])
def test_chunks__any_count__in_lists_of_at_most_the_size(count: int, sizes: list[int]) -> None:
    assert [len(chunk) for chunk in chunks(range(count), 3)] == sizes
