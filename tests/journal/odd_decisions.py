"""Decisions whose texts and numbers are as awkward as columns allow, of several customers and agents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record_many

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
TEXTS = (
    "",
    "north",
    "=1+1",
    "'=x",
    "''",
    "-5",
    "@a",
    "+b",
    "\tc",
    "\rd",
    'a,"b"',
    "two\nlines",
    "été ☕",
    "\\.",
    " x ",
)
NUMBERS = (None, 0.0, 1.0, 0.1 + 0.2, 1e-5, 1.5e-300, 123456.75, 1e15, 1.234567890123456e15, 1e16, 1e22, float("inf"))


def decided(count: int, *, tenant: str = "", start: int = 0) -> list[Decision]:
    """So many decisions in the log, each with a payload, a millisecond and a bit apart."""
    subjects = _subjects(tenant)
    rows = [
        Decision(
            id=uuid7(at := NOW + timedelta(microseconds=1_500 * number)),
            at=at,
            tenant=tenant,
            subject_id=subjects[number % len(subjects)].pk,
            agent_key=f'agent {number % 7},"x"' if number % 7 else "7",
            team=TEXTS[number % len(TEXTS)],
            phase="recommend",
            admission="admitted",
            target=TEXTS[-1 - number % len(TEXTS)],
            probability=NUMBERS[number % len(NUMBERS)],
            card="ab" * 32 if number % 2 else "",
            revision=number,
            code_version="0.1",
            offered=number % 3,
            slate=",".join(["deposit", "=card"][: number % 3]),
            silence="" if number % 3 else "no_consent",
            latency_ms=NUMBERS[-2 - number % (len(NUMBERS) - 2)] or 0.25,
        )
        for number in range(start, start + count)
    ]
    return record_many([(row, {"note": row.team}) for row in rows])


def _subjects(tenant: str) -> list[Subject]:
    """A plain one, one merged into it, one with an odd key, an erased one."""
    known = list(Subject.objects.for_tenant(tenant).order_by("pk"))
    if known:
        return known
    plain = {"tenant": tenant, "created_at": NOW}
    winner = Subject.objects.create(model_label="bank.customer", key="42", **plain)
    Subject.objects.create(model_label="bank.customer", key="43", merged_into=winner, gone_at=NOW, **plain)
    Subject.objects.create(model_label="bank.firm", key="=A,1", **plain)
    Subject.objects.create(model_label="bank.customer", key="erased:1", erased_at=NOW, gone_at=NOW, **plain)
    return list(Subject.objects.for_tenant(tenant).order_by("pk"))
