"""Is the log still what was written: how it stands, and its verification link by link, to go on from where it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import router
from django.utils import timezone

from crm_assist.flow.errors import require
from crm_assist.flow.keeping import kept_from
from crm_assist.journal import guards
from crm_assist.journal.faults import Fault, Tally
from crm_assist.journal.models import Seal
from crm_assist.journal.order import order_for
from crm_assist.journal.sealing import Unsealed, unsealed_at_most
from crm_assist.journal.verify import Passed, links
from crm_assist.types import Principal, Step

MOST_UNSEALED = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class LogState:
    """How the log of one tenant stands; counting unsealed rows stops at `most_unsealed`."""

    seals: int
    sealed_at: datetime | None
    head: str
    unsealed: Unsealed
    most_unsealed: int
    guards_expected: int
    guards_missing: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """One link that was checked, and what was found there."""

    step: Step
    faults: tuple[Fault, ...]


def log_state(principal: Principal) -> LogState:
    """How the log of the person's tenant stands; nothing of it is counted that could be long."""
    require(principal, "view_log")
    using = router.db_for_write(Seal)
    last = order_for(using, principal.tenant).seals().defer("entries").first()
    return LogState(
        seals=last.sequence if last else 0,
        sealed_at=last.at if last else None,
        head=f"{last.sequence}:{last.hash}" if last else "",
        unsealed=unsealed_at_most(principal.tenant, MOST_UNSEALED),
        most_unsealed=MOST_UNSEALED,
        guards_expected=len(guards.expected(using)),
        guards_missing=len(guards.missing(using)),
    )


def verify_log(principal: Principal, *, after: str = "", now: datetime | None = None) -> Iterator[Checked]:
    """The links of the person's tenant behind seal number `after`, one at a time: stop drawing when time is up."""
    require(principal, "view_log")
    order = order_for(router.db_for_write(Seal), principal.tenant)
    total = order.seals().values_list("sequence", flat=True).first() or 0
    may_be_empty = kept_from(now or timezone.now())
    return _checked(links(order, Tally(), after=int(after or 0), kept_from=may_be_empty), total)


def _checked(found: Iterator[Fault | Passed], total: int) -> Iterator[Checked]:
    faults: list[Fault] = []
    for one in found:
        if isinstance(one, Fault):
            faults.append(one)
            continue
        step = Step(done=one.sequence, cursor=str(one.sequence), total=total)
        yield Checked(step=step, faults=tuple(faults))
        faults = []
