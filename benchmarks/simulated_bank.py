"""A simulated bank of which the truth is known: customers, the true probability of each, and what they then did.

Numbers of several shapes, categories with rare levels, values missing by chance and for a reason, bends, steps and
mild interactions. Nothing here is a real person's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[Any]]

JOBS = {"clerk": 0.0, "nurse": 0.15, "engineer": 0.3, "farmer": -0.35, "student": -0.5, "retired": 0.25}
CHANNELS = {"branch": 0.3, "phone": 0.0, "web": -0.2}
REGIONS = {f"region {number}": 0.1 * np.sin(number) for number in range(30)}
SEGMENTS = {"plain": 0.0, "premium": 0.45, "private": 0.7}


@dataclass(frozen=True, kw_only=True, slots=True)
class Customers:
    """Simulated customers: columns, the true probability of each, and the outcome drawn from it, shape (n,)."""

    columns: Columns
    probability: Floats
    outcome: npt.NDArray[np.intp]


def simulated(rows: int, *, seed: int) -> Customers:
    """So many customers of the simulated bank; the same seed gives the same ones, another one fresh ones."""
    draw = np.random.default_rng(seed)
    numbers, categories = _numbers(draw, rows), _categories(draw, rows)
    logit = _bends(numbers) + _levels(categories) + _interactions(numbers, categories)
    columns: Columns = {**numbers, **categories}
    logit += _lose(columns, draw)
    probability = 1.0 / (1.0 + np.exp(-(logit - 2.6)))
    outcome = (draw.random(rows) < probability).astype(np.intp)
    return Customers(columns=columns, probability=probability, outcome=outcome)


def _numbers(draw: np.random.Generator, rows: int) -> Columns:
    return {
        "age": draw.uniform(18.0, 90.0, rows),
        "balance": draw.lognormal(7.0, 1.5, rows),
        "tenure_days": draw.exponential(1500.0, rows),
        "contacts": draw.poisson(3.0, rows).astype(np.float64),
        "products": draw.binomial(6, 0.3, rows).astype(np.float64),
        "salary_share": draw.beta(2.0, 3.0, rows),
        "noise": draw.normal(0.0, 1.0, rows),
    }


def _categories(draw: np.random.Generator, rows: int) -> Columns:
    def of(levels: dict[str, float], shares: Floats) -> npt.NDArray[Any]:
        return draw.choice(np.array(list(levels), dtype=object), rows, p=shares / shares.sum())

    return {
        "job": of(JOBS, np.array([30.0, 12.0, 15.0, 4.0, 9.0, 30.0])),
        "channel": of(CHANNELS, np.array([3.0, 2.0, 5.0])),
        "region": of(REGIONS, 1.0 / np.arange(1.0, len(REGIONS) + 1.0)),
        "segment": of(SEGMENTS, np.array([80.0, 17.0, 3.0])),
    }


def _bends(numbers: Columns) -> Floats:
    """Curves, steps and ceilings of single numbers, as log-odds."""
    found: Floats = (
        0.5 * np.sin((numbers["age"] - 18.0) / 20.0)
        + 0.35 * (np.log(numbers["balance"]) - 7.0)
        - 0.3 * (numbers["tenure_days"] < 365.0)
        + 0.12 * np.minimum(numbers["contacts"], 6.0)
        + 0.25 * (numbers["products"] >= 3.0)
        + 0.8 * (numbers["salary_share"] - 0.4)
    )
    return found


def _levels(categories: Columns) -> Floats:
    effects = {"job": JOBS, "channel": CHANNELS, "region": REGIONS, "segment": SEGMENTS}
    found = np.zeros(len(categories["job"]))
    for name, effect in effects.items():
        found += np.array([effect[level] for level in categories[name]])
    return found


def _interactions(numbers: Columns, categories: Columns) -> Floats:
    """Mild: a card of single features cannot have them, and they are small beside what it can."""
    young_on_the_web = (numbers["age"] < 30.0) & (categories["channel"] == "web")
    found: Floats = 0.2 * young_on_the_web + 0.03 * (np.log(numbers["balance"]) - 7.0) * (numbers["contacts"] - 3.0)
    return found


def _lose(columns: Columns, draw: np.random.Generator) -> Floats:
    """Take values away, in place, and give the log-odds that go with it: one is missing for a reason, two by chance."""
    rows = len(columns["job"])
    unknown = draw.random(rows) < 0.12
    columns["salary_share"] = np.where(unknown, np.nan, columns["salary_share"])
    columns["tenure_days"] = np.where(draw.random(rows) < 0.02, np.nan, columns["tenure_days"])
    columns["job"][draw.random(rows) < 0.03] = None
    return np.asarray(-0.4 * unknown, dtype=np.float64)
