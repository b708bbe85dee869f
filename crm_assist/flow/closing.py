"""Whether anything may still be offered to a customer, asked again at the moment when an agent answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm_assist import customers
from crm_assist.customers.models import Subject
from crm_assist.decisions import suggestions
from crm_assist.decisions.models import Outcome
from crm_assist.eligibility.chain import customer_verdict
from crm_assist.types import OutcomeKind, PastSuggestion


def is_closed(subject: Subject, customer: Any) -> bool:
    """Whether the customer is closed now: gone, in a traditional zone, without consent, objecting, or unknown.

    `subject` is the one that stands for the host's record `customer`.
    """
    known = suggestions.as_history(suggestions.of_subject(subject.pk))
    history = (*known, *objection(_objected_at(subject)))
    facts = customers.facts(customers.adapter_for(subject.model_label), customer)
    return not customer_verdict(facts, history).open


def objection(at: datetime | None) -> tuple[PastSuggestion, ...]:
    """What the host told as an outcome closes as much as what an agent was told."""
    if at is None:
        return ()
    return (PastSuggestion(product="", state="objected", opened_at=at, answered_at=at, reason="customer_objects"),)


def _objected_at(subject: Subject) -> datetime | None:
    """When the host last told of an objection of this customer, under whichever of its merged keys."""
    united = Subject.objects.united(subject.pk)
    told = Outcome.objects.filter(subject__in=united, kind=OutcomeKind.OBJECTED.value)
    found: datetime | None = told.order_by("-occurred_at").values_list("occurred_at", flat=True).first()
    return found
