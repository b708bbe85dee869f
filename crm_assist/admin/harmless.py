"""The host's pages come first: whatever of ours fails on them is logged and left out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, router, transaction

from crm_assist.scoring.models import LatestScore

logger = logging.getLogger("crm_assist.admin")


@contextmanager
def harmless(what: str, *, asks: bool = False) -> Iterator[None]:
    """Run a block of ours on the host's page; a failure is logged, and the page goes on as if we were not there.

    `asks` says that the block asks the database.
    """
    try:
        using = router.db_for_read(LatestScore)
        if asks and connections[using].in_atomic_block:
            # On PostgreSQL an error would otherwise spoil the transaction that the host's page runs in.
            with transaction.atomic(using=using):
                yield
        else:
            yield
    except Exception:
        logger.exception("%s was left out of a page of the host", what)
