"""All targets of one customer at once; a card that fails closes no target but its own."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from crm_assist.flow import propensities as module
from crm_assist.flow.propensities import propensities
from crm_assist.scorecards import Calibration, Scorecard
from tests.scorecards.examples import small_card, wide_card

ROW = {"balance": 250.0, "job": "nurse"}


def several(count: int) -> dict[str, Scorecard]:
    """Cards that differ in their calibration."""
    return {f"target {i}": replace(small_card(), calibration=Calibration(offset=0.1 * i)) for i in range(count)}


@pytest.mark.parametrize("count", [0, 1, 2, 60])
def test_propensities__any_number_of_cards__are_each_cards_own(count: int) -> None:
    cards = several(count)
    assert propensities(cards, ROW) == {target: card.one(ROW) for target, card in cards.items()}


def test_propensities__one_card_lacks_its_features__the_others_stay(caplog: pytest.LogCaptureFixture) -> None:
    cards = several(3) | {"wide": wide_card()}
    with caplog.at_level(logging.ERROR):
        found = propensities(cards, ROW)
    assert found == {target: card.one(ROW) for target, card in several(3).items()}
    assert [(record.message, record.__dict__["target"]) for record in caplog.records] == [
        ("crm_assist.card_failed", "wide")
    ]


def test_propensities__another_order_of_targets__gives_the_same_numbers() -> None:
    cards = several(5) | {"turned": replace(small_card(), parts=tuple(reversed(small_card().parts)))}
    assert propensities(dict(reversed(cards.items())), ROW) == propensities(cards, ROW)


def test_propensities__a_card_published_anew__is_the_one_that_counts() -> None:
    cards = several(2)
    before = propensities(cards, ROW)
    cards["target 1"] = replace(small_card(), intercept=2.0)
    after = propensities(cards, ROW)
    assert after["target 0"] == before["target 0"]
    assert after["target 1"] == cards["target 1"].one(ROW) != before["target 1"]


def test_propensities__ever_more_sets_of_cards__are_not_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_STACKS", 3)
    for place in range(10):
        cards = {"a": small_card(), "b": replace(small_card(), intercept=float(place))}
        assert propensities(cards, ROW)["b"] == cards["b"].one(ROW)
    assert len(module._stacks) <= 3
