"""What verification may find, as values: a closed list of kinds, each with the row or seal it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """How a row or a seal differs from what was sealed."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"


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
    watch: Callable[[], None] = lambda: None
