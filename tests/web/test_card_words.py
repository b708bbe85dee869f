"""A card in words: features and values by what people call them, and by their names where nobody says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm_assist import features as f
from crm_assist.scorecards import Feature, Pair, Scorecard
from crm_assist.web.card_words import can_change, card_told, change_told, share_told

CARD = Scorecard(
    parts=(
        Feature(name="segment", kind="category", levels=("private", ""), points=(0.0, 0.1, 0.2, 0.3)),
        Feature(name="age", kind="number", edges=(30.0,), points=(-0.5, 0.5, 0.0)),
    ),
    intercept=-1.0,
)
DECLARED = {
    "age": f.Number("age", "age", label="Age of the customer"),
    "segment": f.Category("segment", "segment", label="", labels={"private": "Private bank"}, missing="none"),
}


def ranges(told: dict[str, Any]) -> list[str]:
    return [one["range"] for one in told["bins"]]


def test_card__what_is_declared__stands_for_names() -> None:
    age, segment = card_told(CARD, DECLARED)["features"]
    assert (age["label"], segment["label"], segment["name"]) == ("Age of the customer", "", "segment")
    assert ranges(age) == ["below 30", "from 30", "not known"]
    assert ranges(segment) == ["rare or unseen", "Private bank", "not given", "none"]


def test_card__nothing_declared__keeps_its_names() -> None:
    assert ranges(card_told(CARD, {})["features"][1]) == ["rare or unseen", "private", "not given", "not known"]


def test_card__points__have_their_sign_and_their_size_against_the_largest() -> None:
    told = card_told(CARD, {})["features"]
    assert [one["points"] for one in told[0]["bins"]] == ["-0.500", "+0.500", "+0.000"]
    assert [one["size"] for one in told[0]["bins"]] == [-1.0, 1.0, 0.0]
    assert (told[0]["weight"], told[1]["weight"]) == ("1.000", "0.300")


@pytest.mark.parametrize(("share", "told"), [(0.0, "0%"), (0.001, "under 1%"), (0.006, "1%"), (1.0, "100%")])
def test_share__of_few_customers__is_not_told_as_nothing(share: float, told: str) -> None:
    assert share_told(share) == told


FACTS = {
    "age": f.Age("age", "age", label="Age", changeable=False),
    "balance": f.Number("balance", "balance", label="Balance", changeable=True),
    "segment": f.Category("segment", "segment", label="Segment"),
}


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["balance"], "can change"),
        (["age"], "cannot be changed"),
        (["segment"], ""),
        (["gone"], ""),
        (["age", "balance"], "can change"),
        (["balance", "gone"], "can change"),
        (["age", "age"], "cannot be changed"),
        (["age", "segment"], ""),
        (["age", "gone"], ""),
    ],
)
def test_change_told__of_one_or_two_features__is_said_where_the_host_said_it(names: list[str], told: str) -> None:
    assert change_told(names, FACTS) == told
    assert can_change(names, FACTS) is (told == "can change")


def test_card__features_and_pairs__are_marked_by_what_can_change() -> None:
    declared = {**DECLARED, "age": f.Number("age", "age", label="Age", changeable=True)}
    pair = Pair(first="segment", second="age", width=3, points=(0.0,) * 12)
    told = card_told(replace(CARD, pairs=(pair,)), declared)
    assert [one["change"] for one in told["features"]] == ["can change", ""]
    assert told["pairs"][0]["change"] == "can change"


def test_card__pairs__show_the_cells_that_weigh_most_and_count_the_rest() -> None:
    points = (0.0,) * 11 + (0.9,)
    pair = Pair(first="segment", second="age", width=3, points=points, share=(1 / 12,) * 12)
    [told] = card_told(replace(CARD, pairs=(pair,)), DECLARED)["pairs"]
    assert told["label"] == "segment × Age of the customer"
    assert (ranges(told)[0], told["bins"][0]["points"]) == ("none · not known", "+0.900")
    assert told["others"] == 0
