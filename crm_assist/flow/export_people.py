"""How customers and agents are called in an export: merged ones as the one that stays, erased ones not at all."""

from __future__ import annotations

from collections.abc import Iterator

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


def customers_named(selection: Selection, names: Names) -> Iterator[tuple[int, str, str]]:
    """Id, name and model of every subject that the selection may meet; by the same rule, without an object for each."""
    subjects = Subject.objects.using(selection.using).for_tenant(selection.tenant)
    if not selection.is_whole:
        subjects = subjects.filter(pk__in=selection.values_of("subject_id"))
    own = ("pk", "model_label", "key", "erased_at")
    rows = subjects.values_list(*own, "merged_into__tenant", "merged_into__key", "merged_into__erased_at")
    for pk, model, key, erased, to_tenant, to_key, to_erased in rows.iterator(20_000):
        if erased or to_erased:
            yield pk, "", model
        elif to_key is not None:
            yield pk, names.customer(model_label=model, tenant=to_tenant, key=to_key), model
        else:
            yield pk, names.customer(model_label=model, tenant=selection.tenant, key=key), model


def agents_named(selection: Selection, names: Names) -> Iterator[tuple[str, str]]:
    """Key and name of every agent whom the selection meets."""
    for key in selection.rows().order_by().values_list("agent_key", flat=True).distinct():
        yield key, names.agent(tenant=selection.tenant, key=key)


def named(row: Decision, names: Names) -> dict[str, str]:
    """The columns that say about whom and for whom a decision was."""
    return {
        "model": row.subject.model_label,
        "customer": customer_name(row.subject, names),
        "agent": names.agent(tenant=row.tenant, key=row.agent_key),
    }
