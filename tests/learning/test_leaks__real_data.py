"""Leaks in real data: the duration of a call and the instalments of a loan are found, and nothing else is."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bank_marketing import load, load_duration
from crm_assist.learning import check_training
from tests.conditions import shared_data

DATA = shared_data(Path(__file__).resolve().parents[2])


def blocking(X: Any, y: Any, **given: Any) -> list[str]:
    return [finding.key for finding in check_training(X, y, **given) if finding.severity == "blocks"]


def table(place: str) -> list[dict[str, str]]:
    with gzip.open(DATA / place, "rt", encoding="latin-1", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def loans() -> tuple[dict[str, list[Any]], list[int]]:
    """Accounts with their standing orders, and which of them have a loan."""
    orders = Counter((row["account_id"], row["k_symbol"].strip()) for row in table("berka/order.csv.gz"))
    granted = {row["account_id"] for row in table("berka/loan.csv.gz")}
    accounts = table("berka/account.csv.gz")
    X: dict[str, list[Any]] = {"opened": [float(row["date"]) for row in accounts]}
    X["statements"] = [row["frequency"] for row in accounts]
    for symbol in ("SIPO", "POJISTNE", "LEASING", "UVER"):
        X[symbol] = [orders[row["account_id"], symbol] for row in accounts]
    return X, [int(row["account_id"] in granted) for row in accounts]


@pytest.mark.parametrize("rows", [slice(None), slice(0, 10_000), slice(15_000, 25_000), slice(-10_000, None)], ids=str)
def test_calls__duration__is_the_only_leak_in_any_window(rows: slice) -> None:
    columns, outcomes, _place = load()
    X = {name: values[rows] for name, values in {**columns, "x17": load_duration()}.items()}
    assert blocking(X, outcomes[rows]) == ["leak:x17"]
    del X["x17"]
    assert blocking(X, outcomes[rows], time=range(len(outcomes[rows]))) == []


def test_loans__standing_order_of_the_instalment__is_the_only_leak() -> None:
    X, y = loans()
    assert blocking(X, y) == ["leak:UVER"]
    assert blocking({name: values for name, values in X.items() if name != "UVER"}, y) == []


def test_insurer__eighty_five_honest_columns__are_not_accused() -> None:
    rows = table("coil2000/coil_train.csv.gz")
    X = {name: [float(row[name]) for row in rows] for name in rows[0] if name not in ("CARAVAN", "customer")}
    assert blocking(X, [int(row["CARAVAN"]) for row in rows]) == []
