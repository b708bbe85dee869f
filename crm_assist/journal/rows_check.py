"""The rows of one seal and their payloads, compared with what the seal holds of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from crm_assist.journal.clock import Clock
from crm_assist.journal.faults import Fault, FaultKind, Tally
from crm_assist.journal.hashing import Entry, hash_of, hashed_columns
from crm_assist.journal.models import LogRow, Seal
from crm_assist.journal.order import Marks, Order
from crm_assist.journal.payloads_check import PayloadsCheck
from crm_assist.journal.tables import log_models

CHUNK = 500


@dataclass(kw_only=True, slots=True)
class RowsCheck:
    """Checks a tenant's seals one after the other, holding one chunk of rows and one seal's entries."""

    order: Order
    tally: Tally
    payloads: PayloadsCheck
    clock: Clock
    emptied: set[str] = field(default_factory=set)

    def faults(self, seal: Seal, entries: list[Entry], after: Marks, upto: Marks) -> Iterator[Fault]:
        """What is wrong with the rows between two marks, all of which this seal covers."""
        self.clock.begin(seal)
        wanted: dict[str, dict[UUID, str]] = {}
        for entry in entries:
            wanted.setdefault(entry.label, {})[entry.row_id] = entry.hash
        for model in log_models():
            sealed = wanted.pop(model._meta.label_lower, {})
            yield from self._table(seal, model, sealed, after, upto)
        for label, sealed in wanted.items():
            message = _("seal %(seal)s covers %(rows)s rows of a table that is gone") % {
                "seal": seal.sequence,
                "rows": len(sealed),
            }
            yield self._fault(FaultKind.TRUNCATED, label, "-", message)

    def _table(
        self, seal: Seal, model: type[LogRow], sealed: dict[UUID, str], after: Marks, upto: Marks
    ) -> Iterator[Fault]:
        label = model._meta.label_lower
        ranks = {row_id: rank for rank, row_id in enumerate(sealed)}
        highest, met = -1, set()
        for chunk in self._chunks(self.order.between(model, after, upto), model):
            for values in chunk:
                row_id = values["id"]
                if row_id not in sealed:
                    yield from self._unknown(seal, label, row_id)
                    continue
                met.add(row_id)
                if ranks[row_id] < highest:
                    message = _("stands behind rows that seal %(seal)s has after it") % {"seal": seal.sequence}
                    yield self._fault(FaultKind.REORDERED, label, row_id, message)
                highest = max(highest, ranks[row_id])
            known = [values for values in chunk if values["id"] in sealed]
            yield from self._contents(seal, model, known, sealed)
        absent = [row_id for row_id in sealed if row_id not in met]
        for start in range(0, len(absent), CHUNK):
            yield from self._absent(seal, model, absent[start : start + CHUNK], sealed)

    def _contents(
        self, seal: Seal, model: type[LogRow], chunk: list[dict[str, Any]], sealed: dict[UUID, str]
    ) -> Iterator[Fault]:
        """Rows and payloads that are there but not as they were."""
        label, intact = model._meta.label_lower, []
        for values in chunk:
            if hash_of(label, values) != sealed[values["id"]]:
                message = _("is not as seal %(seal)s has it") % {"seal": seal.sequence}
                yield self._fault(FaultKind.CHANGED, label, values["id"], message)
                continue
            intact.append(values)
            if not self.clock.row(values):
                message = _("is dated otherwise than its id: it was dated anew before it was sealed")
                yield self._fault(FaultKind.CHANGED, label, values["id"], message)
        self.tally.rows += len(chunk)
        self.tally.watch()
        yield from self.payloads.faults(model, intact)

    def _absent(self, seal: Seal, model: type[LogRow], row_ids: list[UUID], sealed: dict[UUID, str]) -> Iterator[Fault]:
        """Sealed rows that are not in their place: moved, altered out of sight, or gone."""
        label = model._meta.label_lower
        rows = model._base_manager.using(self.order.using).filter(id__in=row_ids)
        elsewhere = {values["id"]: values for values in rows.values(*hashed_columns(model))}
        for row_id in row_ids:
            if row_id in elsewhere and hash_of(label, elsewhere[row_id]) == sealed[row_id]:
                message = _("was moved out of the place that seal %(seal)s has it in") % {"seal": seal.sequence}
                yield self._fault(FaultKind.REORDERED, label, row_id, message)
            elif row_id in elsewhere:
                message = _("is not as seal %(seal)s has it") % {"seal": seal.sequence}
                yield self._fault(FaultKind.CHANGED, label, row_id, message)
            elif self._is_emptied(model):
                if label not in self.emptied:
                    self.emptied.add(label)
                    message = _("the table has no rows left; seal %(seal)s is the first to miss some") % {
                        "seal": seal.sequence
                    }
                    yield self._fault(FaultKind.TRUNCATED, label, "-", message)
            elif self.payloads.months.is_gone(model, row_id):
                fault = self.payloads.months.gone(model, row_id)
                if fault is not None:
                    yield fault
            else:
                message = _("seal %(seal)s has it, the table does not") % {"seal": seal.sequence}
                yield self._fault(FaultKind.MISSING, label, row_id, message)

    def _unknown(self, seal: Seal, label: str, row_id: UUID) -> Iterator[Fault]:
        """A row among sealed ones that this seal lacks; if another seal has it, it is reported there."""
        seals = Seal._base_manager.using(self.order.using)
        if not seals.filter(entries__contains=f'"{row_id.hex}"').exists():
            message = _("stands among the rows of seal %(seal)s, which does not have it") % {"seal": seal.sequence}
            yield self._fault(FaultKind.INSERTED, label, row_id, message)

    def _is_emptied(self, model: type[LogRow]) -> bool:
        return model._meta.label_lower in self.emptied or not self.order.rows(model).exists()

    def _chunks(self, rows: Any, model: type[LogRow]) -> Iterator[list[dict[str, Any]]]:
        stream = rows.values(*hashed_columns(model)).iterator(CHUNK)
        while chunk := list(islice(stream, CHUNK)):
            yield chunk

    def _fault(self, kind: FaultKind, table: str, row_id: UUID | str, message: str) -> Fault:
        return Fault(kind=kind, tenant=self.order.tenant, table=table, row_id=str(row_id), message=message)
