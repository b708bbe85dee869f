"""How customers and agents are called in an export: merged ones as the one that stays, erased ones not at all."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connections

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.settled import Selection

STAYING = """
SELECT one.id, one.model_label, one.erased_at IS NOT NULL OR stays.erased_at IS NOT NULL,
  stays.model_label, stays.tenant, stays.key
FROM {table} one JOIN {table} stays ON stays.id = coalesce(one.merged_into_id, one.id)
WHERE one.id = ANY(%s)
"""
"""Subjects with the one that stays of each, which is itself where it was not merged."""

RELATED = ("subject__merged_into",)
"""What rows need beside them to be called by name without a statement each."""


def customer_name(subject: Subject, names: Names) -> str:
    """The name of one customer; empty once erased."""
    stays = subject.merged_into or subject
    if subject.erased_at or stays.erased_at:
        return ""
    return names.customer(model_label=stays.model_label, tenant=stays.tenant, key=stays.key)


def customers_named(selection: Selection, names: Names, subjects: list[int]) -> Iterator[tuple[int, str, str]]:
    """Id, model and name of these subjects, by the same rule, in one statement and without an object for each."""
    connection = connections[selection.using]
    with connection.cursor() as cursor:
        # As one array: so many parameters would each be looked at by the planner.
        cursor.execute(STAYING.format(table=connection.ops.quote_name(Subject._meta.db_table)), [subjects])
        for pk, model, erased, stays, tenant, key in cursor.fetchall():
            yield pk, model, "" if erased else names.customer(model_label=stays, tenant=tenant, key=key)


def named(row: Decision, names: Names) -> dict[str, str]:
    """The columns that say about whom and for whom a decision was."""
    return {
        "model": row.subject.model_label,
        "customer": customer_name(row.subject, names),
        "agent": names.agent(tenant=row.tenant, key=row.agent_key),
    }
