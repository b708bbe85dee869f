"""One subject, outcomes as they are told of it, and suggestions as the flow opens them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Outcome, Suggestion
from crm_assist.decisions.outcomes import outcome_row
from crm_assist.decisions.suggestions import Offer, of_subject, offer
from crm_assist.journal.ids import uuid7

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OpenSuggestions = Callable[..., Mapping[str, Suggestion]]


@pytest.fixture
def subject(db: None) -> Subject:
    return Subject.objects.create(model_label="bank.Customer", key="42", key_int=42, created_at=NOW)


@pytest.fixture
def opened(subject: Subject) -> OpenSuggestions:
    """Offers products by code, in that order."""

    def build(*codes: str, now: datetime = NOW, **values: Any) -> Mapping[str, Suggestion]:
        given = {
            "subject_id": subject.pk,
            "tenant": "",
            "decision_id": uuid7(now),
            "known": values["known"] if "known" in values else of_subject(subject.pk),
            "expire_days": 30,
            "now": now,
        }
        offers = [Offer(product=code, version=1, rank=place) for place, code in enumerate(codes, 1)]
        return offer(offers, **(given | values))

    return build


def row(subject: Subject, **values: Any) -> Outcome:
    """An outcome of the subject, not recorded yet."""
    given: dict[str, Any] = {
        "subject_id": subject.pk,
        "tenant": "",
        "product": "deposit",
        "kind": "ordered",
        "occurred_at": NOW - DAY,
        "source": "core",
        "external_id": "",
        "now": NOW,
    }
    return outcome_row(**(given | values))
