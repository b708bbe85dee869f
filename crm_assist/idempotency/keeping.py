"""Doing a thing once per key: work and answer are written in one transaction, so neither stands without the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError, connections, router, transaction

from crm_assist.idempotency.models import KeptAnswer

KEPT = timedelta(hours=24)
"""For how long an answer is kept; later the same key is a new request."""

LONGEST = 64_000
"""The most characters of an answer that are kept."""

CLEARED = 50
"""How many answers whose time is over leave with each that is written."""


class KeyReused(ValueError):
    """The key came before with another request."""


class UnderWay(Exception):
    """The first request under the key is still at work."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A status and the text of an answer; `repeated` when it was given before."""

    status: int
    body: str
    repeated: bool = False


def once(*, tenant: str, agent_key: str, key: str, request: str, act: Callable[[], Answer], now: datetime) -> Answer:
    """What `act` answers, or what it answered to the same request under this key; `request` is a digest of it.

    Raises KeyReused for another request and UnderWay beside the first one; both do nothing. What `act` raises
    undoes its work and is not kept.
    """
    whose = {"tenant": tenant, "agent_key": agent_key, "key": key}
    using = router.db_for_write(KeptAnswer)
    with transaction.atomic(using):
        _claim(using, "\x00".join(whose.values()))
        known = KeptAnswer.objects.using(using).filter(**whose).first()
        if known is not None and known.kept_until > now:
            if known.request != request:
                raise KeyReused(key)
            return Answer(status=known.status, body=known.body, repeated=True)
        forget(now=now, most=CLEARED)
        answer = act()
        if len(answer.body) <= LONGEST:
            _keep(KeptAnswer(**whose, request=request, status=answer.status, body=answer.body, kept_until=now + KEPT))
        return answer


def forget(*, now: datetime, most: int = 10_000) -> int:
    """Delete answers whose time is over, at most so many; says how many."""
    over = KeptAnswer.objects.filter(kept_until__lte=now).order_by("kept_until").values_list("pk", flat=True)[:most]
    return KeptAnswer.objects.filter(pk__in=list(over)).delete()[0]


def _claim(using: str, name: str) -> None:
    """On PostgreSQL a request beside the first one learns so at once; elsewhere it waits, or fails when it writes."""
    if connections[using].vendor != "postgresql":
        return
    number = int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise UnderWay(name)


def _keep(answer: KeptAnswer) -> None:
    KeptAnswer.objects.filter(tenant=answer.tenant, agent_key=answer.agent_key, key=answer.key).delete()
    try:
        with transaction.atomic():
            answer.save(force_insert=True)
    except IntegrityError as error:
        raise UnderWay(answer.key) from error
