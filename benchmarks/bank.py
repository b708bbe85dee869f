"""A bank on the test suite's smallest host, for figures that need the whole flow; one for all of a run."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LABEL = "desk.Client"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bank:
    """An agent who may see every customer, and the customers' keys."""

    agent: Any
    keys: Sequence[str]


def clients() -> Any:
    """All customers of the host, as a manager."""
    from django.apps import apps  # Django is set up only when a figure runs

    return apps.get_model(LABEL)._default_manager


def bank(*, customers: int, phase: str) -> Bank:
    """Open a bank of at least so many customers in that phase, its card published and two products on offer."""
    from django.contrib.auth.models import User  # as above
    from django.db import connection

    from crm_assist.types import Principal
    from tests.story import open_bank, open_phase

    user, made = User.objects.get_or_create(username="agent")
    if made:
        open_bank(LABEL, phase)
    else:
        open_phase(phase)
    client = clients().model
    missing = customers - clients().count()
    if missing > 0:
        clients().bulk_create(
            [
                client(name=f"C{number}", owner_id=user.pk, balance=number * 7 % 10_000, segment="private")
                for number in range(missing)
            ],
            batch_size=5_000,
        )
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {client._meta.db_table}")
        know_all(LABEL)
    keys = [str(key) for key in clients().order_by("pk").values_list("pk", flat=True)[:customers]]
    return Bank(agent=Principal(key=str(user.pk), name="Agent"), keys=keys)


def newcomers(opened: Bank, count: int) -> list[str]:
    """Keys of so many customers whom nobody has opened; every second one is not even known as a subject."""
    model, owner = clients().model, opened.agent.key
    half = [model(name=f"Known {number}", owner_id=owner, balance=number) for number in range(count - count // 2)]
    known = clients().bulk_create(half)
    know_all(LABEL)
    others = [model(name=f"Unknown {number}", owner_id=owner, balance=number) for number in range(count // 2)]
    unknown = clients().bulk_create(others)
    pairs = itertools.chain.from_iterable(itertools.zip_longest(known, unknown))
    return [str(client.pk) for client in pairs if client is not None]


def know_all(label: str) -> None:
    """A subject for every customer, as the nightly batch leaves them, by the database alone."""
    from django.db import connection  # as above

    from crm_assist.customers import adapter_for
    from crm_assist.customers.models import Subject

    host = adapter_for(label).model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Subject._meta.db_table} (tenant, model_label, key, key_int, seen_hash, created_at) "
            f"SELECT '', %s, id::text, id, '', now() FROM {host} ON CONFLICT DO NOTHING",
            [label],
        )
        cursor.execute(f"VACUUM ANALYZE {Subject._meta.db_table}")


def open_records(opened: Bank, keys: Sequence[str]) -> None:
    """Open these customers' records as the agent does: each makes a decision, or shows the one of a moment ago."""
    from crm_assist import flow  # as above

    for key in keys:
        flow.record(opened.agent, LABEL, key, now=datetime.now(UTC))
