"""Clocks that went back: counted and shown, for a wrong clock is no tampering; only what no clock explains is a fault.

The rule: a row is late when it is dated more than SLACK before a row that was sealed earlier, as the rows of a long
import are, and those written while a clock was behind. It is ahead when it is dated after its own seal, and a seal is
back when it is dated before the one before it. A row whose id says another moment than its date is a fault: the writer
takes both from one clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import Lag

from crm_assist.journal.faults import Tally
from crm_assist.journal.ids import moment_of
from crm_assist.journal.models import Seal

SLACK = timedelta(hours=1)
"""As long as one task may work, whose rows all bear the moment when it began."""
MILLISECOND = timedelta(milliseconds=1)


@dataclass(kw_only=True, slots=True)
class Clock:
    """Looks at the dates of one tenant's chain, seal by seal."""

    tally: Tally
    seal_at: datetime | None = None
    before: datetime | None = None
    """The latest date of a row in the seals before this one."""
    latest: datetime | None = None

    def begin(self, seal: Seal) -> None:
        """The rows that come now are those of this seal."""
        if self.seal_at is not None and seal.at < self.seal_at:
            self.tally.seals_back += 1
        self.seal_at, self.before = seal.at, self.latest

    def row(self, values: Mapping[str, Any]) -> bool:
        """Count a row by its date; False where its id contradicts that date."""
        at: datetime = values["at"]
        if self.before is not None and at < self.before - SLACK:
            self.tally.late += 1
        if self.seal_at is not None and at > self.seal_at:
            self.tally.ahead += 1
        if self.latest is None or at > self.latest:
            self.latest = at
        return -MILLISECOND < at - moment_of(values["id"]) <= MILLISECOND


def seals_back(using: str, tenant: str) -> int:
    """How many of a tenant's seals are dated before the one before them."""
    before = Window(Lag("at"), order_by=F("sequence").asc())
    seals = Seal._base_manager.using(using).filter(tenant=tenant).annotate(before=before)
    return seals.filter(at__lt=F("before")).count()
