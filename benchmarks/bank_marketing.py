"""The public Bank Marketing rows as columns, for the figures that need real data."""

from __future__ import annotations

import csv
import gzip
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.needs import ROOT
from tests.conditions import shared_data

LEFT_OUT = ("row", "period", "duration", "y")
NUMBERS = (
    "age",
    "campaign",
    "pdays",
    "previous",
    "emp.var.rate",
    "cons.price.idx",
    "cons.conf.idx",
    "euribor3m",
    "nr.employed",
)


def load() -> tuple[dict[str, list[Any]], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The columns known before a call, the outcomes, and each row's place in the original file."""
    rows = _rows()
    columns: dict[str, list[Any]] = {
        name: [float(row[name]) if name in NUMBERS else row[name] for row in rows]
        for name in rows[0]
        if name not in LEFT_OUT
    }
    outcomes = np.array([row["y"] == "yes" for row in rows], dtype=np.intp)
    return columns, outcomes, np.array([row["row"] for row in rows], dtype=np.intp)


def load_duration() -> list[float]:
    """How long each call took, in seconds, known only after it: what a check must find, never what a card may use."""
    return [float(row["duration"]) for row in _rows()]


def load_months() -> list[str]:
    """The year and month of each call, as `2009-03`: the rows are in the order of time."""
    return [row["period"] for row in _rows()]


def _rows() -> list[dict[str, str]]:
    file = shared_data(ROOT) / "bank_marketing" / "bank_additional_dev.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
