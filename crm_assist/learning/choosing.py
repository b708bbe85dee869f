"""Which way to fit: held-out rows decide, later ones when time is known, and what that choice itself is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .averaging import Average
from .boosting import Boosting
from .candidates import DEFAULT, Candidate, Data, Single
from .columns import Floats
from .folds import Folds, Mask
from .logistic import Logistic
from .model import Model, Rows

LEAST_PARTS = 3
"""Fewer parts say nothing about how much a difference between candidates owes to chance."""

WIDER = {2: 4.58, 3: 1.55, 4: 1.15}
"""By how much a standard error counts for more where it is known from fewer than five parts: Student's t at 97.5 %."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """Log-odds of rows by models that had not seen them.

    `rows` is a mask, shape (n,); of those rows, `logits` and `part`, the number of the fold, first to last; `models`
    are those of the folds.
    """

    rows: Mask
    logits: Floats
    part: npt.NDArray[np.intp]
    models: tuple[Model, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The candidate that held-out rows prefer, its held-out log-odds, and those of the choosing itself.

    In `nested` each part is scored by the candidate that the other parts prefer (those before it, in time): what
    it says of the quality owes nothing to having looked at many candidates.
    """

    candidate: Candidate
    held: Held
    nested: Held
    models: tuple[tuple[Model, ...], ...]
    """Of each member of the candidate (itself, where it is no average) the models of the folds."""
    apart: float
    """The variance that the kind of model is worth, in log-odds: see `of_kind`."""


def choose(
    data: Data, *, folds: Folds, monotonic: Mapping[str, int], tried: Sequence[Candidate], default: Candidate = DEFAULT
) -> Choice:
    """Return the candidate that held-out rows prefer, with its log-odds and those of the nested choice.

    The default stands unless the best loss beats it by two standard errors (with five parts, one is exceeded
    by chance every fifth time); then the simplest within one standard error of the best is taken. The error
    is that of the mean gain between parts: rows of one period share its fate, so counting them one by one
    would make chance look like evidence.
    """
    held: dict[Candidate, Held] = {}
    loss: dict[Candidate, list[float]] = {}
    for candidate in tried:
        if _is_promising(candidate, loss):
            held[candidate] = _held(candidate, data, folds, monotonic, held)
            rows = held[candidate].rows
            loss[candidate] = _loss_by_part(held[candidate], data.y[rows], data.weight[rows])
    tried, losses = list(loss), np.array(list(loss.values()))
    rows = held[tried[0]].rows
    chosen = tried[preferred(losses, default=tried.index(default))]
    nested = held[tried[0]].logits.copy()
    parts = held[tried[0]].part
    for number in np.unique(parts):
        others = np.unique(parts) < number if folds.in_time else np.unique(parts) != number
        picked = preferred(losses[:, others], default=tried.index(default))
        nested[parts == number] = held[tried[picked]].logits[parts == number]
    members = chosen.members if isinstance(chosen, Average) else (chosen,)
    return Choice(
        candidate=chosen,
        held=held[chosen],
        nested=Held(rows=rows, logits=nested, part=parts),
        models=tuple(held[each].models for each in members),
        apart=of_kind(chosen, held, loss, default=default),
    )


def of_kind(
    chosen: Candidate, held: Mapping[Candidate, Held], loss: Mapping[Candidate, Sequence[float]], *, default: Candidate
) -> float:
    """Return the mean variance of held-out log-odds between the kinds of model, where rows do not tell which is right.

    Regression and the best boosting are taken as two draws of what a kind may say: (a - b)^2 / 2 is their variance,
    and that of their mean is half of it. Source: Draper 1995, "Assessment and propagation of model uncertainty". Where
    the mean of both does worse than the chosen one by more than two standard errors between the parts, the other kind
    knows nothing that the chosen one lacks, and is no doubt about it.
    """
    boosts = [each for each in held if isinstance(each, Boosting)]
    if not boosts:
        return 0.0
    best = min(boosts, key=lambda each: sum(loss[each]))
    plain = chosen if isinstance(chosen, Logistic) else default
    mean = next((each for each in held if isinstance(each, Average) and best in each.members), chosen)
    if not _within(np.array(loss[mean]) - np.array(loss[chosen]), errors=2.0):
        return 0.0
    draws = 4.0 if isinstance(chosen, Average) else 2.0
    return float(((held[plain].logits - held[best].logits) ** 2).mean() / draws)


def preferred(losses: Floats, *, default: int) -> int:
    """Return the place of the candidate to take, by losses of shape (candidates, parts), simplest first."""
    if losses.shape[1] < LEAST_PARTS:
        return default
    behind = losses - losses[losses.mean(axis=1).argmin()]
    if _within(behind[default], errors=2.0):
        return default
    return next(place for place, each in enumerate(behind) if _within(each, errors=1.0))


def _is_promising(candidate: Candidate, known: Mapping[Candidate, Sequence[float]]) -> bool:
    """Whether it is worth its time: pairs are tried with the memory alone that single columns prefer."""
    for each in candidate.members if isinstance(candidate, Average) else (candidate,):
        singles = [other for other in known if isinstance(other, Boosting) and other.pairs == 0]
        if isinstance(each, Boosting) and each.pairs != 0 and singles:
            best = min(singles, key=lambda other: sum(known[other]))
            if each.half_life != best.half_life:
                return False
    return True


def _loss_by_part(held: Held, y: Floats, weight: Floats) -> list[float]:
    loss = weight * (np.logaddexp(0.0, held.logits) - y * held.logits)
    parts = [held.part == number for number in np.unique(held.part)]
    return [float(loss[part].sum() / weight[part].sum()) for part in parts]


def _within(behind: Floats, *, errors: float) -> bool:
    """Return whether the mean of the differences by part, shape (parts,), is within so many standard errors
    of 0, as known from five parts.
    """
    parts = len(behind)
    spread = behind.std(ddof=1) / np.sqrt(parts) * WIDER.get(parts, 1.0) if parts > 1 else 0.0
    return bool(behind.mean() <= errors * spread)


def _held(
    candidate: Candidate, data: Data, folds: Folds, monotonic: Mapping[str, int], known: Mapping[Candidate, Held]
) -> Held:
    """The held-out log-odds of a candidate; those of an average are the mean of its members'."""
    if not isinstance(candidate, Average):
        first = known.get(candidate.alone) if isinstance(candidate, Boosting) else None
        return held_out(candidate, data, folds=folds, monotonic=monotonic, first=first)
    members = [
        known[each] if each in known else _held(each, data, folds, monotonic, known) for each in candidate.members
    ]
    return Held(rows=members[0].rows, logits=np.mean([m.logits for m in members], axis=0), part=members[0].part)


def held_out(
    settings: Single, data: Data, *, folds: Folds, monotonic: Mapping[str, int], first: Held | None = None
) -> Held:
    """Return the log-odds that models of `settings` give to the rows held out from them.

    `first` holds the first stages of boosting with pairs, where they are known.
    """
    whole, models = data.rows(settings.bins), []
    logits = np.zeros(len(data.y))
    part = np.full(len(data.y), -1, dtype=np.intp)
    for number, (learn, attempt) in enumerate(folds.splits):
        seen = Rows(
            bins=whole.bins,
            codes=[code[learn] for code in whole.codes],
            y=data.y[learn],
            weight=data.weight[learn],
            later=data.later[learn] - data.later[learn].min(),
        )
        again = {"alone": first.models[number]} if first and isinstance(settings, Boosting) else {}
        fitted = settings.fit(seen, monotonic=monotonic, **again)
        models.append(fitted)
        # Only what was merged, to be monotonic, is not yet known by its bins.
        tried = [
            code[attempt] if now is before else now.codes(column.rows(attempt))
            for now, before, code, column in zip(fitted.bins, whole.bins, whole.codes, data.columns, strict=True)
        ]
        logits[attempt] = fitted.logits(tried)
        part[attempt] = number
    rows = part >= 0
    return Held(rows=rows, logits=logits[rows], part=part[rows], models=tuple(models))
