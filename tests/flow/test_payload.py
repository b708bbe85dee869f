"""What the log keeps of a decision: it comes back equal, and decided again it gives the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isnan
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given

from crm_assist import customers, features
from crm_assist.flow.deciding import Inputs, decide
from crm_assist.flow.payload import essence, inputs_payload, plain, read_inputs, result_payload
from crm_assist.flow.wording import in_words
from crm_assist.journal.canonical import canonical, parse
from crm_assist.types import Situation, Zone
from tests.flow.test_deciding import FINE, inputs, serving
from tests.flow.values import INPUTS

CHANGEABLE = features.Number("balance", "balance", label="Balance", unit="EUR", changeable=True)


def logged(value: Any) -> Any:
    """The value as it comes back out of the log."""
    return parse(canonical(value))


@given(INPUTS)
def test_inputs__through_the_log__come_back_equal(given_: Inputs) -> None:
    assert read_inputs(logged(inputs_payload(given_))) == given_


@given(INPUTS)
def test_inputs__read_and_written_again__are_the_same_text(given_: Inputs) -> None:
    once = inputs_payload(given_)
    assert canonical(inputs_payload(read_inputs(logged(once)))) == canonical(once)


@given(INPUTS)
def test_result__decided_again_from_the_log__has_the_same_essence(given_: Inputs) -> None:
    first = result_payload(decide(given_, serving()))
    again = result_payload(decide(read_inputs(logged(inputs_payload(given_))), serving()))
    assert essence(first) == essence(again) == essence(logged(first)) == essence(logged(again))


def in_language(code: str) -> dict[str, Any]:
    given_ = inputs(facts=replace(FINE, holdings=frozenset({"deposit"})))
    declared = features.declared(customers.adapter_for("desk.Client"))
    with translation.override(code):
        return result_payload(in_words(decide(given_, serving()), given_.snapshot.values, declared))


def test_result__in_another_language__has_the_same_essence_and_other_words() -> None:
    english, french = in_language("en"), in_language("fr")
    assert essence(english) == essence(french)
    assert english["score"]["reasons"] != french["score"]["reasons"]


def test_essence__other_balance__is_another() -> None:
    poor = replace(inputs().snapshot, values={"balance": 10.0})
    rich, other = (result_payload(decide(one, serving())) for one in (inputs(), inputs(snapshot=poor)))
    assert essence(rich) != essence(other)


def test_essence__holds_each_candidate_with_its_factors_and_verdicts() -> None:
    result = result_payload(decide(inputs(facts=replace(FINE, holdings=frozenset({"fund"}))), serving()))
    kept = essence(result)["candidates"]
    assert [(item["product"], item["rank"], item["offer_probability"]) for item in kept] == [
        ("deposit", 1, 1.0),
        ("card", 2, 1.0),
        ("loan", 3, 1.0),
        ("fund", None, 0.0),
    ]
    assert kept[3]["verdicts"] == ["ok", "ok", "already_held", "ok"]
    assert all(item["priority"] == item["propensity"] * item["value"] for item in kept)


def test_result__words_that_the_agent_saw__are_kept() -> None:
    result = logged(in_language("en"))
    assert result["score"]["label"] == "orders something"
    assert result["score"]["reasons"][0]["sentence"].startswith("Balance: ")


def test_result__whether_a_reason_can_change__is_told_and_never_logged() -> None:
    given_ = inputs()
    told = in_words(decide(given_, serving()), given_.snapshot.values, {"balance": CHANGEABLE})
    assert told.score is not None
    assert told.score.reasons[0].changeable
    fixed = in_words(
        decide(given_, serving()), given_.snapshot.values, {"balance": replace(CHANGEABLE, changeable=None)}
    )
    assert canonical(result_payload(told)) == canonical(result_payload(fixed))
    kept = {"feature", "points", "label", "value", "sentence", "beside"}
    result = logged(result_payload(told))
    reasons = [*result["score"]["reasons"], *(one for item in result["candidates"] for one in item["reasons"])]
    assert reasons
    assert all(set(reason) == kept for reason in reasons)


@pytest.mark.parametrize(
    "since", [None, date(2026, 2, 1), datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 1, 8, 30, 0, 7, tzinfo=UTC)]
)
def test_situation__day_or_moment__comes_back_as_what_it_was(since: date | datetime | None) -> None:
    situation = Situation(code="moving", label="Moving", zone=Zone.BASIC, since=since)
    [back] = (
        read_inputs(logged(inputs_payload(inputs(facts=replace(FINE, situations=(situation,)))))).facts.situations or ()
    )
    assert back == situation
    assert type(back.since) is type(since)


def test_situation__translated_label__is_kept_in_the_language_in_force() -> None:
    situation = Situation(code="moving", label=gettext_lazy("Moving"))  # type: ignore[arg-type]
    payload = logged(inputs_payload(inputs(facts=replace(FINE, situations=(situation,)))))
    assert payload["facts"]["situations"][0]["label"] == "Moving"


@pytest.mark.parametrize("moment", ["at", "valid_from"])
def test_read__moment_missing__is_an_error_and_no_guess(moment: str) -> None:
    payload = logged(inputs_payload(inputs()))
    place = payload if moment == "at" else payload["products"][0]
    place[moment] = None
    with pytest.raises(ValueError, match="a moment is missing"):
        read_inputs(payload)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (Decimal("12.5"), 12.5),
        (10**30, 10**30),
        (10**400, float("inf")),
        pytest.param(-(10**5000), float("-inf"), id="more digits than a text"),
        (timedelta(days=1, hours=12), 1.5),
        (True, True),
        (7, 7),
        ("clerk", "clerk"),
        (None, None),
    ],
)
def test_plain__value_of_a_feature__is_what_the_card_reads(value: Any, read: Any) -> None:
    assert plain(value) == read
    assert type(plain(value)) is type(read)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("sNaN")])
def test_plain__decimal_that_is_no_number__is_no_number(value: Decimal) -> None:
    assert isnan(plain(value))
