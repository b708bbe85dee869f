"""The one way into the log, and the one way to take a payload out of it again.

A row holds no customer's data; its payload lies beside it and can be erased, while the row keeps its digest.
Import from here (`from crm_assist.journal.writer import record`): the package loads before the models.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import connections, models, router, transaction

from crm_assist.journal.canonical import MAX_BYTES, UnfitPayload, canonical_compact, digest_of, parse
from crm_assist.journal.ids import uuid7
from crm_assist.journal.inserting import insert_both, insert_first, insert_payload
from crm_assist.journal.models import LogRow, Payload

Row = TypeVar("Row", bound=LogRow)
SALT = "$salt"
CHUNK = 500


def record(row: Row, payload: Mapping[str, Any] | None) -> Row:
    """Write `row` and its payload, both or neither: in one statement on PostgreSQL, else in a savepoint.

    Sets id (if there is none), schema and digest. The payload is about the row's subject, if the row is about one; when
    that was erased meanwhile the row stands with its payload erased, and `row.payload_kept` is False.
    """
    beside = _prepare(row, payload)
    using = router.db_for_write(type(row), instance=row)
    connection = connections[using]
    if beside is not None and connection.vendor == "postgresql":
        row.payload_kept = insert_both(row, beside, connection)
    else:
        with transaction.atomic(using):
            if beside is not None:
                row.payload_kept = insert_payload(row, beside, connection)
            _insert_many([row], [None], using)
    _mark_written(row, using)
    return row


def record_first(row: Row, payload: Mapping[str, Any], *, subject: models.Model) -> bool:
    """Write `row`, its payload and the new `subject` that both are about, all in one statement (PostgreSQL alone).

    Sets what `record` does, and the row's subject. False, and nothing is written, when there is such a subject by now.
    """
    beside = _prepare(row, payload)
    using = router.db_for_write(type(row), instance=row)
    made = insert_first(row, cast(Payload, beside), subject, connections[using])
    if made is None:
        return False
    row.subject_id = made  # type: ignore[attr-defined]
    _mark_written(row, using)
    return True


def record_many(entries: Iterable[tuple[Row, Mapping[str, Any] | None]]) -> list[Row]:
    """Write many rows with their payloads, all or none, in few statements; each about its own subject."""
    prepared = [(row, _prepare(row, payload)) for row, payload in entries]
    by_database: dict[str, list[tuple[Row, Payload | None]]] = defaultdict(list)
    for row, beside in prepared:
        by_database[router.db_for_write(type(row), instance=row)].append((row, beside))
    for using, pairs in by_database.items():
        with transaction.atomic(using):
            _insert_many([row for row, _ in pairs], [beside for _, beside in pairs], using)
        for row, _ in pairs:
            _mark_written(row, using)
    return [row for row, _ in prepared]


def payload_of(row_id: UUID) -> dict[str, Any] | None:
    """The payload of one row; None when it was erased or the row never had one."""
    return payloads_of([row_id]).get(row_id)


def is_intact(row: LogRow) -> bool:
    """Whether the payload beside the row now is the one that it was written with, and about the same subject."""
    beside = Payload.objects.filter(row_id=row.pk).first()
    if beside is None or beside.body is None or beside.subject_id != getattr(row, "subject_id", None):
        return False
    return digest_of(beside.body) == row.digest


def payloads_of(row_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any] | None]:
    """The payloads of many rows by row id; None for those erased, nothing for rows without one."""
    found: dict[UUID, dict[str, Any] | None] = {}
    for chunk in _chunks(row_ids):
        stored = Payload.objects.filter(row_id__in=chunk).values_list("row_id", "body")
        found.update({row_id: _unsalted(body) for row_id, body in stored})
    return found


def erase(subject_ids: Iterable[int], *, now: datetime) -> int:
    """Erase every payload about these subjects for good, and say how many; rows, digests and seals stay."""
    using = router.db_for_write(Payload)
    with transaction.atomic(using):
        return sum(
            Payload.objects.using(using)
            .filter(subject_id__in=chunk, erased_at__isnull=True)
            .update(body=None, erased_at=now)
            for chunk in _chunks(subject_ids)
        )


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists short enough for the parameters of one statement on any database."""
    known = list(items)
    return (known[start : start + CHUNK] for start in range(0, len(known), CHUNK))


def _prepare(row: LogRow, payload: Mapping[str, Any] | None) -> Payload | None:
    """Complete the row and build what stands beside it."""
    if row.id is None:
        row.id = uuid7(row.at)
    row.schema = type(row).SCHEMA
    row.digest = ""
    if payload is None:
        return None
    body = _salted(payload)
    row.digest = digest_of(body)
    return Payload(row_id=row.id, tenant=row.tenant, subject_id=getattr(row, "subject_id", None), body=body)


def _salted(payload: Mapping[str, Any]) -> str:
    """The compact canonical text with a random salt, so that a digest that outlives an erasure tells nothing."""
    body = canonical_compact(payload)
    salted = f'{{"{SALT}":"{secrets.token_hex(16)}"{"," if len(body) > 2 else ""}{body[1:]}'
    if len(salted) > MAX_BYTES:
        raise UnfitPayload(
            f"payload: {len(salted):,} bytes, more than the {MAX_BYTES:,} one row may hold; log less with it."
        )
    return salted


def _unsalted(body: str | None) -> dict[str, Any] | None:
    if body is None:
        return None
    payload: dict[str, Any] = parse(body)
    payload.pop(SALT, None)
    return payload


def _insert_many(rows: list[Any], payloads: list[Payload | None], using: str) -> None:
    by_model: dict[type[models.Model], list[Any]] = defaultdict(list)
    for instance in (*(payload for payload in payloads if payload is not None), *rows):
        by_model[type(instance)].append(instance)
    for model, instances in by_model.items():
        model._base_manager.using(using).bulk_create(instances, batch_size=CHUNK)


def _mark_written(row: LogRow, using: str) -> None:
    """The row is in the database from here on; its transaction number is read from there when asked for."""
    row._state.adding = False
    row._state.db = using
    row.__dict__.pop("tx", None)
