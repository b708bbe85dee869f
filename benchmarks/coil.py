"""The CoIL 2000 insurer as columns: customers of zip areas, their 21 products, a caravan policy or none."""

from __future__ import annotations

import csv
import gzip
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.needs import ROOT
from tests.conditions import shared_data

TYPES = ("MOSTYPE", "MOSHOOFD")
"""Codes of a kind of customer: categories, however they look."""

LEFT_OUT = ("customer", "CARAVAN")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of `coil_train` or `coil_eval_features`, as texts."""
    file = shared_data(ROOT) / "coil2000" / f"{name}.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def columns_of(read: list[dict[str, str]]) -> dict[str, npt.NDArray[Any]]:
    """What is known of each customer: numbers shape (n,), the types of customer as texts."""
    return {
        name: np.array([row[name] if name in TYPES else float(row[name]) for row in read], dtype=_kind(name))
        for name in read[0]
        if name not in LEFT_OUT
    }


def _kind(name: str) -> Any:
    return object if name in TYPES else np.float64


def train() -> tuple[dict[str, npt.NDArray[Any]], npt.NDArray[np.intp]]:
    """The 5,822 customers of `coil_train` as columns, and whether each holds a caravan policy."""
    read = rows("coil_train")
    return columns_of(read), np.array([row["CARAVAN"] == "1" for row in read], dtype=np.intp)
