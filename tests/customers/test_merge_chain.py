"""A customer merged twice over: history is found by one link."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm_assist import customers
from crm_assist.customers.models import Subject

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("order", [[("1", "2"), ("2", "3")], [("2", "3"), ("1", "2")]])
def test_merge__one_after_the_other__every_subject_points_at_the_last(order: list[tuple[str, str]]) -> None:
    for from_key, to_key in order:
        customers.merge(model_label="desk.Client", from_key=from_key, to_key=to_key, tenant="", now=NOW)
    last = Subject.objects.get(key="3")
    assert set(Subject.objects.exclude(pk=last.pk).values_list("key", "merged_into")) == {
        ("1", last.pk),
        ("2", last.pk),
    }
    assert sorted(customers.family(last)) == sorted(Subject.objects.values_list("pk", flat=True))
