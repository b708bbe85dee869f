"""Which tellings of outcomes stand, asked of the database: the law of `crm_assist.labels.standing`, as querysets."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm_assist.decisions.models import Outcome

SAYS = ("subject", "product", "kind", "occurred_at")
"""The content of a telling."""


def in_force() -> QuerySet[Outcome]:
    """One telling of each outcome: that of the highest version, unless another of this version says something else."""
    better = Q(version__gt=OuterRef("version"))
    rival = Q(version=OuterRef("version")) & (_other() | Q(id__lt=OuterRef("id")))
    rows: QuerySet[Outcome] = Outcome.objects.filter(~Exists(_same_outcome().filter(better | rival)))
    return rows


def contradicted() -> QuerySet[Outcome]:
    """The tellings of the highest version of which another says something else: none of them counts."""
    better = _same_outcome().filter(version__gt=OuterRef("version"))
    rival = _same_outcome().filter(Q(version=OuterRef("version")) & _other())
    rows: QuerySet[Outcome] = Outcome.objects.filter(~Exists(better), Exists(rival))
    return rows


def _same_outcome() -> QuerySet[Outcome]:
    """All that was told under the id of the outer row; one told without an id is an outcome of its own."""
    rows: QuerySet[Outcome] = Outcome.objects.exclude(external_id="").filter(
        tenant=OuterRef("tenant"), source=OuterRef("source"), external_id=OuterRef("external_id")
    )
    return rows.order_by()


def _other() -> Q:
    return ~Q(**{name: OuterRef(name) for name in SAYS})
