"""Scorecards: a trained model as plain data, with one meaning in three executions.

A card is points per bin of each feature, an intercept and a calibration. It scores one record in plain
Python, a batch in NumPy and a whole table in SQL, and the three agree. Importing this package needs the
standard library alone: NumPy and Django are loaded inside the methods that use them, a learning library
never.
"""

from __future__ import annotations

from .errors import CardError
from .parts import Bin, Calibration, Feature, Golden, Kind, Pair, Purpose, Spread, Training
from .score import Contribution, Score
from .scorecard import Scorecard

__all__ = [
    "Bin",
    "Calibration",
    "CardError",
    "Contribution",
    "Feature",
    "Golden",
    "Kind",
    "Pair",
    "Purpose",
    "Score",
    "Scorecard",
    "Spread",
    "Training",
]
