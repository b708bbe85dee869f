"""Who holds a loan, from the graph of a real bank without its payments (Berka)."""

from __future__ import annotations

from benchmarks import berka, free_models
from benchmarks.beside import Beside
from benchmarks.crossing import crossed, fold_of
from benchmarks.figure import Measured, Run, figure
from crm_assist.learning import fit_scorecard


@figure("R1", bar=0.74, better="higher", unit=" AUC", needs=("shared_data", "learn", "lightgbm"), whole=True)
def r1(run: Run) -> Measured:
    """AUC of "holds a loan", cross-validated in ten folds and pooled."""
    columns, y = berka.accounts()
    part = fold_of(y)
    fits: dict[str, free_models.Fit] = {
        "LightGBM": lambda seen, told: free_models.lightgbm(seen, told, num_leaves=7, learning_rate=0.05),
        "HistGB": lambda seen, told: free_models.histogram_boosting(seen, told, max_leaf_nodes=7, learning_rate=0.05),
    }
    found = Beside(
        y=y,
        ours=crossed(columns, y, part, lambda seen, told: fit_scorecard(seen, told).probability),
        free={name: crossed(columns, y, part, fit) for name, fit in fits.items()},
    )
    return Measured(value=found.auc, reference=f"{found.words()}; goal 0.77", detail=found.detail())
