"""The bar: silent for a second, drawn for a person, one line for a file."""

from __future__ import annotations

from io import StringIO

from django.core.management.base import OutputWrapper
from django.core.management.color import color_style

from crm_assist.management.progress import Progress


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


def test_progress__cleared__leaves_the_line_to_what_comes_next() -> None:
    stream, clock = Terminal(), Clock()
    bar = Progress("Rows", 200, OutputWrapper(stream), clock=clock)
    bar.clear()
    clock.now = 2.0
    bar(50)
    assert stream.getvalue().endswith("] 50/200 ")
    bar.clear()
    assert stream.getvalue().endswith(" \r")
    assert "\n" not in stream.getvalue()


def test_progress__on_standard_error__is_neither_coloured_nor_broken_into_lines() -> None:
    stream, clock = Terminal(), Clock()
    errors = OutputWrapper(stream)
    errors.style_func = color_style(force_color=True).ERROR
    bar = Progress("Rows", 10, errors, clock=clock)
    clock.now = 2.0
    bar(5)
    assert stream.getvalue() == "\rRows: [###############...............] 5/10 "
