"""Payloads that belong to no row: slipped in, or left behind by a row that was removed before it was sealed.

A payload and its row become visible together, so one statement that looks for both never takes what is being written
for an orphan. Where a seal has the row, it is the row that is missing, and the check of the rows says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from crm_assist.journal.faults import Fault, FaultKind
from crm_assist.journal.ids import moment_of
from crm_assist.journal.models import Payload, Seal
from crm_assist.journal.payloads_check import PAYLOAD_TABLE
from crm_assist.journal.tables import log_models

CHUNK = 500
SKEW = timedelta(days=1)
"""How far the clock of a sealer may be behind that of the rows, before seals are looked through twice."""


def orphans(
    using: str, *, tenant: str | None = None, after: UUID | None = None, upto: UUID | None = None
) -> Iterator[Fault]:
    """Payloads without a row, of one tenant or of all, behind `after` and up to `upto`, in the order of their ids."""
    found = Payload._base_manager.using(using).order_by("row_id")
    found = found if tenant is None else found.filter(tenant=tenant)
    found = found if after is None else found.filter(row_id__gt=after)
    found = found if upto is None else found.filter(row_id__lte=upto)
    for model in log_models():
        found = found.filter(~Exists(model._base_manager.using(using).filter(pk=OuterRef("row_id"))))
    stream = found.values_list("row_id", "tenant").iterator(CHUNK)
    message = _("belongs to no row")
    while chunk := dict(islice(stream, CHUNK)):
        sealed = _sealed(using, set(chunk))
        for row_id, theirs in chunk.items():
            if row_id not in sealed:
                kind = FaultKind.INSERTED
                yield Fault(kind=kind, tenant=theirs, table=PAYLOAD_TABLE, row_id=str(row_id), message=message)


def _sealed(using: str, row_ids: set[UUID]) -> set[UUID]:
    """Which of these rows a seal has. Those made since the first of them are looked at first: they nearly always do."""
    since = moment_of(min(row_ids)) - SKEW
    seals = Seal._base_manager.using(using).order_by("at", "tenant", "sequence")
    wanted, found = {row_id.hex: row_id for row_id in row_ids}, set()
    for some in (seals.filter(at__gte=since), seals.filter(at__lt=since)):
        for entries in some.values_list("entries", flat=True).iterator(1):
            found |= {wanted[name] for name in wanted.keys() & _names(entries)}
            if len(found) == len(wanted):
                return found
    return found


def _names(entries: str) -> set[str]:
    """The rows of a seal as its text has them; none where the text was damaged, which is a fault by itself."""
    try:
        return {row_id for _label, row_id, _hash in json.loads(entries)}
    except (ValueError, TypeError):
        return set()
