"""The stored latest score: written in chunks, read in index order, never waited for by the record view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import FloatField, QuerySet
from django.db.models.expressions import RawSQL

from crm_assist.scoring.live import band
from crm_assist.scoring.models import LatestScore

CHUNK = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """One customer's new score, with the subject and the typed copies of its key."""

    subject_id: int
    tenant: str
    model_label: str
    key: str
    key_int: int | None
    key_uuid: UUID | None
    probability: float


def store(
    rows: Iterable[Scored], *, target: str, card: str, version: int, base: float | None, now: datetime
) -> Iterator[int]:
    """Write the scores, the one before kept as `previous`; yields how many are written after each chunk."""
    done = 0
    for chunk in _chunks(rows):
        old = dict(
            LatestScore.objects.filter(target=target, subject_id__in=[row.subject_id for row in chunk]).values_list(
                "subject_id", "probability"
            )
        )
        LatestScore.objects.bulk_create(
            [
                LatestScore(
                    tenant=row.tenant,
                    target=target,
                    subject_id=row.subject_id,
                    model_label=row.model_label,
                    key=row.key,
                    key_int=row.key_int,
                    key_uuid=row.key_uuid,
                    probability=row.probability,
                    previous=old.get(row.subject_id),
                    band=band(row.probability, base),
                    card=card,
                    version=version,
                    scored_at=now,
                )
                for row in chunk
            ],
            update_conflicts=True,
            unique_fields=["target", "subject"],
            update_fields=["tenant", "probability", "previous", "band", "card", "version", "scored_at"],
        )
        done += len(chunk)
        yield done


def _chunks(rows: Iterable[Scored]) -> Iterator[Sequence[Scored]]:
    chunk: list[Scored] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def by_stored(
    queryset: QuerySet[Any], *, target: str, model_label: str, field: Any, copy: str, tenant: str
) -> QuerySet[Any]:
    """The queryset joined to its stored scores, annotated `stored_score` and highest first; the unscored drop out.

    `field` is the host's key field and `copy` our column that equals it without a cast: the join starts from the
    score's index, so that the first page of a million is cheap. Both tables must be in one database.
    """
    quote = connections[queryset.db].ops.quote_name
    scores, host = quote(LatestScore._meta.db_table), quote(queryset.model._meta.db_table)
    column = quote(field.column if field.model is queryset.model else queryset.model._meta.pk.column)
    joined = queryset.extra(  # an ORM subquery sorts the whole base: 2.6 s against 3 ms on a million rows
        tables=[LatestScore._meta.db_table],
        where=[
            f"{scores}.{quote(copy)} = {host}.{column}",
            f"{scores}.target = %s",
            f"{scores}.model_label = %s",
            f"{scores}.tenant = %s",
        ],
        params=[target, model_label, tenant],
    )
    value = RawSQL(f"{scores}.probability", (), output_field=FloatField())
    return joined.annotate(stored_score=value).order_by("-stored_score", "pk")
