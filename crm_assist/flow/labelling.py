"""What became of suggestions: yes, no or not known yet, by the declared target and window of each product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from crm_assist import labels
from crm_assist.customers.visibility import KEYS_PER_QUERY, chunks
from crm_assist.decisions.models import Outcome, Suggestion
from crm_assist.decisions.standing import contradicted, in_force
from crm_assist.flow.attribution import Windows, family_of, targets_of_products
from crm_assist.flow.completeness import completeness
from crm_assist.flow.errors import require
from crm_assist.labels import NOT_KNOWN, Known, Question, Standing, Telling
from crm_assist.learning.models import Target
from crm_assist.types import Principal

NEVER = datetime.min.replace(tzinfo=UTC)


def suggestion_labels(principal: Principal, *, since: datetime, until: datetime, now: datetime) -> Mapping[UUID, Known]:
    """By suggestion opened in [since, until) whether the customer did it, and from when on that is known.

    NotAllowed without `view_log`. A suggestion whose product no target predicts is not known.
    """
    require(principal, "view_log")
    rows = Suggestion.objects.filter(tenant=principal.tenant, opened_at__gte=since, opened_at__lt=until)
    return labels_of(list(rows.select_related("subject").order_by("opened_at", "id")), now=now)


def labels_of(rows: Collection[Suggestion], *, now: datetime) -> Mapping[UUID, Known]:
    """The labels of these suggestions, which need their subjects."""
    targets = targets_of_products({row.tenant for row in rows}, Target.objects.all())
    windows, by_target = Windows(targets), defaultdict[int, list[Question]](list)
    ends = {row.pk: row.subject.merged_into_id or row.subject_id for row in rows}
    for row in rows:
        target = targets.get((row.tenant, row.product))
        if target is not None:
            by_target[target.pk].append(_question(row, ends[row.pk], windows))
    told = _standing(set(ends.values()))
    found: dict[Hashable, Known] = {row.pk: NOT_KNOWN for row in rows}
    for target in {one.pk: one for one in targets.values()}.values():
        complete = completeness(target, now=now).until
        asked: dict[str, Any] = {"kind": target.outcome, "now": now, "complete_until": complete or NEVER}
        found |= labels.labels(by_target[target.pk], told, **asked)
    return {row.pk: found[row.pk] for row in rows}


def _question(row: Suggestion, customer: int, windows: Windows) -> Question:
    end = row.opened_at + windows.of(row.tenant, row.product)
    return Question(id=row.pk, customer=customer, products=frozenset((row.product,)), start=row.opened_at, end=end)


def _standing(ends: Collection[int]) -> Standing:
    """What stands of these customers, and what contradicts itself."""
    sure, unsure = list[Telling](), list[Telling]()
    for some in chunks(sorted(ends), KEYS_PER_QUERY):
        whose = family_of(some)
        # Those merged into these may be more than one statement holds.
        for few in chunks(sorted(whose), KEYS_PER_QUERY):
            sure += _tellings(in_force().filter(subject_id__in=few), whose)
            unsure += _tellings(contradicted().filter(subject_id__in=few), whose)
    return Standing(in_force=frozenset(sure), contradicted=frozenset(unsure))


def _tellings(rows: Iterable[Outcome], whose: Mapping[int, int]) -> list[Telling]:
    return [
        Telling(
            place=row.pk,
            version=row.version,
            customer=whose[row.subject_id],
            product=row.product,
            kind=row.kind,
            occurred_at=row.occurred_at,
        )
        for row in rows
    ]
