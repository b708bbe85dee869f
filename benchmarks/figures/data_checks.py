"""Bank Marketing again: is the leak found and nothing else, and how soon is the shift after 2008 noticed."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.bank_marketing import load, load_duration
from benchmarks.figure import Measured, Run, figure
from crm_assist.learning import check_training, evaluation, fit_scorecard
from crm_assist.learning.alarm import card_drift
from crm_assist.learning.promotion import judge_challenger
from crm_assist.scorecards import Scorecard

NEEDS = ("shared_data", "learn")
NAMES = ("duration", "x17")
FIRST_SCORED = 27_690  # protocols B1 and B4: the first row of 2009
WINDOW = 20_000
ASKED_EVERY = 10
MOST = 5_000
BLOCK = 250
SAMPLE = 500

Columns = dict[str, Any]


@figure("B3", bar=1, better="higher", unit="", needs=NEEDS)
def b3(run: Run) -> Measured:
    """1 when the duration of a call, by its name and by another, is the one column held to be a leak; else 0."""
    columns, outcomes, _place = load()
    right, detail = 0, dict[str, float]()
    for name in NAMES:
        found = check_training({**columns, name: load_duration()}, outcomes)
        blocking = [each for each in found if each.severity == "blocks"]
        right += [each.key for each in blocking] == [f"leak:{name}"]
        detail |= {f"{name}_{key}": value for each in blocking for key, value in each.evidence.items()}
    without = [each for each in check_training(columns, outcomes) if each.severity == "blocks"]
    return Measured(
        value=float(right == len(NAMES) and not without),
        reference=f"found alone by {right} of {len(NAMES)} names; without it {len(without)} found",
        detail=detail,
    )


@figure("B4", bar=500, better="lower", unit=" contacts", needs=NEEDS, whole=True)
def b4(run: Run) -> Measured:
    """Contacts until the card of 2008 raises the alarm in 2009; infinite if it was false or a worse card is taken."""
    columns, outcomes, place = load()
    start = int(np.searchsorted(place, FIRST_SCORED))
    card = _fitted(columns, outcomes, start)
    needed, by_rate = (_contacts(card, columns, outcomes, start, kind) for kind in ("shares", "rate"))
    false = _false_alarms(card, columns, outcomes, start, tries=200)
    blocks = 16
    losses = [_block_losses(columns, outcomes, start, blocks, refitted=refitted) for refitted in (True, False)]
    verdict = judge_challenger(*losses)
    sound = not verdict.promoted and not false
    return Measured(
        value=min(needed, by_rate) if sound else float("inf"),
        reference=f"by the rate alone {by_rate:.0f}; false alarms {false}; a frozen challenger: {verdict.verdict}",
        detail={"by_shares": needed, "by_rate": by_rate, "false": float(false), "challenger_gain": verdict.gain},
    )


def _fitted(columns: Columns, outcomes: Any, until: int) -> Scorecard:
    seen = slice(until - WINDOW, until)
    return fit_scorecard(_at(columns, seen), outcomes[seen], time=range(WINDOW))


def _contacts(card: Scorecard, columns: Columns, outcomes: Any, start: int, kind: str) -> float:
    """How many contacts it takes until a sign of this kind; infinite if none comes."""
    for count in range(ASKED_EVERY, MOST + 1, ASKED_EVERY):
        rows = slice(start, start + count)
        if any(sign.kind == kind for sign in card_drift(card, _at(columns, rows), outcomes[rows]).signs):
            return float(count)
    return float("inf")


def _false_alarms(card: Scorecard, columns: Columns, outcomes: Any, start: int, *, tries: int) -> int:
    """How often the alarm rings for rows drawn from those that the card was fitted on: a world that stands still."""
    draw = np.random.default_rng(7)
    picked = [np.sort(draw.choice(np.arange(start - WINDOW, start), SAMPLE, replace=False)) for _try in range(tries)]
    return sum(card_drift(card, _at(columns, rows), outcomes[rows]).moved for rows in picked)


def _block_losses(columns: Columns, outcomes: Any, start: int, blocks: int, *, refitted: bool) -> list[float]:
    """The loss of each block of contacts by a card refitted before it, or by the card of 2008."""
    losses, frozen = [], None if refitted else _fitted(columns, outcomes, start)
    for begin in range(start, start + blocks * BLOCK, BLOCK):
        card = frozen or _fitted(columns, outcomes, begin)
        rows = slice(begin, begin + BLOCK)
        losses.append(evaluation.log_loss(outcomes[rows], card.probability(_at(columns, rows))))
    return losses


def _at(columns: Columns, rows: Any) -> Columns:
    return {
        name: np.asarray(values, dtype=None if isinstance(values[0], float) else object)[rows]
        for name, values in columns.items()
    }
