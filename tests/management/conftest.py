"""A subject to log something about."""

from __future__ import annotations

import pytest

from crm_assist.customers.models import Subject
from tests.journal.odd_decisions import NOW


@pytest.fixture
def subject(db: None) -> Subject:
    return Subject.objects.create(model_label="bank.customer", key="42", key_int=42, created_at=NOW)
