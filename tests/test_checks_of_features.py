"""Every fault of a feature's declaration has an id and says what to do."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Count, F, Q, Sum

from crm_assist import checks
from crm_assist import features as f
from tests.hosts.desk.models import Client
from tests.test_checks import Told, alone, ids, of_features, of_number


@pytest.mark.parametrize("name", ["Balance", "", "a__b", "_a", "a_", "1a", "é", "x" * 61, "a b", "a\n"])
def test_e030__name_that_cannot_be_used__is_told(name: str) -> None:
    assert of_features(f.Number(name, "balance", label="X")) == ["E030"]


def test_e031__name_that_stands_twice__is_told_once() -> None:
    twice = [f.Number("x", "balance", label="X"), f.Flag("x", "is_vip", label="Y")]
    assert of_features(*twice) == ["E031"]


@pytest.mark.parametrize(
    "source",
    ["nothing", "balance__nothing", F("nothing"), Q(nothing=1), 5, None, f.count("nothing"), f.count("name"),
     f.total("contacts", "nothing"), f.count("contacts", Q(nothing=1)), lambda at: F("nothing")],
)  # fmt: skip
def test_e032__source_that_cannot_be_built__is_told(source: Any) -> None:
    assert of_number(source, history=False) == ["E032"]


@pytest.mark.parametrize("source", [Count("contacts"), Sum("contacts__minutes"), F("balance") + Count("orders")])
def test_e033__aggregate_over_a_join__is_told(source: Any) -> None:
    assert of_number(source) == ["E033"]


@pytest.mark.parametrize("source", ["contacts__minutes", F("orders__lines__amount"), "tags__id"])
def test_e034__path_to_many_rows__is_told(source: Any) -> None:
    assert of_number(source) == ["E034"]


def test_e035__sensitive_and_for_rules__is_told() -> None:
    assert of_number("balance", sensitive=True, rules=True) == ["E035"]


@pytest.mark.parametrize("source", [lambda: F("balance"), lambda at: 1 / 0, lambda at, more: F("balance")])
def test_e036__function_that_fails__is_told(source: Any) -> None:
    assert of_number(source) == ["E036"]


def test_e037__source_of_another_kind__is_told() -> None:
    wrong = [
        f.Number("a", "name", label=""),
        f.Number("b", "birth_date", label=""),
        f.Age("c", "balance", label=""),
        f.Flag("d", "name", label=""),
        f.Category("e", "balance", label=""),
        f.Category("f", "is_vip", label=""),
    ]
    assert of_features(*wrong) == ["E037"] * 6


def test_e038__thing_that_is_no_feature__is_told() -> None:
    assert of_features("balance") == ["E038"]
    with alone(Client, type("Adapter", (Told,), {"features": None})):
        assert ids(checks.check_features()) == ["E038"]


@pytest.mark.parametrize("said", ["yes", 1, 0, "", Q()])
def test_e039__changeable_that_is_no_yes_or_no__is_told(said: Any) -> None:
    assert of_number("balance", history=False, changeable=said) == ["E039"]


@pytest.mark.parametrize("said", [True, False, None])
def test_e039__yes_no_or_nothing__is_silent(said: bool | None) -> None:
    assert of_number("balance", history=False, changeable=said) == []


def test_w007__sum_that_ignores_the_moment_but_claims_history__is_told() -> None:
    assert of_number(f.count("contacts")) == ["W007"]
    assert of_number(lambda at: f.count("contacts")) == ["W007"]
    assert of_number(lambda at: f.total("contacts", "minutes", Q(channel="phone")), history=True) == ["W007"]
    assert of_number(f.count("contacts"), history=False) == []
    assert of_number(f.days_since_last("contacts", "at")) == []
    assert of_number(lambda at: f.count("contacts", f.before("at", at))) == []


def test_w009__columns_of_which_the_past_is_not_told__are_named_together() -> None:
    plain = [
        f.Number("balance", "balance", label=""),
        f.Category("segment", F("segment"), label=""),
        f.Flag("private", lambda at: Q(segment="private"), label=""),
    ]
    with alone(Client, type("Adapter", (Told,), {"features": plain})):
        (message,) = checks.check_features()
    assert message.id == "crm_assist.W009"
    assert "'balance', 'segment', 'private'" in message.msg
    assert of_features(*plain, f.Number("x", "nothing", label="")) == ["E032"]  # what cannot be built comes first


@pytest.mark.parametrize(
    "feature",
    [
        f.Number("x", "balance", label="", history=True),
        f.Number("x", "balance", label="", history=False),
        f.Number("x", "balance", label="", sensitive=True),
        f.Age("x", "birth_date", label=""),
        f.Flag("x", lambda at: Q(since__lt=at - f.days(365)), label=""),
        f.Python("x", lambda keys, at: {}, label=""),
    ],
)
def test_w009__past_is_told_or_not_learned_from__is_silent(feature: f.Feature) -> None:
    assert of_features(feature) == []


def test_w010__columns_said_to_change_and_never_to_change__are_named_together() -> None:
    torn = [
        f.Number("balance", "balance", label="", history=True, changeable=True),
        f.Flag("private", lambda at: Q(segment="private"), label="", history=True, changeable=True),
        f.Age("since", "since", label="", history=True, changeable=True),
    ]
    with alone(Client, type("Adapter", (Told,), {"features": torn})):
        (message,) = checks.check_features()
    assert message.id == "crm_assist.W010"
    assert "'balance', 'private', 'since'" in message.msg


@pytest.mark.parametrize(
    "feature",
    [
        f.Number("x", "balance", label="", history=True, changeable=False),
        f.Number("x", "balance", label="", history=True),
        f.Number("x", lambda at: f.count("contacts", f.before("at", at)), label="", history=True, changeable=True),
        f.Number("x", f.days_since_last("contacts", "at"), label="", history=True, changeable=True),
        f.Flag("x", lambda at: Q(since__lt=at - f.days(365)), label="", history=True, changeable=True),
        f.Python("x", lambda keys, at: {}, label="", history=True, changeable=True),
    ],
)
def test_w010__past_is_known_or_nothing_is_promised__is_silent(feature: f.Feature) -> None:
    assert of_features(feature) == []


def test_w009__date_that_can_change__needs_a_word_on_its_past_too() -> None:
    assert of_features(f.Age("x", "since", label="", changeable=True)) == ["W009"]
    assert of_features(f.Age("x", "since", label="", changeable=True, history=False)) == []
    assert of_features(f.Age("x", "since", label="", changeable=False)) == []
