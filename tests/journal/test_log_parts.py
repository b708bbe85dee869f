"""The command that parts the log, on every database: what it takes, and where it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("action", ["partition", "unpartition"])
@pytest.mark.parametrize("dry_run", [False, True])
def test_partition__database_without_partitions__is_refused_with_what_is_needed(
    action: str, dry_run: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = "Monthly partitions need PostgreSQL 14 or newer; database 'default' is SQLite"
    if connection.vendor == "postgresql":
        monkeypatch.setitem(connections["default"].__dict__, "pg_version", 130_012)
        needed = "database 'default' is PostgreSQL 13"
    with pytest.raises(CommandError, match=needed):
        call_command("crm_assist_log", action, dry_run=dry_run)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"months_ahead": 0}, "--months-ahead 0: give a number from 1 to 60"),
        ({"months_ahead": 61}, "--months-ahead 61"),
        ({"tenant": "north"}, "--tenant: partition is about the log of all tenants"),
        ({"since": "2026-01-01"}, "--since: partition"),
        ({"head": "heads.jsonl"}, "--head: partition"),
    ],
)
def test_partition__option_that_it_does_not_take__is_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(CommandError, match=named):
        call_command("crm_assist_log", "partition", **options)
