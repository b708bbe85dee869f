"""Are the reasons what moves the score? They are taken away from real customers whom the card has never seen."""

from __future__ import annotations

from typing import Any

from benchmarks.bank_marketing import load
from benchmarks.certainty import share_error
from benchmarks.deletion import deletions
from benchmarks.figure import Measured, Run, figure
from crm_assist.learning import fit_scorecard

TOP = 3
SEED = 5


@figure("reasons.deletion", bar=2, better="higher", needs=("shared_data", "learn"))
def deletion(run: Run) -> Measured:
    """How much further the top three reasons move the log-odds than as many features at random: the worse way of two.

    Deleted is by the mean customer's points, and by the values of another customer drawn at random. The card is fitted
    on the calls just before those it is tried on.
    """
    learned, tried = run.size(full=20_000, quick=5_000), run.size(full=4_000, quick=1_000)
    columns, outcomes, _place = load()
    past = {name: values[-learned - tried : -tried] for name, values in columns.items()}
    card = fit_scorecard(past, outcomes[-learned - tried : -tried])
    fresh = {name: values[-tried:] for name, values in columns.items()}
    by_mean, by_other = deletions(card, _rows(fresh), _rows(past), reasons=TOP, seed=SEED)
    reference = (
        f"mean customer {by_mean.ratio:.2f}x, another customer {by_other.ratio:.2f}x; top moves further for "
        f"{by_mean.share:.1%} and {by_other.share:.1%} of {tried:,} (SE {share_error(by_other.share, tried):.1%})"
    )
    detail = {
        "mean_ratio": by_mean.ratio,
        "mean_share": by_mean.share,
        "other_ratio": by_other.ratio,
        "other_share": by_other.share,
        "top_move": float(by_mean.top.mean()),
        "random_move": float(by_mean.random.mean()),
        "pairs": len(card.pairs),
    }
    return Measured(value=min(by_mean.ratio, by_other.ratio), reference=reference, detail=detail)


def _rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
