"""What a compiled card carries beside its points."""

from __future__ import annotations

import numpy as np

from crm_assist.learning import fit_scorecard
from tests.learning.examples import customers


def test_golden_rows__take_quantiles_of_every_column_in_order() -> None:
    X, y = customers()
    first, *rest = fit_scorecard(X, y).golden
    assert set(first.row.values()) == {None}
    texts = sorted(job for job in X["job"] if job is not None)
    places = np.linspace(0.1, 0.9, len(rest))
    assert [golden.row["job"] for golden in rest] == [texts[int(place * (len(texts) - 1))] for place in places]
    known = [value for value in X["balance"] if value is not None]
    assert [golden.row["balance"] for golden in rest] == np.quantile(known, places).tolist()
