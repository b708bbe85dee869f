"""How customers and agents are called in an export: merged ones as the one that stays, erased ones not at all."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.db.models.expressions import RawSQL

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.settled import Selection

RELATED = ("subject__merged_into",)
"""What rows need beside them to be called by name without a statement each."""


def customer_name(subject: Subject, names: Names) -> str:
    """The name of one customer; empty once erased."""
    stays = subject.merged_into or subject
    if subject.erased_at or stays.erased_at:
        return ""
    return names.customer(model_label=stays.model_label, tenant=stays.tenant, key=stays.key)


def customers_named(selection: Selection, names: Names, subjects: list[int]) -> Iterator[tuple[int, str, str]]:
    """Id, model and name of these subjects, by the same rule and without an object for each."""
    # As one array: so many parameters would each be looked at by the planner.
    here = RawSQL(f'"{Subject._meta.db_table}".id = ANY(%s)', [subjects], output_field=models.BooleanField())
    found = Subject.objects.using(selection.using).filter(here)
    merged = found.filter(merged_into__isnull=False).select_related("merged_into")
    yield from ((one.pk, one.model_label, customer_name(one, names)) for one in merged)
    alone = found.filter(merged_into__isnull=True)
    for pk, model, tenant, key, erased in alone.values_list("pk", "model_label", "tenant", "key", "erased_at"):
        yield pk, model, "" if erased else names.customer(model_label=model, tenant=tenant, key=key)


def named(row: Decision, names: Names) -> dict[str, str]:
    """The columns that say about whom and for whom a decision was."""
    return {
        "model": row.subject.model_label,
        "customer": customer_name(row.subject, names),
        "agent": names.agent(tenant=row.tenant, key=row.agent_key),
    }
