"""`python -m benchmarks.million card|histogram ROWS`: one fit of made-up rows, its seconds and peak memory as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.free_models import encoder_of
from crm_assist.learning import fit_scorecard

NUMBERS, CATEGORIES = 12, 8


def columns(rows: int, *, seed: int = 5) -> tuple[dict[str, Any], Any]:
    """Twenty columns, 12 numbers and 8 categories, and outcomes that two of the numbers and one category explain."""
    draw = np.random.default_rng(seed)
    found: dict[str, Any] = {f"number{i}": draw.normal(size=rows) for i in range(NUMBERS)}
    for i in range(CATEGORIES):
        levels = np.array([f"level {k}" for k in range(5 + 2 * i)], dtype=object)
        found[f"text{i}"] = draw.choice(levels, rows)
    logit = found["number0"] + 0.5 * np.abs(found["number1"]) + 0.4 * (found["text0"] == "level 1") - 2.5
    return found, (draw.random(rows) < 1.0 / (1.0 + np.exp(-logit))).astype(np.intp)


def card(given: dict[str, Any], y: Any) -> object:
    """Our fit with default settings."""
    return fit_scorecard(given, y)


def histogram(given: dict[str, Any], y: Any) -> object:
    """scikit-learn's own boosting with default settings, its encoding of the texts included."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # [learn]

    encoder = encoder_of(given)
    places = [place for place, name in enumerate(given) if name in encoder.levels]
    return HistGradientBoostingClassifier(categorical_features=places, random_state=0).fit(encoder.matrix(given), y)


LEARNERS: dict[str, Callable[[dict[str, Any], Any], object]] = {"card": card, "histogram": histogram}


def _mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(learner: str, rows: int) -> None:
    """Print seconds of the fit, the peak before it and the peak at its end."""
    given, y = columns(rows)
    before = _mib()
    began = time.perf_counter()
    LEARNERS[learner](given, y)
    print(json.dumps({"seconds": time.perf_counter() - began, "columns_mib": before, "peak_mib": _mib()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
