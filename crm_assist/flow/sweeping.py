"""The sweep: what no signal told is found, scored anew or retired, each chunk all or nothing."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import router, transaction
from django.utils.translation import gettext as _

from crm_assist.customers import CustomerAdapter
from crm_assist.customers.models import Subject
from crm_assist.customers.sweeping import Swept, look, settle
from crm_assist.flow.rescore_place import BadCursor
from crm_assist.flow.rescoring import rescore
from crm_assist.flow.rights import customers_gone
from crm_assist.types import Step

CHUNK = 500
Beat = Callable[[Step], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """Where a sweep has got to: the tenant and part under way, the last key that is settled, and what was found."""

    tenant: str = ""
    part: str = "present"
    last: str = ""
    seen: int = 0
    changed: int = 0
    gone: int = 0

    @classmethod
    def read(cls, text: str) -> Round:
        """The place that a cursor stands for, the beginning for an empty one; BadCursor for anything else."""
        try:
            given: dict[str, Any] = json.loads(text) if text else {}
            place = cls(**given)
            fits = [type(value) for value in asdict(place).values()] == [str, str, str, int, int, int]
        except (TypeError, ValueError) as error:
            raise BadCursor(f"after={text!r:.80}: give the cursor of a step as it is, or nothing.") from error
        if not fits or place.part not in ("present", "absent"):
            raise BadCursor(f"after={text!r:.80}: give the cursor of a step as it is, or nothing.")
        return place

    def step(self, total: int) -> Step:
        """What is told of it."""
        note = _("%(changed)s changed, %(gone)s gone") % {"changed": self.changed, "gone": self.gone}
        return Step(done=self.seen, cursor=json.dumps(asdict(self), ensure_ascii=False), total=total, note=note)


def sweep(adapter: CustomerAdapter, *, now: datetime, after: str = "", beat: Beat | None = None) -> Iterator[Step]:
    """Find what no signal told, re-score what changed and retire what is gone.

    Yields a step after each chunk that is safe; its note tells how many changed and how many are gone. `after` is the
    cursor of such a step; `beat` is called with each step inside the chunk's own transaction.
    """
    place, total = Round.read(after), adapter.queryset().count()
    for tenant in sorted(adapter.all_tenants()):
        if tenant < place.tenant:
            continue
        if tenant > place.tenant:
            place = replace(place, tenant=tenant, part="present", last="")
        found = look(adapter, now=now, chunk=CHUNK, tenant=tenant, part=place.part, after=place.last)
        while (swept := _next(adapter, tenant, found)) is not None:
            place = _counted(place, swept)
            _follow(adapter, tenant, swept, place.step(total), now, beat)
            yield place.step(total)


def _next(adapter: CustomerAdapter, tenant: str, found: Iterator[Swept]) -> Swept | None:
    """Contexts never stand inside each other: leaving the inner one, most hosts' would take the outer one away."""
    with adapter.tenant_context(tenant):
        return next(found, None)


def _counted(place: Round, swept: Swept) -> Round:
    return replace(
        place,
        part=swept.part,
        last=swept.last,
        seen=place.seen + swept.seen,
        changed=place.changed + len(swept.changed),
        gone=place.gone + len(swept.gone),
    )


def _follow(adapter: CustomerAdapter, tenant: str, swept: Swept, step: Step, now: datetime, beat: Beat | None) -> None:
    """Scores, subjects and the run's cursor in one transaction: no change is handled twice, none is lost."""
    with transaction.atomic(router.db_for_write(Subject)):
        if swept.changed:
            deque(rescore(adapter, now=now, keys=swept.changed), maxlen=0)
        with adapter.tenant_context(tenant):
            if swept.gone:
                customers_gone(adapter.model_label, keys=list(swept.gone), tenant=tenant, now=now)
            settle(adapter, swept, tenant=tenant, now=now)
        if beat is not None:
            beat(step)
