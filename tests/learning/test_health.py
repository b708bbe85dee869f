"""All checks of training data together: what each finds, what none says of sound data, and odd input."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from crm_assist.learning import FitError, check_training
from crm_assist.learning.findings import Finding, blocking
from tests.learning.worlds import plain, world

START = date(2026, 1, 1)


def found(X: Any, y: Any, **given: Any) -> list[str]:
    return [finding.key for finding in check_training(X, y, **given)]


def test_check__sound_data__finds_nothing_with_and_without_time() -> None:
    made = world()
    assert found(made.X, made.y) == []
    assert found(made.X, made.y, time=range(len(made.y))) == []
    assert found(*plain()) == []


def test_check__constant_and_repeated_columns__are_told_with_their_remedy() -> None:
    X, y = plain()
    findings = check_training({**X, "same": [1] * len(y), "again": X["balance"]}, y)
    assert [(one.key, one.severity) for one in findings] == [("constant:same", "warns"), ("duplicate:again", "warns")]
    assert "Leave one of them out." in findings[1].message
    assert findings[1].other == "balance"


def test_check__every_honest_column_together_too_good__blocks() -> None:
    draw = np.random.default_rng(4)
    X = {f"part{place}": draw.normal(size=4000) for place in range(12)}
    y = (sum(X.values()) > 2.5 + 0.4 * draw.normal(size=4000)).astype(int)
    [finding] = check_training(X, y)
    assert (finding.key, finding.severity) == ("too_good", "blocks")
    assert finding.evidence["auc"] > finding.evidence["bound"] == 0.95
    assert "above 0.95" in finding.message


def test_check__leak__is_not_told_a_second_time_as_too_good() -> None:
    made = world()
    assert found({**made.X, "k": made.copied()}, made.y) == ["leak:k"]


def test_check__column_that_moved_within_the_window__warns_with_its_index() -> None:
    made = world()
    n = len(made.y)
    moved = made.draw.normal(size=n) + np.where(np.arange(n) < n // 2, 0.0, 1.0)
    days = [START + timedelta(days=place // 50) for place in range(n)]
    [finding] = check_training({**made.X, "rate": moved}, made.y, time=days)
    assert (finding.key, finding.severity) == ("drift:rate", "warns")
    assert 0.5 < finding.evidence["index"] < 2.0
    assert found({**made.X, "rate": moved}, made.y) == []


def test_check__rows_out_of_order__are_split_by_time_and_not_by_place() -> None:
    made = world()
    n = len(made.y)
    order = made.draw.permutation(n)
    moved = (np.arange(n) >= n // 2) + made.draw.normal(size=n)
    assert found({"rate": moved[order], "a": made.X["number0"][order]}, made.y[order], time=order) == ["drift:rate"]


def test_check__outcome_that_moved_within_the_window__warns_with_both_rates() -> None:
    early, late = world(4000, level=-3.0, seed=1), world(4000, level=-1.0, seed=2)
    X = {name: [*early.X[name], *late.X[name]] for name in early.X}
    [finding] = check_training(X, [*early.y, *late.y], time=[2008] * 4000 + [2009] * 4000)
    assert finding.key == "base_rate"
    assert finding.evidence["early"] == pytest.approx(early.y.mean())
    assert finding.evidence["late"] == pytest.approx(late.y.mean())
    assert "refit often" in finding.message


def test_check__one_moment_or_a_tiny_half__is_not_compared() -> None:
    made = world(400)
    moved = np.arange(400) + 0.0
    assert found({**made.X, "clock": moved}, made.y, time=[2026] * 400) == ["one_moment"]
    assert found({**made.X, "clock": moved}, made.y, time=[1] * 350 + [2] * 50) == []
    assert found({**made.X, "clock": moved}, made.y, time=range(400)) == ["drift:clock"]


def test_check__a_category_of_ids__says_nothing_and_is_told() -> None:
    made = world(400)
    ids = [f"C{place}" for place in range(400)]
    (finding,) = check_training({**made.X, "customer": ids}, made.y)
    assert (finding.key, finding.severity) == ("scattered:customer", "warns")
    assert "400 different values" in finding.message


@pytest.mark.parametrize("name", ["gender", "Nationalité", "customerSex", "trade_union", "RELIGION"])
def test_check__a_name_that_sounds_sensitive__is_asked_about(name: str) -> None:
    made = world(400)
    (finding,) = check_training({**made.X, name: ["a", "b"] * 200}, made.y)
    assert (finding.key, finding.severity) == (f"sensitive_name:{name}", "warns")


@pytest.mark.parametrize("name", ["essex_branch", "unionised", "engender", "racecourse"])
def test_check__a_name_that_merely_holds_such_letters__is_not(name: str) -> None:
    made = world(400)
    assert found({**made.X, name: ["a", "b"] * 200}, made.y) == []


def test_check__same_data_and_seed__gives_the_same_findings() -> None:
    made = world()
    X = {**made.X, "k": made.call()}
    assert check_training(X, made.y, seed=3) == check_training(X, made.y, seed=3)


@pytest.mark.parametrize("outcome", [0, 1])
def test_check__one_outcome_alone__says_nothing_of_leaks_and_does_not_fail(outcome: int) -> None:
    X, y = plain()
    assert found(X, [outcome] * len(y)) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"y": [0, 1]}, "y has the shape"),
        ({"y": [0, 3] * 750}, r"y\[1\] is 3"),
        ({"time": [1]}, "time has 1 entries"),
        ({"X": {}}, "no column is left to learn from"),
        ({"X": {"a": [1, "b"] * 750}}, "column 'a' mixes numbers and texts"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_check__odd_input__is_refused_naming_the_field(given: dict[str, Any], said: str) -> None:
    X, y = plain()
    with pytest.raises(FitError, match=said):
        check_training(**({"X": X, "y": y} | given))


def test_blocking__only_a_reason_for_the_very_finding__opens() -> None:
    leak = Finding(code="leak", severity="blocks", feature="k")
    warning = Finding(code="constant", severity="warns", feature="k")
    both = (leak, warning)
    assert blocking(both, {}) == (leak,)
    assert blocking(both, {"leak:k": "  "}) == (leak,)
    assert blocking(both, {"leak:other": "why", "constant:k": "why"}) == (leak,)
    assert blocking(both, {"leak:k": "known before the call"}) == ()
