"""A log of several months, parted and plain, for tests on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record_many

NOW = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)
MONTHS = [
    datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
    *(datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3)),
]


def someone(key: str = "42", tenant: str = "") -> Subject:
    """A subject of that key, made where there is none."""
    return Subject.objects.get_or_create(
        model_label="bank.customer", tenant=tenant, key=key, defaults={"created_at": NOW}
    )[0]


def decided(moments: Sequence[datetime] = MONTHS, each: int = 3, **values: Any) -> list[Decision]:
    """Decisions with payloads, some at each of these moments, each with an id of its time."""
    subject = values.pop("subject", None) or someone()
    given = {"subject_id": subject.pk, "agent_key": "7", "phase": "recommend", "admission": "team", "code_version": "1"}
    times = [moment + timedelta(milliseconds=number) for moment in moments for number in range(each)]
    rows = [Decision(id=uuid7(at), at=at, tenant=subject.tenant, **given | values) for at in times]
    return record_many([(row, {"note": str(row.at)}) for row in rows])


def partition(action: str = "partition", **options: Any) -> None:
    """The command, as of this test's moment."""
    call_command("crm_assist_log", action, verbosity=0, **options)


def owner_does(sql: str) -> None:
    """What somebody who owns the tables can do."""
    with connection.cursor() as cursor:
        cursor.execute(sql)


def relations(pattern: str = "crm_assist%") -> list[str]:
    """Tables, indexes and functions of ours, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE %s "
            "UNION ALL SELECT proname FROM pg_proc WHERE proname LIKE %s ORDER BY 1",
            [pattern, pattern],
        )
        return [name for (name,) in cursor.fetchall()]
