"""Reads for a page of the host's that must not fail with us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import connections, router, transaction

from crm_assist.customers.models import Subject


@contextmanager
def savepoint() -> Iterator[None]:
    """Undo what failed in here alone: on PostgreSQL an error would spoil the whole transaction of the host's page."""
    using = router.db_for_read(Subject)
    with transaction.atomic(using) if connections[using].in_atomic_block else nullcontext():
        yield
