"""A new card against the one that serves: both are judged on later rows that neither of them had learned from.

The new card itself learned from all rows, the newest included. So a stand-in is judged for it: a card fitted in the
same way on the rows before those judged, and on other customers. Why so: docs/decisions/0014.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from crm_assist.flow.card_roles import champion_of, usable
from crm_assist.flow.comparison import Comparison
from crm_assist.flow.learned_rows import judged_blocks
from crm_assist.flow.past import Past
from crm_assist.learning import FitError, fit_scorecard
from crm_assist.learning.dataset import TrainingSet
from crm_assist.learning.models import Target
from crm_assist.learning.promotion import LEAST_BLOCKS, judge_challenger, mean_loss
from crm_assist.scorecards import CardError, Scorecard
from crm_assist.scorecards.models import CardVersion

MOST_HELD = 3
"""How many of the newest moments are kept from the stand-in at most."""

LEAST_IN_BLOCK = 10
LEAST_ROWS = 100
LEAST_OF_EACH = 10

Monotonic = Mapping[str, int]
"""By the name of a number: +1 where its points may never fall, -1 where they may never rise."""

CODES = {"pass": "better", "hold": "alike", "fail": "worse"}


def fit_card(rows: TrainingSet, *, monotonic: Monotonic | None = None, seed: int = 0) -> Scorecard:
    """The card that these rows teach; FitError if it would not pass the gates."""
    return fit_scorecard(rows.X, rows.y, time=rows.at, monotonic=monotonic, seed=seed)


def challenge(
    target: Target,
    rows: TrainingSet,
    past: Past,
    *,
    most: int,
    now: datetime,
    seed: int = 0,
    in_force: str = "",
    monotonic: Monotonic | None = None,
) -> Comparison | None:
    """How a card that learned from `rows` does against the champion; None where no card serves yet.

    `in_force` is a person's reason to put it in force whatever is found; `monotonic` is what the new card was held to.
    """
    champion = champion_of(target)
    if champion is None:
        return None
    fitted = partial(fit_card, monotonic=monotonic, seed=seed)
    return _compared(target, champion, rows, past, fitted, most=most, now=now, seed=seed).forced_by(in_force)


def _compared(
    target: Target,
    champion: CardVersion,
    rows: TrainingSet,
    past: Past,
    fitted: Callable[[TrainingSet], Scorecard],
    *,
    most: int,
    now: datetime,
    seed: int,
) -> Comparison:
    told = partial(Comparison, champion=champion.version)
    try:
        card = usable(champion, target)
    except CardError as error:
        return told(code="unfit", fault=str(error))
    unknown = [name for name in card.features if name not in rows.X]
    if unknown:
        return told(code="no_past", fault=", ".join(unknown))
    border = border_of(rows.at, learned_until(card, champion))
    if border is None:
        return told(code="too_soon")
    blocks = judged_blocks(target, past, after=border, until=max(rows.at), most=most, now=now, seed=seed)
    blocks = [block for block in blocks if len(block.y) >= LEAST_IN_BLOCK]
    counted: dict[str, Any] = {"blocks": len(blocks), "rows": sum(len(block.y) for block in blocks)}
    if not _say_enough(blocks):
        return told(code="too_soon", **counted)
    try:
        stand_in = fitted(_before(rows, border, {key for block in blocks for key in block.keys}))
    except FitError:
        return told(code="too_soon", **counted)
    verdict = judge_challenger(_losses(card, blocks), _losses(stand_in, blocks))
    return told(code=CODES[verdict.verdict], gain=verdict.gain, error=verdict.error, **counted)


def border_of(moments: Sequence[datetime], until: datetime) -> datetime | None:
    """The last moment that the stand-in may learn from; None if too few lie after the one that the champion knew.

    At least one moment that the champion did not know is left to the stand-in: else nothing new would be judged.
    """
    known = sorted(set(moments))
    held = min(MOST_HELD, sum(moment > until for moment in known) // 2)
    return known[-1 - held] if held else None


def learned_until(card: Scorecard, version: CardVersion) -> datetime:
    """The last moment that a version learned from: what its card says, else when it was published."""
    text = card.trained.until or ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return version.published_at
    if at.year < 1970:  # a row's number that happens to read as a date
        return version.published_at
    if timezone.is_naive(at):
        at = timezone.make_aware(at)
    return at + timedelta(days=1) if len(text) <= len("2026-05-30") else at


def _say_enough(blocks: Sequence[TrainingSet]) -> bool:
    outcomes = [outcome for block in blocks for outcome in block.y]
    positives = sum(outcomes)
    return (
        len(blocks) >= LEAST_BLOCKS
        and len(outcomes) >= LEAST_ROWS
        and min(positives, len(outcomes) - positives) >= LEAST_OF_EACH
    )


def _before(rows: TrainingSet, border: datetime, judged: Collection[str]) -> TrainingSet:
    """The rows up to the border, of customers who are not judged."""
    return rows.at_places(
        [place for place, at in enumerate(rows.at) if at <= border and rows.keys[place] not in judged]
    )


def _losses(card: Scorecard, blocks: Sequence[TrainingSet]) -> list[float]:
    return [mean_loss(block.y, card.probability(block.X)) for block in blocks]
