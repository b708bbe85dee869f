"""The lock that makes the sealer on SQLite the only writer."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest


def test_lock__on_sqlite__a_write_that_changes_nothing_keeps_others_from_writing(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    first, second = (sqlite3.connect(path, timeout=0, isolation_level=None) for _ in range(2))
    try:
        first.execute("CREATE TABLE crm_assist_seal (tenant text)")
        first.execute("BEGIN")
        first.execute("UPDATE crm_assist_seal SET tenant = tenant WHERE 0")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            second.execute("INSERT INTO crm_assist_seal VALUES ('x')")
    finally:
        first.close()
        second.close()
