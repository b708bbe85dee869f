"""Timing is fair: in turn, often enough, on a clock that tests can set."""

from __future__ import annotations

import gc

import pytest

from benchmarks.timing import Timing, duration, interleave, times


class Bench:
    """A clock that only our own work moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.log: list[str] = []
        self.collecting: set[bool] = set()

    def clock(self) -> float:
        return self.now

    def work(self, name: str, seconds: float) -> None:
        self.now += seconds
        self.log.append(name)
        self.collecting.add(gc.isenabled())


def test_interleave__two_costs__gives_their_ratio() -> None:
    bench = Bench()
    slow, fast = interleave(
        lambda: bench.work("a", 0.004), lambda: bench.work("b", 0.001), block_s=0.0, clock=bench.clock
    )
    assert slow.median / fast.median == pytest.approx(4.0)
    assert (len(slow.seconds), len(fast.seconds)) == (7, 7)


def test_interleave__slow_calls__take_turns_and_swap_the_order() -> None:
    bench = Bench()
    interleave(lambda: bench.work("a", 1.0), lambda: bench.work("b", 1.0), repeats=5, clock=bench.clock)
    warm_up_and_sizing, measured = bench.log[:4], bench.log[4:]
    assert warm_up_and_sizing == ["a", "a", "b", "b"]
    assert "".join(measured) == "abbaabbaab"


def test_interleave__fast_calls__fill_a_block_and_are_told_one_by_one() -> None:
    bench = Bench()
    quick, _ = interleave(lambda: bench.work("a", 1e-5), lambda: bench.work("b", 1.0), block_s=0.02, clock=bench.clock)
    assert quick.median == pytest.approx(1e-5)
    assert bench.log.count("a") >= 7 * 2000


def test_interleave__measured_calls__are_not_disturbed_by_the_collector() -> None:
    bench = Bench()
    interleave(lambda: bench.work("a", 1.0), lambda: bench.work("b", 1.0), clock=bench.clock)
    assert False in bench.collecting
    assert gc.isenabled()


def test_interleave__too_few_repeats__are_refused() -> None:
    with pytest.raises(ValueError, match="repeats=4"):
        interleave(lambda: None, lambda: None, repeats=4)


def test_interleave__error_in_a_call__comes_out_with_the_collector_on() -> None:
    with pytest.raises(ZeroDivisionError):
        interleave(lambda: None, lambda: 1 / 0)
    assert gc.isenabled()


def test_timing__spread__is_relative_to_the_median() -> None:
    timing = Timing(seconds=(1.0, 2.0, 3.0, 4.0, 5.0))
    assert (timing.median, timing.spread) == (3.0, pytest.approx(2 / 3))


def test_times__machine_slow_for_a_while__slows_both_of_a_pair_alike() -> None:
    first, second = Timing(seconds=(2.0, 20.0, 2.0, 2.0, 30.0)), Timing(seconds=(1.0, 10.0, 1.0, 1.0, 10.0))
    assert times(first, second) == 2.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4.2e-6, "4.2 us"), (1.934e-3, "1.93 ms"), (0.4741, "474 ms"), (7.1, "7.1 s"), (72.4, "72.4 s")],
)
def test_duration__any_size__has_its_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text
