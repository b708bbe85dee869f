"""Two things timed in turn in one run, so that a busy machine slows both: only their ratio is a figure."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

LEAST_REPEATS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """Seconds of one call, once for each repeat."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle repeat, in seconds."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """How far the repeats lie apart: (third - first quartile) / median."""
        first, _, third = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return (third - first) / self.median


def times(first: Timing, second: Timing) -> float:
    """How many times as long the first takes: the middle of the ratios of neighbours, which were equally disturbed."""
    return statistics.median(one / other for one, other in zip(first.seconds, second.seconds, strict=True))


def interleave(
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    repeats: int = 7,
    block_s: float = 0.02,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Timing, Timing]:
    """Time both in turn, `repeats` times (at least 5), after a call of each to warm up.

    A fast call is repeated within a block until the block lasts about `block_s`; the garbage collector rests.
    """
    if repeats < LEAST_REPEATS:
        raise ValueError(f"repeats={repeats}: a median of fewer than {LEAST_REPEATS} is not a figure")
    pair = [(act, _calls_for(act, block_s=block_s, clock=clock)) for act in (first, second)]
    taken: tuple[list[float], list[float]] = ([], [])
    collecting = gc.isenabled()
    gc.disable()
    try:
        for repeat in range(repeats):
            # The order turns, so that neither always runs on the other's warm caches.
            for place in (0, 1) if repeat % 2 == 0 else (1, 0):
                act, calls = pair[place]
                taken[place].append(_block(act, calls=calls, clock=clock) / calls)
            gc.collect()
    finally:
        if collecting:
            gc.enable()
    return Timing(seconds=tuple(taken[0])), Timing(seconds=tuple(taken[1]))


def _calls_for(act: Callable[[], object], *, block_s: float, clock: Callable[[], float]) -> int:
    """Calls that fill a block; the first call, which may import and cache, does not count."""
    act()
    calls = 1
    while (took := _block(act, calls=calls, clock=clock)) < block_s and calls < 10_000_000:
        calls = max(calls * 2, min(calls * 100, int(calls * block_s / max(took, 1e-9))))
    return calls


def _block(act: Callable[[], object], *, calls: int, clock: Callable[[], float]) -> float:
    began = clock()
    for _ in range(calls):
        act()
    return clock() - began


def duration(seconds: float) -> str:
    """Seconds as people read them: `4.2 us`, `1.93 ms`, `7.1 s`."""
    for limit, scale, unit in ((1e-3, 1e6, "us"), (1.0, 1e3, "ms")):
        if seconds < limit:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds:.3g} s"
