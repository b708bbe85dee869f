"""The simulated bank's truth is the truth: outcomes are drawn from it, and nobody need guess what a seed gives."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.simulated_bank import simulated


def test_simulated__same_seed__gives_the_same_customers_and_another_fresh_ones() -> None:
    one, same, other = (simulated(500, seed=seed) for seed in (1, 1, 2))
    assert (one.probability == same.probability).all()
    assert (one.outcome == same.outcome).all()
    assert not (one.probability == other.probability).any()


def test_simulated__outcomes__happen_as_often_as_they_are_likely() -> None:
    bank = simulated(40_000, seed=4)
    for part in np.array_split(np.argsort(bank.probability), 5):
        expected = bank.probability[part].mean()
        error = np.sqrt(expected * (1 - expected) / len(part))
        assert bank.outcome[part].mean() == pytest.approx(expected, abs=4 * error)


def test_simulated__columns__have_numbers_texts_and_what_is_missing() -> None:
    columns = simulated(2_000, seed=5).columns
    assert np.isnan(columns["salary_share"]).mean() == pytest.approx(0.12, abs=0.03)
    assert 0 < sum(job is None for job in columns["job"]) < 200
    assert not any(isinstance(value, np.generic) for value in columns["region"])
