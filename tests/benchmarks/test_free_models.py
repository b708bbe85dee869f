"""Free models read the same columns as ours and learn from them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from benchmarks.free_models import Fit, encoder_of, histogram_boosting, lightgbm
from crm_assist.learning.evaluation import auc


def columns(rows: int, seed: int) -> tuple[dict[str, Any], Any]:
    """A number and a category that say something of the outcome."""
    draw = np.random.default_rng(seed)
    job = draw.choice(np.array(["clerk", "nurse"], dtype=object), rows)
    age = draw.normal(size=rows)
    return {"age": age, "job": job}, ((age + 2.0 * (job == "nurse") + draw.normal(size=rows)) > 1.0).astype(int)


def test_encoder__unseen_and_missing_levels__are_missing() -> None:
    encoder = encoder_of({"age": [1.0, 2.0], "job": np.array(["b", None], dtype=object)})
    matrix = encoder.matrix({"age": [3.0, np.nan], "job": ["b", "c"]})
    assert matrix[:, 0].tolist() == pytest.approx([3.0, np.nan], nan_ok=True)
    assert matrix[:, 1].tolist() == pytest.approx([0.0, np.nan], nan_ok=True)


@pytest.mark.parametrize("fit", [histogram_boosting, lightgbm] if find_spec("lightgbm") else [histogram_boosting])
def test_model__fresh_rows__are_ranked_by_what_was_learned(fit: Fit) -> None:
    seen, told = columns(2_000, seed=1)
    asked, truth = columns(2_000, seed=2)
    assert auc(truth, fit(seen, told)(asked)) > 0.85
