"""An outcome of a time before banks kept records is a mistake."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.outcomes import outcome_row


def test_outcome__of_the_first_year__is_refused_by_its_field() -> None:
    with pytest.raises(BadAnswer) as refused:
        outcome_row(
            subject_id=1,
            tenant="",
            product="deposit",
            kind="ordered",
            occurred_at=datetime(1, 1, 1, tzinfo=UTC),
            source="",
            external_id="",
            now=datetime(2026, 5, 1, tzinfo=UTC),
        )
    assert refused.value.field == "occurred_at"
