"""An export as Parquet killed again and again, with SIGKILL, ends in the same table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from pyarrow import parquet

from crm_assist.flow.export_narrow import NARROW
from crm_assist.journal import views
from tests.journal.odd_decisions import decided
from tests.management.test_export_killed import ROWS, killed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("killed")]


def test_export__parquet_killed_three_times__is_the_same_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decided(ROWS)
    path, whole = tmp_path / "cut.parquet", tmp_path / "whole.parquet"
    call_command("crm_assist_export", view="narrow", format="parquet", out=str(whole))
    safe = 0
    for time_of_death in range(3):
        safe = killed(path, safe + ROWS // 6, resume=time_of_death > 0)
        assert safe < ROWS, "killed too late to show anything"
        assert not path.exists()
    monkeypatch.setitem(views._views, "narrow", replace(NARROW, rows=100))
    call_command("crm_assist_export", view="narrow", format="parquet", out=str(path), resume=True)
    # Its row groups are the chunks that were safe, so that the files differ and what is in them does not.
    assert parquet.read_table(path).equals(parquet.read_table(whole))
