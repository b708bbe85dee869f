"""A card in words: features and values by what people call them, and by their names where nobody says."""

from __future__ import annotations

from crm_assist.scorecards import Feature, Scorecard
from crm_assist.web.card_words import card_told

CARD = Scorecard(
    parts=(
        Feature(name="segment", kind="category", levels=("private", ""), points=(0.0, 0.1, 0.2, 0.3)),
        Feature(name="age", kind="number", edges=(30.0,), points=(-0.5, 0.5, 0.0)),
    ),
    intercept=-1.0,
)


def ranges(told: dict[str, object]) -> list[str]:
    return [one["range"] for one in told["bins"]]  # type: ignore[attr-defined]


def test_card__labels_told__stand_for_names() -> None:
    age, segment = card_told(CARD, {"age": "Age of the customer"}, {"segment": {"private": "Private bank"}})["features"]
    assert (age["label"], segment["label"], segment["name"]) == ("Age of the customer", "", "segment")
    assert ranges(age) == ["below 30", "from 30", "not known"]
    assert ranges(segment) == ["all others", "Private bank", "not given", "not known"]


def test_card__nothing_told__keeps_its_names() -> None:
    assert ranges(card_told(CARD, {}, {})["features"][1]) == ["all others", "private", "not given", "not known"]
