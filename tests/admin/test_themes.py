"""Hosts whose admin wears a theme, each in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guests.in_a_process import run_guest


@pytest.mark.parametrize("theme", ["", "unfold", "jazzmin"])
def test_theme__host_without_a_line_of_ours__has_panel_column_and_pages(theme: str, tmp_path: Path) -> None:
    assert "Ran 4 tests" in run_guest("themed", tmp_path, warnings="default", THEME=theme)
