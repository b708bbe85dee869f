"""Reasons in words: in the reader's language, and never in the way of a score."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.utils import translation
from django.utils.functional import lazystr

from crm_assist import customers
from crm_assist import features as f
from crm_assist.scoring import wording
from crm_assist.scoring.wording import worded
from crm_assist.types import Reason
from tests.story import fitted

UP = Reason(feature="balance", points=0.2)


@pytest.fixture(autouse=True)
def _nothing_logged_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "_told", set())


def desk() -> Any:
    """The features that the desk declares, as the flow passes them."""
    return f.declared(customers.adapter_for("desk.Client"))


def refuse(*_args: Any) -> str:
    """What a host's label or display may do, once translated or looked up."""
    raise LookupError("no such text")


class Broken(f.Number):
    """A feature whose words always fail."""

    __slots__ = ()

    def display(self, value: Any) -> str:
        return refuse(value)


def test_worded__real_card__has_label_value_and_sentence() -> None:
    [strongest] = fitted().score({"balance": 8000.0}).strongest(1)
    reason = Reason(feature=strongest.feature, points=strongest.points)
    [said] = worded([reason], {"balance": 8000.0}, desk())
    assert (said.feature, said.points, said.label) == ("balance", strongest.points, "Balance")
    assert said.sentence == f"Balance: {said.value}"
    assert "8,000" in said.value


def test_worded__unknown_value__is_said_to_be_not_known() -> None:
    [reason] = worded([Reason(feature="balance", points=-0.2)], {"balance": None}, desk())
    assert (reason.value, reason.sentence, reason.is_for) == ("not known", "Balance: not known", False)


def test_worded__missing_value_with_a_word_of_the_hosts__is_told_by_it() -> None:
    asked = f.Category("asked", "asked", label="Asked about in 60 days", missing="nothing")
    [reason] = worded([Reason(feature="asked", points=0.1)], {"asked": None}, {"asked": asked})
    assert reason.sentence == "Asked about in 60 days: nothing"


def test_worded__feature_no_longer_declared__keeps_its_name_and_value() -> None:
    assert worded([Reason(feature="shoe_size", points=0.2)], {"shoe_size": 44}, desk())[0].sentence == "shoe_size: 44"


@pytest.mark.parametrize("value", [0, 0.0, False, ""])
def test_worded__empty_but_known__is_not_taken_for_unknown(value: Any) -> None:
    assert worded([UP], {"balance": value}, {})[0].value == str(value)


def test_worded__language__may_change_the_words() -> None:
    with translation.override("fr"):
        assert worded([UP], {"balance": 44}, {})[0].sentence == "balance\xa0: 44"


@pytest.mark.parametrize(
    "feature",
    [
        Broken("balance", "balance", label="Balance"),
        f.Category("balance", "balance", label="Balance", labels={"44": translation.gettext_lazy(refuse)}),  # type: ignore[arg-type]
    ],
)
def test_worded__value_that_cannot_be_told__is_written_plainly(feature: f.Feature) -> None:
    [said] = worded([UP], {"balance": 44}, {"balance": feature})
    assert (said.label, said.value, said.points) == ("Balance", "44", 0.2)


def test_worded__label_that_fails__leaves_the_name() -> None:
    feature = f.Number("balance", "balance", label=Label())
    assert worded([UP], {"balance": 44}, {"balance": feature})[0].sentence == "balance: 44"


class Label:
    """A label that looks something up and does not find it."""

    def __str__(self) -> str:
        return refuse()


@pytest.mark.parametrize(
    ("value", "words"), [("x" * 200, "x" * 60 + "…"), pytest.param(10**5000, "not known", id="more digits than a text")]
)
def test_worded__plain_text__is_never_endless(value: Any, words: str) -> None:
    assert worded([UP], {"balance": value}, {"balance": Broken("balance", "balance", label="B")})[0].value == words


def test_worded__value_in_a_lazy_text__is_a_text_now() -> None:
    class Later(f.Number):
        __slots__ = ()

        def display(self, value: Any) -> str:
            return lazystr("much")

    [said] = worded([UP], {"balance": 44}, {"balance": Later("balance", "balance", label=lazystr("Balance"))})
    assert (type(said.label), type(said.value), said.sentence) == (str, str, "Balance: much")


@pytest.mark.parametrize(
    ("value", "sentence"), [(1, "Holds: Card"), (0, "Does not hold: Card"), (None, "Card held: not known")]
)
def test_worded__flag_with_a_sentence_of_its_own__says_that(value: Any, sentence: str) -> None:
    flag = f.Flag("balance", "x", label="Card held", yes="Holds: Card", no="Does not hold: Card")
    assert worded([UP], {"balance": value}, {"balance": flag})[0].sentence == sentence


def test_worded__sentence_that_fails__is_made_of_label_and_value() -> None:
    flag = f.Flag("balance", "x", label="Card held", yes=Label())
    assert worded([UP], {"balance": 1}, {"balance": flag})[0].sentence == "Card held: yes"


def told_to_change(declared: dict[str, f.Feature], reason: Reason = UP) -> bool:
    return worded([reason], {}, declared)[0].changeable


@pytest.mark.parametrize(("declared", "told"), [(True, True), (False, False), (None, False), ("no", False), (1, False)])
def test_worded__reason__can_change_only_where_the_host_says_so(declared: Any, told: bool) -> None:
    assert told_to_change({"balance": f.Number("balance", "balance", label="B", changeable=declared)}) is told


def test_worded__feature_no_longer_declared__is_taken_as_fixed() -> None:
    assert told_to_change({}) is False


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (None, True), (False, None)])
def test_worded__reason_of_two_features__can_change_where_either_can(first: bool | None, second: bool | None) -> None:
    both = {
        "balance": f.Number("balance", "balance", label="B", changeable=first),
        "age": f.Age("age", "age", label="A", changeable=second),
    }
    assert told_to_change(both, Reason(feature="balance", points=0.2, beside="age")) is bool(first or second)
    assert told_to_change({"age": both["age"]}, Reason(feature="gone", points=0.2, beside="age")) is bool(second)


@pytest.mark.parametrize(
    "feature",
    [
        f.Number("x", "x", label="", changeable=True),
        f.Number("x", lambda at: f.count("contacts", f.before("at", at)), label="", changeable=True),
        f.Number("x", f.days_since_last("contacts", "at"), label="", changeable=True),
        f.Age("x", "x", label="", changeable=True),
        f.Flag("x", "x", label="", changeable=True),
        f.Category("x", "x", label="", changeable=True),
        f.Python("x", lambda keys, at: {}, label="", changeable=True),
        Broken("x", "x", label=lazystr(""), changeable=True),
    ],
)
def test_worded__feature_of_any_kind_and_source__may_be_said_to_change(feature: f.Feature) -> None:
    assert told_to_change({"x": feature}, Reason(feature="x", points=0.1))


def test_worded__same_failure_again__is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    broken = {"balance": Broken("balance", "balance", label="Balance"), "age": Broken("age", "age", label="Age")}
    with caplog.at_level(logging.ERROR, "crm_assist.scoring"):
        for _ in range(3):
            worded([UP, Reason(feature="age", points=1.0)], {"balance": 1, "age": 2}, broken)
    assert [record.feature for record in caplog.records] == ["balance", "age"]  # type: ignore[attr-defined]
