"""Rows to write into the log, and the guards on the tables of the test database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.db.models.signals import post_migrate

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal import guards
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record_many
from crm_assist.rollout.models import PhaseChange

post_migrate.connect(
    guards.install_after_migrate,
    sender=apps.get_app_config("crm_assist"),
    dispatch_uid="crm_assist.guards",
)

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def subject(db: None) -> Subject:
    return Subject.objects.create(model_label="bank.customer", key="42", key_int=42, created_at=NOW)


@pytest.fixture
def new_decision(subject: Subject) -> Callable[..., Decision]:
    """Builds a decision that is not yet in the log."""

    def build(**values: Any) -> Decision:
        given = {
            "id": uuid7(NOW),
            "at": NOW,
            "subject_id": subject.pk,
            "agent_key": "7",
            "team": "branch-1",
            "phase": "recommend",
            "admission": "admitted",
            "target": "deposit",
            "probability": 0.25,
            "code_version": "0.1",
            "latency_ms": 3.5,
        }
        return Decision(**(given | values))

    return build


@pytest.fixture
def log(db: None) -> Callable[..., list[PhaseChange]]:
    """Writes rows, with payloads, that no seal covers yet."""

    def write(count: int, tenant: str = "") -> list[PhaseChange]:
        rows = [
            PhaseChange(
                id=uuid7(NOW + timedelta(seconds=number)),
                at=NOW + timedelta(seconds=number),
                tenant=tenant,
                team=f"team-{number}",
                after="score",
                by="9",
                reason="start",
            )
            for number in range(count)
        ]
        return record_many([(row, {"note": row.team}) for row in rows])

    return write


@pytest.fixture
def tamper() -> Callable[..., None]:
    """Does what the guards refuse, as somebody who owns the tables could."""

    def execute(sql: str, *params: Any) -> None:
        values = [adapted(value) for value in params]
        with guards.lifted("default"), connection.cursor() as cursor:
            cursor.execute(sql, values)

    def adapted(value: Any) -> Any:
        return value.hex if isinstance(value, UUID) and connection.vendor == "sqlite" else value

    return execute
