"""Suggestions of one customer among very many: read by keys, never by reading the table of subjects."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Suggestion
from crm_assist.decisions.suggestions import of_subject
from crm_assist.journal.ids import uuid7
from tests.story import NOW

pytestmark = pytest.mark.django_db


def test_of_subject__among_many_customers__reads_a_few_blocks() -> None:
    made = [Subject(tenant="", model_label="desk.Client", key=str(n), created_at=NOW) for n in range(20_000)]
    subjects = Subject.objects.bulk_create(made)
    Suggestion.objects.bulk_create(
        Suggestion(
            id=uuid7(NOW), decision_id=uuid7(NOW), subject=one, product="card", product_version=1, rank=1, opened_at=NOW
        )
        for one in subjects[:3_000]
    )
    Subject.objects.filter(pk=subjects[7].pk).update(merged_into=subjects[5].pk)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert {one.subject_id for one in of_subject(subjects[5].pk)} == {subjects[5].pk, subjects[7].pk}
    united = Suggestion.objects.filter(subject__in=Subject.objects.united(subjects[5].pk))
    plan = united.order_by("-opened_at", "-id")[:500].explain(analyze=True, buffers=True)
    [first, *_rest] = re.findall(r"shared hit=(\d+)", plan)
    assert int(first) < 40, plan
