"""The Berka bank as one row per account: its graph of district, owner, disponents, card and orders, before any payment.

client - disposition - account - card / loan / order. The target is whether the account holds a loan; orders that pay
a loan would give it away and are left out, and nothing is taken from transactions.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.needs import ROOT
from tests.conditions import shared_data

Row = dict[str, str]

UNTIL = date(1998, 12, 31)
"""The day at which ages are counted: the end of the bank's records."""

ORDERS = {"SIPO": "household", "POJISTNE": "insurance", "LEASING": "leasing", "": "other"}
LOAN_ORDER = "UVER"
DISTRICT = {
    "A4": "inhabitants",
    "A10": "urban",
    "A11": "salary",
    "A13": "unemployment",
    "A14": "entrepreneurs",
    "A16": "crimes",
}


def accounts() -> tuple[dict[str, npt.NDArray[Any]], npt.NDArray[np.intp]]:
    """What is known of each account without transactions, and whether it holds a loan: 3,112 rows, 472 loans."""
    dispositions = grouped(_rows("disp"), by="account_id")
    cards = {row["disp_id"]: row for row in _rows("card")}
    clients = {row["client_id"]: row for row in _rows("client")}
    districts = {row["A1"]: row for row in _rows("district")}
    orders = grouped(_rows("order"), by="account_id")
    loans = {row["account_id"] for row in _rows("loan")}
    known, outcomes = [], []
    for account in _rows("account"):
        mine = dispositions[account["account_id"]]
        owner = next(row for row in mine if row["type"] == "OWNER")
        held = [cards[row["disp_id"]] for row in mine if row["disp_id"] in cards]
        known.append(
            {
                "frequency": account["frequency"],
                "account_days": float((UNTIL - day(account["date"])).days),
                "disponents": float(len(mine) - 1),
                "card": held[0]["type"] if held else "none",
                **_owner(clients[owner["client_id"]], account),
                **_district(districts[account["district_id"]]),
                **_orders(orders[account["account_id"]]),
            }
        )
        outcomes.append(account["account_id"] in loans)
    return _columns(known), np.array(outcomes, dtype=np.intp)


def day(text: str) -> date:
    """A day written YYMMDD; a woman's birth number has 50 added to its month."""
    year, month, number = int(text[:2]), int(text[2:4]), int(text[4:6])
    return date(1900 + year, month - 50 if month > 50 else month, number)


def is_woman(birth_number: str) -> bool:
    """Whether a birth number is a woman's."""
    return int(birth_number[2:4]) > 50


def grouped(rows: Iterable[Row], *, by: str) -> Mapping[str, list[Row]]:
    """The rows by what they hang on; an empty list for what has none."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[by]].append(row)
    return found


def _owner(client: Row, account: Row) -> dict[str, Any]:
    return {
        "age": (UNTIL - day(client["birth_number"])).days / 365.25,
        "sex": "woman" if is_woman(client["birth_number"]) else "man",
        "lives_elsewhere": float(client["district_id"] != account["district_id"]),
    }


def _district(district: Row) -> dict[str, Any]:
    numbers = {name: float(district[code]) for code, name in DISTRICT.items()}
    return {"region": district["A3"], **numbers}


def _orders(orders: Iterable[Row]) -> dict[str, float]:
    """How many standing orders of each kind there are and what they come to; those that pay a loan are not seen."""
    found = {f"{kind}_{what}": 0.0 for kind in ORDERS.values() for what in ("orders", "amount")}
    for order in orders:
        if order["k_symbol"].strip() != LOAN_ORDER:
            kind = ORDERS[order["k_symbol"].strip()]
            found[f"{kind}_orders"] += 1.0
            found[f"{kind}_amount"] += float(order["amount"])
    return found


def _columns(known: list[dict[str, Any]]) -> dict[str, npt.NDArray[Any]]:
    return {
        name: np.array([row[name] for row in known], dtype=object if isinstance(value, str) else np.float64)
        for name, value in known[0].items()
    }


def _rows(name: str) -> list[Row]:
    file = shared_data(ROOT) / "berka" / f"{name}.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
