"""Columns known only after the outcome, told by what they do and never by their names.

A column written after the outcome does two things at once that honest columns do not:

1. It sets apart a zone of rows in which one outcome all but vanishes, although the other columns expect it there: with
   95 % confidence the odds in the zone are at least ZONE_ODDS times away from what the others expect of the same rows.
2. It tells out of all proportion: the uncertainty about the outcome (log loss) that it removes beyond the others is at
   least LEAST_GAIN of the whole, and at least half of what the others remove together.

Honest columns come near one of the two: a strong feature tells much, but gradually; who owns the product already, or
may not have it, is a zone without the outcome, but outside it such a column tells nothing. So where the rarer outcome
vanishes the column must go on telling outside the zone, at least LEAST_OUTSIDE of what is uncertain there; where the
rarer outcome becomes certain CERTAIN_GAIN of the whole is enough. A column that removes ALMOST_ALL by itself is the
outcome under another name, with or without a zone.

All probabilities are held out (`held_out`). Every suspect is judged against the columns that are no suspects, so that
two leaks cannot hide behind each other. What is smooth and weak is not found: nothing in the data tells it from a good
feature; nor is what rests on few outcomes, since the zone needs about 50 that are expected and do not come. The bounds
were set on Bank Marketing, Berka, CoIL and made-up worlds: the leaks there reach odds of 19 and more, the clearest zone
of an honest column that tells LEAST_GAIN has 8.

Idea: Kaufman, Rosset and Perlich 2012, "Leakage in data mining". Interval: Garwood 1936, by Wilson and Hilferty 1931.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .bins import Bins
from .columns import Floats
from .findings import Finding
from .held_out import Codes, alone, log_odds, loss, parts, together

ZONE_ODDS = 15.0
LEAST_GAIN = 0.10
OF_THE_OTHERS = 0.5
LEAST_OUTSIDE = 0.05
CERTAIN_GAIN = 0.05
ALMOST_ALL = 0.60

NEARLY_NONE = 0.10
"""The commoner outcome vanishes only where at most so many rows still have it, however rare the other is."""

STEPS = 40
"""Zones are tried at so many quantiles of what the column tells."""

FEWEST_EXPECTED = 5.0
FEWEST_OUTSIDE = 20
NORMAL_95 = 1.6448536269514722

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class Zone:
    """Rows set apart by a column, mask of shape (n,): how often the vanishing outcome was seen and expected there.

    `odds` is the factor, with 95 % confidence, between the expected and the seen odds; `rare` says whether it is the
    rarer outcome that vanishes.
    """

    rows: Mask
    seen: float
    expected: float
    odds: float
    rare: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a column tells of the outcome: shares of the uncertainty, beyond the others, and theirs."""

    gain: float
    others: float
    outside: float
    zone: Zone | None


def leaks(bins: Sequence[Bins], codes: Sequence[Codes], y: Floats, part: Codes) -> list[Finding]:
    """Return a finding that blocks for every column that behaves as if written after the outcome.

    `codes` gives each row's bin per column and `part` its fold, all of shape (n,).
    """
    base = together([], [], y, part)
    singles = [alone(each, code, y, part) for each, code in zip(bins, codes, strict=True)]
    suspects = [place for place, single in enumerate(singles) if _suspicious(single, base, y)]
    if not suspects:
        return []
    rest = [place for place in range(len(bins)) if place not in suspects]
    others = together([bins[place] for place in rest], [codes[place] for place in rest], y, part)
    found = []
    for place in suspects:
        told = _told(bins[place], codes[place], singles[place], others, y, part)
        if is_leak(told):
            found.append(_finding(bins[place].name, told, y))
    return found


def is_leak(told: Told) -> bool:
    """Whether a column tells what only one written after the outcome can tell; the rule of this module."""
    if told.gain >= ALMOST_ALL:
        return True
    if told.zone is None or told.zone.odds < ZONE_ODDS or told.gain < OF_THE_OTHERS * told.others:
        return False
    if told.zone.rare:
        return told.gain >= LEAST_GAIN and told.outside >= LEAST_OUTSIDE
    return told.gain >= CERTAIN_GAIN


def zone(score: Floats, expected: Floats, y: Floats) -> Zone | None:
    """Return the clearest zone at either end of `score`, shape (n,), or None if no outcome falls short anywhere.

    `expected` is the probability by other columns. A zone is all rows up to (or from) a quantile of the score.
    """
    rarer = y.mean() <= 0.5
    best: Zone | None = None
    for border in np.unique(np.quantile(score, np.linspace(0.0, 1.0, STEPS + 1))):
        for rows, hit, chance, is_one in (
            (score <= border, y, expected, True),
            (score >= border, 1.0 - y, 1.0 - expected, False),
        ):
            seen, due, n = float(hit[rows].sum()), float(chance[rows].sum()), int(rows.sum())
            most = min(upper(seen), n - 0.5)
            rare = is_one == rarer
            if n == len(y) or due < FEWEST_EXPECTED or most >= due or not (rare or most <= NEARLY_NONE * n):
                continue
            odds = _odds(due, n) / _odds(most, n)
            if best is None or odds > best.odds:
                best = Zone(rows=rows, seen=seen, expected=due, odds=odds, rare=rare)
    return best


def upper(count: float) -> float:
    """Return the upper end of the one-sided 95 % interval of a Poisson mean, given the count (3.0 for none)."""
    shape = count + 1.0
    return float(shape * (1.0 - 1.0 / (9.0 * shape) + NORMAL_95 / (3.0 * shape**0.5)) ** 3)


def _suspicious(single: Floats, base: Floats, y: Floats) -> bool:
    told = 1.0 - float(loss(y, single).sum() / loss(y, base).sum())
    if told < CERTAIN_GAIN:
        return False
    if told >= ALMOST_ALL:
        return True
    found = zone(single, base, y)
    return found is not None and found.odds >= ZONE_ODDS


def _told(bins: Bins, code: Codes, single: Floats, others: Floats, y: Floats, part: Codes) -> Told:
    every = np.ones(len(y), dtype=bool)
    whole = float(loss(y, together([], [], y, part)).sum())
    found = zone(single, others, y)
    return Told(
        gain=_saved(bins, code, others, y, rows=every),
        others=1.0 - float(loss(y, others).sum()) / whole,
        outside=_saved(bins, code, others, y, rows=~found.rows) if found else 0.0,
        zone=found,
    )


def _saved(bins: Bins, code: Codes, others: Floats, y: Floats, *, rows: Mask) -> float:
    """Return the share of the uncertainty among `rows` that the column removes beyond the others.

    The others are fitted to these rows anew, so that a mere change of level between rows is no merit of the column.
    """
    y, offset = y[rows], log_odds(others[rows])
    if min(y.sum(), (1.0 - y).sum()) < FEWEST_OUTSIDE:
        return 0.0
    part = parts(y, seed=0)
    whole = loss(y, together([], [], y, part)).sum()
    before = loss(y, together([], [], y, part, offset=offset)).sum()
    return float((before - loss(y, together([bins], [code[rows]], y, part, offset=offset)).sum()) / whole)


def _odds(count: float, n: int) -> float:
    return count / (n - count)


def _finding(name: str, told: Told, y: Floats) -> Finding:
    found = told.zone
    evidence = {
        "gain": told.gain,
        "others": max(0.0, told.others),
        "rows": float(found.rows.sum()) if found else float(len(y)),
        "seen": found.seen if found else 0.0,
        "expected": found.expected if found else 0.0,
    }
    return Finding(code="leak", severity="blocks", feature=name, evidence=evidence)
