"""`python -m benchmarks [ID ...] [--quick] [--json] [--list]`: one line for each figure, 1 when one is short.

`ID  value  reference  bar  ok|short`; a figure whose needs are absent says so and is neither.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.environment import prepared
from benchmarks.figure import FIGURES, Figure, Run, load_figures, number, select
from benchmarks.needs import absent


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One printed line: `state` is ok, short, absent or failed."""

    id: str
    state: str
    reference: str
    bar: str
    seconds: float
    value: float | None = None
    unit: str = ""
    detail: dict[str, float] | None = None

    def line(self) -> str:
        """The line that people read."""
        value = "-" if self.value is None else f"{number(self.value)}{self.unit}"
        return f"{self.id:<24}{value:>14}  {self.reference:<56}{self.bar:>12}  {self.state}"


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for; 0 when nothing is short, 1 when something is, 2 for a wrong question."""
    load_figures()
    asked = _parser().parse_args(arguments)
    if asked.list:
        print("\n".join(f"{f.id:<24}{f.bar_text():>12}" for f in FIGURES.values()))
        return 0
    try:
        chosen = select(asked.ids)
    except KeyError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    results = _measure_all(chosen, run=Run(quick=asked.quick), quiet=asked.json)
    if asked.json:
        print(json.dumps({"machine": _machine(), "quick": asked.quick, "figures": list(map(asdict, results))}))
    return 1 if any(result.state in ("short", "failed") for result in results) else 0


def measure(figure: Figure, run: Run) -> Result:
    """One figure's result; an error in it is shown and the others go on."""
    began = time.monotonic()
    bar = figure.bar_text()
    try:
        found = figure.measure(run)
    except Exception as error:
        traceback.print_exc()
        reference = f"{type(error).__name__}: {error}".partition("\n")[0]
        return Result(id=figure.id, state="failed", reference=reference, bar=bar, seconds=time.monotonic() - began)
    return Result(
        id=figure.id,
        state="ok" if figure.holds(found.value) else "short",
        reference=found.reference,
        bar=bar,
        seconds=time.monotonic() - began,
        value=found.value,
        unit=figure.unit,
        detail=dict(found.detail),
    )


def _measure_all(chosen: Sequence[Figure], *, run: Run, quiet: bool) -> list[Result]:
    """Each in turn, printed as soon as it is known."""
    reasons = {figure.id: _left_out(figure, run) or absent(figure.needs) for figure in chosen}
    needs = {need for figure in chosen if reasons[figure.id] is None for need in figure.needs}
    results = []
    with prepared(needs) as database:
        if not quiet:
            print(f"# {_machine()}; {database}", flush=True)
        for figure in chosen:
            reason = reasons[figure.id]
            result = (
                measure(figure, run)
                if reason is None
                else Result(id=figure.id, state="absent", reference=reason, bar=figure.bar_text(), seconds=0)
            )
            results.append(result)
            if not quiet:
                print(result.line(), flush=True)
    return results


def _left_out(figure: Figure, run: Run) -> str | None:
    return f"whole run only: python -m benchmarks {figure.id}" if run.quick and figure.whole else None


def _machine() -> str:
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measured figures and their bars.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="figures to take; all when none is named")
    parser.add_argument("--quick", action="store_true", help="fewer rows and repeats: under 5 minutes in all")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    parser.add_argument("--list", action="store_true", help="the ids and their bars")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
