"""What verification may find, as values: a closed list of kinds, each with the row or seal it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """How a row or a seal differs from what was sealed."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    EMPTIED = "emptied"


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What a kind of fault says, and what to do about it."""

    says: str
    remedy: str


MEANINGS: Mapping[FaultKind, Meaning] = {
    FaultKind.CHANGED: Meaning(
        says="A row, a payload or a seal says something else than when it was sealed; a payload names another tenant "
        "or customer than its row, is empty without the date of an erasure, or bears such a date and is not empty; a "
        "row is dated otherwise than its id; a line of a head file is forged, or a head in it has another hash.",
        remedy="Compare with the last backup that verifies: it has what stood there. Find out who could write to the "
        "table past the guards, and take that right away.",
    ),
    FaultKind.MISSING: Meaning(
        says="A sealed row, a payload or a link of the chain is gone; lines of a head file are, or it has no head of a "
        "tenant. In a log parted by month a partition that is gone or empty is one fault, named by its month.",
        remedy="Bring it back from a backup into a copy of the database; the row itself cannot be written again. After "
        "a restore it means that the backup is older than the seals.",
    ),
    FaultKind.INSERTED: Meaning(
        says="A row stands among sealed ones that no seal has; a payload belongs to no row, or to one that was written "
        "without any. A payload without a row may also be what is left of a row removed before it was sealed.",
        remedy="Nothing of it counts: leave it out of what is learned or shown. Seal more often, so that less can be "
        "removed unseen.",
    ),
    FaultKind.REORDERED: Meaning(
        says="A row stands at another place than its seal has it; a link does not follow the one before it.",
        remedy="As for a change: the place of rows tells what was known when.",
    ),
    FaultKind.TRUNCATED: Meaning(
        says="A table has no rows left, the first links are gone, or the chain ends before a head that was kept.",
        remedy="Restore the newest backup whose head is the one that you kept elsewhere.",
    ),
    FaultKind.EMPTIED: Meaning(
        says="A payload was emptied, but its customer was not erased, and it is younger than `RETENTION_DAYS`, or that "
        "is 0, or it is about nobody; or it was emptied while a hold covered it. A month that retention dropped is one "
        "fault by the same rules, named as `2026-03`.",
        remedy="A longer `RETENTION_DAYS` than when retention ran explains those from before the change, until they "
        "are that old. Else somebody removed evidence: take it from a backup.",
    ),
}
"""Every kind of fault in words, for those who find one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One row or seal that is not as it was sealed; `row_id` is a seal's number in the seals' table."""

    kind: FaultKind
    tenant: str
    table: str
    row_id: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.table} {self.row_id} (tenant {self.tenant!r}): {self.message}"


@dataclass(kw_only=True, slots=True)
class Tally:
    """What verification has looked at so far; it counts on while faults are drawn, and calls `watch` as it does."""

    seals: int = 0
    rows: int = 0
    payloads: int = 0
    erased: int = 0
    dropped: int = 0
    """Payloads that retention dropped with their month, and said so."""
    late: int = 0
    """Rows that are dated long before rows sealed earlier: a long import, or a clock that went back."""
    ahead: int = 0
    """Rows that are dated after their own seal: two clocks that differ."""
    seals_back: int = 0
    """Seals that are dated before the one before them."""
    passed_over: int = 0
    """Seals that were not looked at, since verification began behind them."""
    rows_passed_over: int = 0
    watch: Callable[[], None] = lambda: None
