"""A host with a user model of its own, whose customers are users too."""

from __future__ import annotations

from pathlib import Path

from tests.guests.in_a_process import run_guest


def test_own_user_model__staff_and_customers_in_one_table__works(tmp_path: Path) -> None:
    assert "Ran 5 tests" in run_guest("own_user", tmp_path)
