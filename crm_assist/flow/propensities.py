"""How likely is each target for one customer? Every card once, all of them together; a card that fails is left out."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence

from crm_assist.scorecards.scorecard import Scorecard
from crm_assist.scorecards.stack import Stack, stacked

logger = logging.getLogger("crm_assist.flow")

MOST_STACKS = 64
"""Sets of cards kept laid out in one process; publishing a card makes another set."""

_stacks: dict[tuple[str, ...], Stack] = {}


def propensities(cards: Mapping[str, Scorecard], values: Mapping[str, object]) -> dict[str, float]:
    """The probability of each target by its card, from the values of the features; a target whose card fails is absent.

    Equal to `card.one` of each, to 1e-9, whatever other cards there are.
    """
    # In the order of their names: a replay that reads the targets in another order adds up the same sums.
    targets = sorted(cards)
    if len(targets) > 1:
        try:
            together = _stack([cards[target] for target in targets]).one(values)
            return dict(zip(targets, together, strict=True))
        except Exception:  # one odd value must not close the other products: its card is found below
            logger.debug("Cards are scored one by one", exc_info=True)
    return dict(_alone(targets, cards, values))


def _alone(
    targets: Collection[str], cards: Mapping[str, Scorecard], values: Mapping[str, object]
) -> Sequence[tuple[str, float]]:
    found = []
    for target in targets:
        try:
            found.append((target, cards[target].one(values)))
        except Exception:
            logger.exception("crm_assist.card_failed", extra={"target": target})
    return found


def _stack(cards: Sequence[Scorecard]) -> Stack:
    known = tuple(card.digest for card in cards)
    stack = _stacks.get(known)
    if stack is None:
        if len(_stacks) >= MOST_STACKS:
            _stacks.clear()
        stack = _stacks[known] = stacked(cards)
    return stack
