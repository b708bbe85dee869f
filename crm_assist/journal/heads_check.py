"""A file of heads against the chains: what was forged or taken out of the file, and what is no longer in the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from crm_assist.journal.faults import Fault, FaultKind
from crm_assist.journal.head_file import lines
from crm_assist.journal.heads import BadHead, Head, keys, parsed, read
from crm_assist.journal.models import Seal

FILE = "head file"
"""What a fault of the file itself is about; its row is the line."""
SEAL_TABLE = Seal._meta.label_lower
CHUNK = 500


@dataclass(kw_only=True, slots=True)
class HeadsCheck:
    """One reading of a file; afterwards it says what the file had, and up to where each chain is as it says."""

    path: Path
    using: str
    tenant: str | None = None
    """Only this one's chain is compared; the file itself is always read whole."""
    lines: int = 0
    torn: int = 0
    starts_inside: bool = False
    """The first line has one before it, which is kept elsewhere."""
    is_unfinished: bool = False
    """The last line was cut off in writing; the next head will say so."""
    agreed: dict[str, int] = field(default_factory=dict)
    """By tenant the highest seal that is as the file has it."""
    last: Head | None = None
    _done: set[tuple[str, FaultKind]] = field(default_factory=set)

    def faults(self) -> Iterator[Fault]:
        """Every line that is no head of ours or does not follow the one before, and every head that the log lacks."""
        stream = self._read()
        while chunk := list(islice(stream, CHUNK)):
            yield from (one for one in chunk if isinstance(one, Fault))
            yield from self._compared([one for one in chunk if isinstance(one, Head)])
        yield from self._without_head()

    def _read(self) -> Iterator[Fault | Head]:
        """Heads as they come; a line that is none is a fault, unless the next one says that it was cut off."""
        known, before, spoiled = keys(), None, None
        for number, text, has_end in lines(self.path):
            self.lines = number
            try:
                head, signature = read(text, known), str(parsed(text)["signature"])
            except BadHead as error:
                if spoiled is not None:
                    yield spoiled
                spoiled = self._line(FaultKind.CHANGED, number, str(error)) if has_end else None
                self.is_unfinished = not has_end
                continue
            if spoiled is not None and not head.torn:
                yield spoiled
            spoiled = None
            self.torn += head.torn
            if before is None:
                self.starts_inside = bool(head.previous)
            elif head.previous != before:
                message = _("does not follow the line before it: lines were taken out, put in or moved")
                yield self._line(FaultKind.MISSING, number, message)
            before, self.last = signature, head
            yield head
        if spoiled is not None:
            yield spoiled

    def _compared(self, heads: list[Head]) -> Iterator[Fault]:
        mine = [head for head in heads if self.tenant is None or head.tenant == self.tenant]
        for tenant in dict.fromkeys(head.tenant for head in mine):
            theirs = [head for head in mine if head.tenant == tenant]
            seals = Seal._base_manager.using(self.using).filter(tenant=tenant)
            stored = dict(seals.filter(sequence__in={head.sequence for head in theirs}).values_list("sequence", "hash"))
            for head in theirs:
                yield from self._one(head, stored.get(head.sequence))

    def _one(self, head: Head, stored: str | None) -> Iterator[Fault]:
        """Of what follows from one cut, or from one seal written anew, the first is told."""
        if stored == head.hash:
            self.agreed[head.tenant] = max(head.sequence, self.agreed.get(head.tenant, 0))
            return
        kind = FaultKind.TRUNCATED if stored is None else FaultKind.CHANGED
        if (head.tenant, kind) in self._done:
            return
        self._done.add((head.tenant, kind))
        if stored is None:
            message = _("was a head that is kept elsewhere; the chain does not have it any more")
        else:
            message = _("has another hash than the head that is kept elsewhere: the chain was written anew")
        yield Fault(kind=kind, tenant=head.tenant, table=SEAL_TABLE, row_id=str(head.sequence), message=message)

    def _without_head(self) -> Iterator[Fault]:
        """Chains that had begun when the last line was written, and of which the file knows nothing."""
        told = {*self.agreed, *(tenant for tenant, _kind in self._done)}
        first = Seal._base_manager.using(self.using).filter(sequence=1)
        first = first if self.tenant is None else first.filter(tenant=self.tenant)
        first = first if self.last is None else first.filter(at__lt=self.last.at)
        for tenant in first.order_by("tenant").values_list("tenant", flat=True):
            if tenant not in told:
                message = _("has no head of this tenant, though its chain had begun")
                yield Fault(kind=FaultKind.MISSING, tenant=tenant, table=FILE, row_id="-", message=message)

    def _line(self, kind: FaultKind, number: int, message: str) -> Fault:
        row = _("line %(number)s") % {"number": number}
        return Fault(kind=kind, tenant=self.tenant or "", table=FILE, row_id=row, message=message)
