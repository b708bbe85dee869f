"""Made-up customers with known preferences."""

from __future__ import annotations

from typing import Any

import numpy as np


def customers(rows: int = 1500, *, seed: int = 5) -> tuple[dict[str, Any], list[int]]:
    """Columns of several kinds, gaps included, and outcomes that depend on some of them."""
    draw = np.random.default_rng(seed)
    balance = draw.lognormal(6.0, 1.5, rows)
    calls = draw.integers(0, 6, rows)
    job = draw.choice(["clerk", "nurse", "it's 100%", "rare"], rows, p=[0.5, 0.3, 0.198, 0.002])
    logit = -1.2 + 0.5 * np.tanh((balance - 400) / 500) - 0.3 * calls + 0.8 * (job == "nurse")
    y = (draw.random(rows) < 1 / (1 + np.exp(-logit))).astype(int)
    gap = draw.random((2, rows)) < 0.08
    X = {
        "balance": [None if hidden else float(value) for value, hidden in zip(balance, gap[0], strict=True)],
        "calls": calls.tolist(),
        "job": [None if hidden else str(value) for value, hidden in zip(job, gap[1], strict=True)],
        "flag": (draw.random(rows) < 0.4).tolist(),
    }
    return X, y.tolist()
