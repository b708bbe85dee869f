"""Which product is hidden? One card per product ranks them, beside popularity and the free models of the same run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import next_product as task
from benchmarks.certainty import share_error
from benchmarks.figure import Measured, Run, figure
from benchmarks.free_models import Floats, encoder_of
from benchmarks.next_product import Examples
from crm_assist.learning import fit_scorecard

NEEDS = ("shared_data", "learn", "lightgbm")
LEAST = 30
Ranker = Callable[[Examples, Examples], Floats]


def _popularity(seen: Examples, asked: Examples) -> Floats:
    """How often those who hold something else too hold each product, for everybody alike."""
    several = np.flatnonzero(seen.visible.sum(axis=1))
    held = np.bincount(seen.hidden[several], minlength=len(seen.products))
    return np.tile(held.astype(float), (len(asked.hidden), 1))


def _cards(seen: Examples, asked: Examples) -> Floats:
    """One card per product of at least LEAST examples: is it the hidden one, of those who do not visibly hold it?

    A product of fewer examples has the same small chance for everybody: its share.
    """
    names = _told(seen)
    share = np.bincount(seen.hidden, seen.weight, minlength=len(seen.products)) / seen.weight.sum()
    scores = np.tile(share, (len(asked.hidden), 1))
    for product in range(len(seen.products)):
        open_to = seen.only(~seen.visible[:, product])
        y = (open_to.hidden == product).astype(int)
        if y.sum() >= LEAST:
            card = fit_scorecard({name: open_to.columns[name] for name in names}, y, weight=open_to.weight)
            scores[:, product] = card.probability({name: asked.columns[name] for name in names})
    return scores


def _softmax(seen: Examples, asked: Examples) -> Floats:
    from sklearn.linear_model import LogisticRegression  # [learn]
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.03, max_iter=500))
    return _of_all(model, seen, asked, logisticregression__sample_weight=seen.weight)


def _lightgbm(seen: Examples, asked: Examples) -> Floats:
    from lightgbm import LGBMClassifier  # [bench]

    model = LGBMClassifier(n_estimators=100, num_leaves=4, learning_rate=0.05, n_jobs=1, random_state=0, verbose=-1)
    return _of_all(model, seen, asked, sample_weight=seen.weight)


def _of_all(model: Any, seen: Examples, asked: Examples, **weights: Any) -> Floats:
    """The probability of every product by one model of all classes, on all that is known of a customer."""
    encoder = encoder_of(seen.columns)
    model.fit(encoder.matrix(seen.columns), seen.hidden, **weights)
    scores = np.zeros((len(asked.hidden), len(seen.products)))
    # By plain arrays: the names that LightGBM makes up for columns would be missed.
    scores[:, model.classes_] = model.predict_proba(encoder.matrix(asked.columns))
    return scores


def _told(examples: Examples) -> list[str]:
    """The contributions to each product: they say how many are held too, so that the counts add nothing."""
    return [f"P{name[1:]}" for name in examples.products]


@figure("N1", bar=0.790, better="higher", unit=" hit@1", needs=NEEDS, whole=True)
def n1(run: Run) -> Measured:
    """The hidden product is ranked first."""
    seen, asked = task.to_learn_from(), task.to_judge()
    rankers: dict[str, Ranker] = {"popularity": _popularity, "softmax": _softmax, "LightGBM": _lightgbm}
    ours = _rates(_cards(seen, asked), asked)
    beside = {name: _rates(rank(seen, asked), asked) for name, rank in rankers.items()}
    told = ", ".join(f"{name} {first:.3f} / {third:.3f}" for name, (first, third) in beside.items())
    error = share_error(ours[0], len(asked.hidden))
    return Measured(
        value=ours[0],
        reference=f"hit@3 {ours[1]:.3f}; SE {error:.3f}; {told}; goal 0.802",
        detail={"hit_3": ours[1], "se": error} | {f"hit_1 {name}": first for name, (first, _) in beside.items()},
    )


def _rates(scores: Floats, asked: Examples) -> tuple[float, float]:
    """The share of hidden products ranked first, and among the first three."""
    first, third = (float(task.hits(asked, scores, within=within).mean()) for within in (1, 3))
    return first, third
