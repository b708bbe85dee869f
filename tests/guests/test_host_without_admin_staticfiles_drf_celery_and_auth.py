"""A host with Django alone: migrations, record view, answer and doctor work."""

from __future__ import annotations

from pathlib import Path

from tests.guests.in_a_process import run_guest


def test_bare_host__from_migration_to_the_agents_answer__works(tmp_path: Path) -> None:
    assert "Ran 10 tests" in run_guest("bare", tmp_path)
