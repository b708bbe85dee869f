"""Reading a card: everything that is not a sound card is refused with the fault named."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.scorecards import CardError, Purpose, Scorecard
from tests.scorecards.examples import paired_card, small_card, wide_card

TEXT = small_card().dumps()


def changed(change: Callable[[dict[str, Any]], object], *, sealed: bool = True) -> str:
    content = json.loads(TEXT)
    change(content)
    if sealed:
        content.pop("sha256", None)
        plain = json.dumps(content, sort_keys=True, separators=(",", ":"))
        content["sha256"] = hashlib.sha256(plain.encode()).hexdigest()
    return json.dumps(content)


@pytest.mark.parametrize("card", [small_card(), wide_card(), paired_card()], ids=["small", "wide", "paired"])
def test_loads__what_dumps_wrote__is_the_same_card(card: Scorecard) -> None:
    again = Scorecard.loads(card.dumps())
    assert (again, again.digest, again.dumps()) == (card, card.digest, card.dumps())
    assert Scorecard.loads(card.dumps().encode()) == card


def test_dumps__members__are_those_of_the_documented_schema() -> None:
    content = json.loads(TEXT)
    assert content["schema"] == 1
    assert content["kind"] == "crm_assist.scorecard"
    assert set(content["features"][0]) == {"name", "kind", "edges", "points", "share", "diagonal", "factors"}


def test_with_purpose__changes_the_digest_but_no_score() -> None:
    card = small_card()
    named = card.with_purpose(Purpose(target="deposit", label="Deposit", horizon_days=90, adapter="bank.Customer"))
    assert Scorecard.loads(named.dumps()).purpose.horizon_days == 90
    assert named.digest != card.digest
    assert named.one(card.golden[0].row) == card.one(card.golden[0].row)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"a": 1, "a": 2}', "the member 'a' is given twice"),
        ('{"a": NaN}', "NaN is not finite"),
        ("{}", "kind is missing"),
        ('{"kind": "model"}', "kind is 'model'"),
        ("[" * 100_000, "nested too deeply|not JSON"),
        ("1" * 5_000, "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (" " * 5_000_001, "at most 5,000,000"),
    ],
)
def test_loads__no_card__is_refused(text: str | bytes, fault: str) -> None:
    with pytest.raises(CardError, match=fault):
        Scorecard.loads(text)


def _put(*path: Any) -> Callable[[dict[str, Any]], None]:
    *steps, last, value = path

    def change(content: Any) -> None:
        for step in steps:
            content = content[step]
        content[last] = value

    return change


FAULTS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (_put("schema", 3), "schema is 3, this version reads up to 2; upgrade"),
    (_put("schema", 2), "pairs is missing; the card is incomplete"),
    (_put("schema", "1"), "schema is '1'; it must be an integer"),
    (_put("schema", True), "schema is True; it must be an integer"),
    (_put("schema", 0), "schema is 0; it must be at least 1"),
    (lambda c: c.pop("intercept"), "intercept is missing"),
    (lambda c: c["features"][0].pop("points"), r"features\[0\].points is missing"),
    (_put("intercept", "0"), "intercept is '0'; it must be a number"),
    (_put("intercept", 10**400), "intercept is .* it must be finite"),
    (_put("features", {}), "features is {}; it must be a list"),
    (_put("features", 0, 3), r"features\[0\] is 3; it must be an object"),
    (_put("features", 0, "name", ""), r"features\[0\].name is ''; it must not be empty"),
    (
        _put("features", 0, "kind", "date"),
        r"features\[0\].kind is 'date'; it must be \"number\" or \"category\"",
    ),
    (_put("features", 1, "name", "balance"), "'balance' is given twice"),
    (_put("features", 0, "points", [1.0]), r"features\[0\].points has 1 entries; it must have 4"),
    (_put("features", 0, "points", 1, None), r"features\[0\].points\[1\] is None; it must be a number"),
    (_put("features", 0, "points", 1, True), r"features\[0\].points\[1\] is True; it must be a number"),
    (_put("features", 0, "edges", [5.0, 5.0]), r"features\[0\].edges\[1\] is 5.0; edges must increase"),
    (_put("features", 0, "diagonal", 0, -1.0), r"features\[0\].diagonal\[0\] is -1.0; it must be at least 0"),
    (_put("features", 0, "factors", 2, [1.0]), r"features\[0\].factors\[2\] has 1 entries"),
    (_put("features", 1, "levels", ["a", "a"]), r"features\[1\].levels is .* each text must stand once"),
    (_put("features", 1, "levels", ["a", 1]), r"features\[1\].levels\[1\] is 1; it must be a text"),
    (_put("calibration", "slope", -1.0), r"calibration.slope is -1.0; it must be above zero"),
    (_put("purpose", "horizon_days", 1.5), "purpose.horizon_days is 1.5; it must be an integer"),
    (_put("trained", []), r"trained is \[\]; it must be an object"),
    (_put("golden", 0, "row", "job", ["x"]), r"golden\[0\].row.job is \['x'\]"),
    (_put("golden", 0, "row", "balance", "x"), "feature 'balance': 'x' is not a number"),
    (_put("features", 0, "points", 1, 0.11), r"golden\[0\]: the stored probability is"),
]


@pytest.mark.parametrize(("change", "fault"), FAULTS, ids=[fault[:30] for _change, fault in FAULTS])
def test_loads__one_fault__is_named(change: Callable[[dict[str, Any]], object], fault: str) -> None:
    with pytest.raises(CardError, match=fault):
        Scorecard.loads(changed(change))


def test_loads__altered_after_it_was_written__gives_another_digest() -> None:
    with pytest.raises(CardError, match=r"sha256 is .* the card was altered"):
        Scorecard.loads(changed(_put("trained", "auc", 0.99), sealed=False))


@given(place=st.integers(0, len(TEXT) - 1), character=st.characters(max_codepoint=0x7F))
def test_loads__one_character_changed__never_gives_another_card(place: int, character: str) -> None:
    text = TEXT[:place] + character + TEXT[place + 1 :]
    with contextlib.suppress(CardError):
        assert Scorecard.loads(text) == small_card()


PAIR_FAULTS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda c: c["pairs"][0].pop("points"), r"pairs\[0\].points is missing"),
    (_put("pairs", 0, "first", "age"), "pair 'age' with 'few': the card has no feature 'age'"),
    (_put("pairs", 0, "second", "real"), "pair 'real' with 'real' is given twice, or of one feature"),
    (
        _put("pairs", 0, "points", [1.0]),
        "pair 'real' with 'few' has 1 points in rows of 13; the features have 12 and 13",
    ),
    (_put("pairs", 0, "width", 12), "pair 'real' with 'few' has 156 points in rows of 12"),
    (_put("pairs", 0, "diagonal", 0, -1.0), r"pairs\[0\].diagonal\[0\] is -1.0; it must be at least 0"),
    (lambda c: c["pairs"].append({**c["pairs"][0], "first": "few", "second": "real", "width": 12}), "given twice"),
    (_put("pairs", 0, "points", 3, 9.5), "sha256 is"),
]


@pytest.mark.parametrize(("change", "fault"), PAIR_FAULTS, ids=[fault[:30] for _change, fault in PAIR_FAULTS])
def test_loads__faulty_pair__is_named(change: Callable[[dict[str, Any]], object], fault: str) -> None:
    content = json.loads(paired_card().dumps())
    change(content)
    with pytest.raises(CardError, match=fault):
        Scorecard.loads(json.dumps(content))


def test_members_that_came_later__are_written_only_where_they_say_something() -> None:
    card = small_card()
    assert not {"use", "judged", "since", "in_time"} & {*card_text(card)["trained"], *card_text(card)["purpose"]}
    evidence = {"since": "2025-01-01", "judged": 40, "judged_positives": 9, "in_time": True, "agreement": 1e-13}
    full = replace(
        card, trained=replace(card.trained, **evidence, compared=7), purpose=replace(card.purpose, use="service")
    )
    assert Scorecard.loads(full.dumps()) == full


@pytest.mark.parametrize(("member", "value"), [("judged", -1), ("in_time", 1), ("agreement", "x"), ("since", 3)])
def test_members_that_came_later__of_a_wrong_type__are_named(member: str, value: object) -> None:
    content = card_text(small_card())
    content["trained"][member] = value
    with pytest.raises(CardError, match=f"trained.{member} is"):
        Scorecard.loads(json.dumps(content))


def card_text(card: Scorecard) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(card.dumps())
    return content


@pytest.mark.parametrize(
    ("place", "named"),
    [
        (lambda content: content, "foo"),
        (lambda content: content["purpose"], "purpose.foo"),
        (lambda content: content["features"][0], r"features\[0\].foo"),
    ],
)
def test_loads__a_member_that_no_card_has__is_refused_by_its_place(
    place: Callable[[dict[str, Any]], dict[str, Any]], named: str
) -> None:
    content = json.loads(small_card().dumps())
    place(content)["foo"] = 1
    with pytest.raises(CardError, match=f"{named}.* is no member of a card"):
        Scorecard.loads(json.dumps(content))
