"""Whole months that are gone from a parted table: told once each, unless retention dropped them and said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from crm_assist.journal.canonical import digest_of, parse
from crm_assist.journal.faults import Fault, FaultKind
from crm_assist.journal.models import DroppedMonth, Payload
from crm_assist.journal.parts import Month, is_parted


@dataclass(frozen=True, kw_only=True, slots=True)
class Drop:
    """The last time that retention dropped a month: which of its payloads it kept."""

    kept: frozenset[str]


@dataclass(kw_only=True)
class MonthsCheck:
    """Explains what is absent from one tenant's tables, by what the log says of months and by what is left of them."""

    using: str
    tenant: str
    _told: set[tuple[str, Month]] = field(default_factory=set)
    _gone: dict[tuple[str, Month], bool] = field(default_factory=dict)

    @cached_property
    def drops(self) -> Mapping[Month, Drop]:
        """What retention dropped, by month; a record that is not as it was written explains nothing."""
        found = {}
        rows = DroppedMonth._base_manager.using(self.using).filter(tenant=self.tenant).order_by("at", "id")
        for row in rows:
            beside = Payload._base_manager.using(self.using).filter(row_id=row.pk).first()
            if beside is None or beside.body is None or digest_of(beside.body) != row.digest:
                continue
            kept = frozenset(parse(beside.body)["kept"])
            found[Month.read(row.month)] = Drop(kept=kept)
        return found

    def is_dropped(self, row_id: UUID) -> bool:
        """Whether retention dropped the payload of this row with its month."""
        drop = self.drops.get(Month.of(row_id))
        return drop is not None and row_id.hex not in drop.kept

    def too_early(self, row_id: UUID) -> Fault | None:
        """The month was dropped, but no retention would by now: None once that was told."""
        message = _("was dropped, but is younger than retention allows")
        return self._once(Payload, Month.of(row_id), FaultKind.EMPTIED, message)

    def is_gone(self, model: type[models.Model], row_id: UUID) -> bool:
        """Whether the row belongs to a month of which a parted table has nothing of the tenant at all."""
        month = Month.of(row_id)
        found = self._gone.get((model._meta.db_table, month))
        if found is None:
            ids = {"pk__gte": month.lowest, "pk__lt": month.later().lowest}
            rows = model._base_manager.using(self.using).filter(tenant=self.tenant, **ids)
            found = is_parted(self.using, model._meta.db_table) and not rows.exists()
            self._gone[model._meta.db_table, month] = found
        return found

    def gone(self, model: type[models.Model], row_id: UUID) -> Fault | None:
        """The month as one fault; None once it was told."""
        message = _("the partition of this month is gone or empty, and no retention that dropped it is in the log")
        return self._once(model, Month.of(row_id), FaultKind.MISSING, message)

    def _once(self, model: type[models.Model], month: Month, kind: FaultKind, message: str) -> Fault | None:
        label: Any = model._meta.label_lower
        if (label, month) in self._told:
            return None
        self._told.add((label, month))
        return Fault(kind=kind, tenant=self.tenant, table=label, row_id=str(month), message=message)
