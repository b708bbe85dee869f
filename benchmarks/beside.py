"""Our scores beside those of free models on the same rows, in one run: the numbers and the words of a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.certainty import auc_error, gap_error
from benchmarks.free_models import Floats
from crm_assist.learning import evaluation


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """Scores of the same rows by us and by each free model, and what then happened."""

    y: Any
    ours: Floats
    free: Mapping[str, Floats]

    @property
    def auc(self) -> float:
        """Our AUC."""
        return evaluation.auc(self.y, self.ours)

    @property
    def error(self) -> float:
        """Its standard error."""
        return auc_error(self.y, self.ours)

    @property
    def best(self) -> str:
        """The name of the best free model of this run."""
        return max(self.free, key=lambda name: evaluation.auc(self.y, self.free[name]))

    def words(self) -> str:
        """Each free model's AUC, and how far we are from the best of them with the standard error of that gap."""
        each = ", ".join(f"{name} {evaluation.auc(self.y, scores):.3f}" for name, scores in self.free.items())
        best = self.free[self.best]
        gap = self.auc - evaluation.auc(self.y, best)
        return f"SE {self.error:.3f}; {each}; {gap:+.3f} to the best (SE {gap_error(self.y, self.ours, best):.3f})"

    def detail(self) -> dict[str, float]:
        """Every measure of ours, and the AUC of each free model."""
        measures = {
            "se": self.error,
            "ece": evaluation.ece(self.y, self.ours),
            "brier": evaluation.brier(self.y, self.ours),
            "alift": evaluation.alift(self.y, self.ours),
            "lift_10": evaluation.lift_at(self.y, self.ours),
        }
        return measures | {f"auc {name}": evaluation.auc(self.y, scores) for name, scores in self.free.items()}
