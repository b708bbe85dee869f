"""Rows to write into the log, and the guards on the tables of the test database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db.models.signals import post_migrate

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal import guards
from crm_assist.journal.ids import uuid7

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
