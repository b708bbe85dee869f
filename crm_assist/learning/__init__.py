"""Learning: scorecards fitted from past records. The only room that may use scikit-learn; it never serves a
page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from .errors import FitError, require_learn

if TYPE_CHECKING:
    from ..scorecards import Scorecard
    from .alarm import Drift
    from .findings import Finding
    from .oracle import Oracle

__all__ = ["FitError", "check_training", "drift_since", "fit_scorecard", "fit_with_oracle"]


def fit_scorecard(
    X: Mapping[str, Any],
    y: Any,
    *,
    time: Any = None,
    weight: Any = None,
    pairs: int | Literal["auto"] = "auto",
    half_life: float | None = None,
    monotonic: Mapping[str, int] | None = None,
    seed: int = 0,
) -> Scorecard:
    """Return a calibrated scorecard fitted on columns X and outcomes y, checked against scikit-learn to 1e-9.

    X maps each column to n values (a DataFrame works): numbers or categories, None or NaN where unknown; y is
    0 or 1. With `time` (n sortable moments) model and calibration are chosen on later rows than those learned
    from. Regression on bins, boosting of single columns, boosting with pairs of columns, and means of both are tried;
    held-out rows choose. `pairs` is how many pairs may act together, "auto" for those that stand out, 0 for none.
    `weight` is n numbers of at least 0; it halves with every `half_life` later rows, where given. `monotonic` maps a
    number's name to +1 (never falls) or -1 (never rises). Raises FitError naming the column and the remedy;
    ImproperlyConfigured without the extra [learn].
    """
    return fit_with_oracle(
        X, y, time=time, weight=weight, pairs=pairs, half_life=half_life, monotonic=monotonic, seed=seed
    )[0]


def fit_with_oracle(
    X: Mapping[str, Any],
    y: Any,
    *,
    time: Any = None,
    weight: Any = None,
    pairs: int | Literal["auto"] = "auto",
    half_life: float | None = None,
    monotonic: Mapping[str, int] | None = None,
    seed: int = 0,
) -> tuple[Scorecard, Oracle]:
    """Return the card of `fit_scorecard` and its oracle: the fitted estimators behind our binner."""
    require_learn()
    # scikit-learn is optional and heavy: only a fit loads it.
    from .fitting import Wishes, fit

    wishes = Wishes(pairs=pairs, half_life=half_life, monotonic=monotonic or {}, seed=seed)
    return fit(X, y, time=time, weight=weight, wishes=wishes)


def check_training(X: Mapping[str, Any], y: Any, *, time: Any = None, seed: int = 0) -> tuple[Finding, ...]:
    """Return what is wrong with columns X and outcomes y before a card is made of them, the gravest first.

    X, y and time are those of `fit_scorecard`. Looks for columns known only after the outcome and for a ranking too
    good to be true (both block publication), for constant columns, for columns that repeat another and, with `time`,
    for columns and rates that moved within the window (these warn). Empty when all is well. Raises FitError naming the
    column and the remedy; ImproperlyConfigured without the extra [learn].
    """
    require_learn()
    # scikit-learn is optional and heavy: only a check or a fit loads it.
    from .health import check

    return check(X, y, time=time, seed=seed)


def drift_since(card: Scorecard, X: Mapping[str, Any], y: Any = None) -> Drift:
    """Return how far the newest rows are from what the card was fitted on: see `alarm.card_drift`.

    CardError for rows or a card that cannot be compared; ImportError without NumPy.
    """
    # NumPy is optional: only a refit or a check of cards loads it.
    from .alarm import card_drift

    return card_drift(card, X, y)
