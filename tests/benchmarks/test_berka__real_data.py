"""The graph of the Czech bank is put together, and nothing in it gives the loan away."""

from __future__ import annotations

from benchmarks.berka import accounts
from crm_assist.learning.evaluation import auc


def test_accounts__every_account_is_a_row_with_its_owner() -> None:
    columns, loans = accounts()
    assert {len(values) for values in columns.values()} == {3112}
    assert (len(loans), loans.sum()) == (3112, 472)
    assert columns["disponents"].sum() == 3701 - 3112
    assert set(columns["card"]) == {"none", "junior", "classic", "gold"}


def test_accounts__orders_that_pay_a_loan__are_not_among_the_features() -> None:
    columns, loans = accounts()
    numbers = [name for name, values in columns.items() if values.dtype.kind == "f"]
    assert max(abs(auc(loans, columns[name]) - 0.5) for name in numbers) < 0.2
    orders = sum(columns[name].sum() for name in numbers if name.endswith("_orders"))
    assert orders < 4554 - 400
