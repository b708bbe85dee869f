"""Whether the log still is what was sealed: each row, payload and link that is not, and payloads without a row.

What this cannot see: rows that are not sealed yet (`sealing.unsealed` counts them), and a chain whose
last links were all removed together, unless its head was kept somewhere else and is handed in again: as
`head_of` told it, or in a file of signed heads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import router
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from crm_assist.events import emit
from crm_assist.journal.clock import Clock
from crm_assist.journal.faults import Fault, FaultKind, Tally
from crm_assist.journal.hashing import Entry, parse_entries, seal_hash
from crm_assist.journal.heads_check import HeadsCheck
from crm_assist.journal.models import Seal
from crm_assist.journal.order import Marks, Order, order_for
from crm_assist.journal.orphans import orphans
from crm_assist.journal.payloads_check import PayloadsCheck
from crm_assist.journal.rows_check import RowsCheck
from crm_assist.journal.sealing import tenants

SEAL_TABLE = Seal._meta.label_lower


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """The chain was checked up to and with this seal; `highest` is the highest id of its rows."""

    sequence: int
    highest: UUID | None = None


def verify(
    *,
    tenant: str | None = None,
    head: str | None = None,
    heads: HeadsCheck | None = None,
    since: datetime | int | None = None,
    tally: Tally | None = None,
    kept_from: datetime | None = None,
) -> Iterator[Fault]:
    """Every fault of one tenant's log, or of all tenants'; found as they are drawn, in bounded memory.

    `head` is what `head_of` said earlier about this tenant, `heads` a file of signed ones. `since` begins with the seal
    of that number, or with the first one made at that moment or later: the links before are counted and not looked at.
    `tally` counts what was looked at. Retention may have emptied payloads about customers from before `kept_from`;
    without it none.
    """
    counted = tally if tally is not None else Tally()
    using = router.db_for_write(Seal)
    found = dict.fromkeys(tenants() if tenant is None else [tenant], 0)
    for fault in _of_all(using, tenant, heads, since):
        found[fault.tenant] = found.get(fault.tenant, 0) + 1
        yield fault
    for name in list(found):
        order = order_for(using, name)
        of_chain = _whole(order, counted, kept_from) if since is None else _later(order, counted, kept_from, since)
        for fault in _with_head(of_chain, order, head):
            found[name] += 1
            yield fault
        _tell(name, found[name])


def _of_all(using: str, tenant: str | None, heads: HeadsCheck | None, since: datetime | int | None) -> Iterator[Fault]:
    """What is found without going through the chains: in the file of heads, and payloads without a row."""
    if heads is not None:
        yield from heads.faults()
    if since is None:
        yield from orphans(using, tenant=tenant)


def _with_head(of_chain: Iterator[Fault], order: Order, head: str | None) -> Iterator[Fault]:
    yield from of_chain
    if head is not None:
        yield from _kept_head(order, head)


def _whole(order: Order, tally: Tally, kept_from: datetime | None) -> Iterator[Fault]:
    yield from (found for found in chain(order, tally, kept_from=kept_from) if isinstance(found, Fault))


def _later(order: Order, tally: Tally, kept_from: datetime | None, since: datetime | int) -> Iterator[Fault]:
    """From the link before the first that is asked for: it must be what it says, and the next must follow it."""
    after = _before(order, since)
    base = order.seals(after).first() if after else None
    if base is not None:
        passed = order.seals(after).order_by().aggregate(seals=Count("*"), rows=Sum("rows"))
        tally.passed_over += passed["seals"]
        tally.rows_passed_over += passed["rows"]
        if seal_hash(base) != base.hash:
            yield _fault(FaultKind.CHANGED, base, str(base.sequence), _("its content does not match its hash"))
    for found in links(order, tally, after=after, kept_from=kept_from):
        if isinstance(found, Fault):
            yield found


def _before(order: Order, since: datetime | int) -> int:
    """The number of the last seal that is not asked for."""
    if isinstance(since, int):
        return max(since - 1, 0)
    # The first at that moment or later: where a clock went back, more is looked at and never less.
    first = order.seals().order_by("sequence").filter(at__gte=since).values_list("sequence", flat=True).first()
    if first is not None:
        return first - 1
    return order.seals().values_list("sequence", flat=True).first() or 0


def _tell(tenant: str, faults: int) -> None:
    if faults:
        emit("log.faulty", tenant=tenant, faults=faults)
    else:
        emit("log.verified", tenant=tenant)


def head_of(tenant: str) -> str:
    """The end of the tenant's chain as `number:hash`, to be kept elsewhere; nothing when no row is sealed."""
    last = order_for(router.db_for_write(Seal), tenant).seals().first()
    return f"{last.sequence}:{last.hash}" if last is not None else ""


def chain(order: Order, tally: Tally, *, after: int = 0, kept_from: datetime | None = None) -> Iterator[Fault | Passed]:
    """Link by link, each with its rows, from behind seal number `after`; says after each link how far it came."""
    payloads = PayloadsCheck(order=order, tally=tally, kept_from=kept_from)
    rows = RowsCheck(order=order, tally=tally, payloads=payloads, clock=Clock(tally=tally))
    before = order.seals(after).first() if after else None
    marks: Marks | None = order.current(after) if before is not None else {}
    for seal in _seals(order, after):
        yield from _link(seal, before)
        entries = parse_entries(seal.entries)
        gap = seal.sequence != (before.sequence + 1 if before is not None else 1)
        before = seal
        tally.seals += 1
        if not entries:
            # Where its rows lie cannot be told; the next link begins at its own first row.
            marks = None
            yield Passed(sequence=seal.sequence)
            continue
        start = order.marks_before(entries, seal) if gap or marks is None else marks
        marks = order.marks_after(entries, seal, start)
        yield from rows.faults(seal, entries, start, marks)
        yield Passed(sequence=seal.sequence, highest=_highest(entries))


def links(order: Order, tally: Tally, *, after: int = 0, kept_from: datetime | None = None) -> Iterator[Fault | Passed]:
    """As `chain`, and behind each link the payloads without a row of that stretch; behind the last, all the rest.

    For those who verify a part at a time; `verify` looks for them in one go.
    """
    newest = order.seals().values_list("sequence", flat=True).first()
    before = order.seals(after).first() if after else None
    low = _highest(parse_entries(before.entries)) if before is not None else None
    for found in chain(order, tally, after=after, kept_from=kept_from):
        if isinstance(found, Passed):
            high = None if found.sequence == newest else found.highest
            if found.sequence == newest or (high is not None and (low is None or high > low)):
                yield from orphans(order.using, tenant=order.tenant, after=low, upto=high)
                low = high
        yield found
    if newest is None:
        yield from orphans(order.using, tenant=order.tenant)
        yield Passed(sequence=0)


def _highest(entries: list[Entry] | None) -> UUID | None:
    return max((entry.row_id for entry in entries or ()), default=None)


def _seals(order: Order, after: int = 0) -> Iterator[Seal]:
    """The chain from behind a number, one seal in memory at a time, on the server too."""
    ascending = order.seals().order_by("sequence")
    seal = ascending.filter(sequence__gt=after).first()
    while seal is not None:
        yield seal
        seal = ascending.filter(sequence__gt=seal.sequence).first()


def _link(seal: Seal, before: Seal | None) -> Iterator[Fault]:
    """What is wrong with a link itself and with its tie to the one before."""
    due = before.sequence + 1 if before is not None else 1
    for number in range(due, min(seal.sequence, due + 1)):
        kind = FaultKind.MISSING if before is not None else FaultKind.TRUNCATED
        gone = str(number) if seal.sequence == due + 1 else f"{number}-{seal.sequence - 1}"
        yield _fault(kind, seal, gone, _("the chain goes on at seal %(seal)s without it") % {"seal": seal.sequence})
    if seal_hash(seal) != seal.hash:
        yield _fault(FaultKind.CHANGED, seal, str(seal.sequence), _("its content does not match its hash"))
    if seal.sequence == due and seal.previous != (before.hash if before is not None else ""):
        message = _("does not follow the seal before it: one of the two was replaced")
        yield _fault(FaultKind.REORDERED, seal, str(seal.sequence), message)


def _kept_head(order: Order, head: str) -> Iterator[Fault]:
    """Whether a head that was kept elsewhere still is in the chain."""
    number, _sign, digest = head.partition(":")
    seal = order.seals().filter(sequence=int(number)).first()
    about = Seal(tenant=order.tenant)
    if seal is None:
        message = _("was the head that is kept elsewhere; the chain ends before it")
        yield _fault(FaultKind.TRUNCATED, about, number, message)
    elif seal.hash != digest:
        message = _("has another hash than the head that is kept elsewhere: the chain was written anew")
        yield _fault(FaultKind.CHANGED, about, number, message)


def _fault(kind: FaultKind, seal: Seal, number: str, message: str) -> Fault:
    return Fault(kind=kind, tenant=seal.tenant, table=SEAL_TABLE, row_id=number, message=message)
