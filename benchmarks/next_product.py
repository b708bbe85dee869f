"""The next product: one held product is hidden from each customer, and the products not visibly held are ranked.

To learn, every held product of every customer is hidden in turn, so that a customer with n products gives n examples
of weight 1/n. What is hidden is hidden whole: its count and its contribution.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.coil import columns_of, rows

LEAST_HELD = 2
"""Judged are customers with so many products: one is hidden, and something is left to go by."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Examples:
    """Customers with one product hidden: columns shape (n,), the hidden product, and which are visibly held."""

    columns: dict[str, npt.NDArray[Any]]
    hidden: npt.NDArray[np.intp]
    """The place of the hidden product among `products`, shape (n,)."""
    visible: npt.NDArray[np.bool_]
    """Whether each product is visibly held, shape (n, products)."""
    weight: npt.NDArray[np.float64]
    products: tuple[str, ...]

    def only(self, which: npt.NDArray[Any]) -> Examples:
        """The examples at `which`, a mask or places."""
        return Examples(
            columns={name: values[which] for name, values in self.columns.items()},
            hidden=self.hidden[which],
            visible=self.visible[which],
            weight=self.weight[which],
            products=self.products,
        )


def products_of(read: Sequence[dict[str, str]]) -> tuple[str, ...]:
    """The 21 products, by the names of their counts, in the file's order."""
    return tuple(name for name in read[0] if name.startswith("A"))


def turn(customer: str, held: int) -> int:
    """Which of so many held products is hidden from a customer, from 0, in the order of the columns: by hash."""
    digest = hashlib.sha256(f"mask|{customer}".encode()).hexdigest()[:12]
    return int(int(digest, 16) / 16**12 * held)


def to_learn_from() -> Examples:
    """Every held product of every customer of `coil_train`, hidden in turn."""
    read = rows("coil_train")
    held = _held(read)
    chosen = [(place, product) for place, mine in enumerate(held) for product in mine]
    return _hidden(read, chosen, weight=[1.0 / len(held[place]) for place, _product in chosen])


def to_judge() -> Examples:
    """One hidden product of every customer of `coil_eval_features` who holds two or more."""
    read = rows("coil_eval_features")
    chosen = [
        (place, mine[turn(read[place]["customer"], len(mine))])
        for place, mine in enumerate(_held(read))
        if len(mine) >= LEAST_HELD
    ]
    return _hidden(read, chosen, weight=[1.0] * len(chosen))


def hits(examples: Examples, scores: npt.NDArray[np.float64], *, within: int) -> npt.NDArray[np.bool_]:
    """Whether the hidden product is among the best `within` of those not visibly held, shape (n,).

    Scores have the shape (n, products); of equal ones the product that comes first counts as better.
    """
    open_scores = np.where(examples.visible, -np.inf, scores)
    mine = open_scores[np.arange(len(scores)), examples.hidden][:, None]
    before = np.arange(scores.shape[1])[None, :] < examples.hidden[:, None]
    better = (open_scores > mine) | ((open_scores == mine) & before)
    found: npt.NDArray[np.bool_] = better.sum(axis=1) < within
    return found


def _held(read: Sequence[dict[str, str]]) -> list[list[int]]:
    products = products_of(read)
    return [[place for place, name in enumerate(products) if int(row[name]) > 0] for row in read]


def _hidden(read: list[dict[str, str]], chosen: list[tuple[int, int]], *, weight: list[float]) -> Examples:
    products = products_of(read)
    places = np.array([place for place, _product in chosen], dtype=np.intp)
    hidden = np.array([product for _place, product in chosen], dtype=np.intp)
    columns = {name: values[places] for name, values in columns_of(read).items()}
    for product, name in enumerate(products):
        mine = hidden == product
        columns[name] = np.where(mine, 0.0, columns[name])
        columns[f"P{name[1:]}"] = np.where(mine, 0.0, columns[f"P{name[1:]}"])
    visible = np.column_stack([columns[name] > 0 for name in products])
    return Examples(columns=columns, hidden=hidden, visible=visible, weight=np.array(weight), products=products)
