"""What the tests of the table's exchange share: a base to score, other connections, what is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection, connections

from crm_assist import customers, flow
from crm_assist.scoring.models import LatestScore
from tests.story import NOW, fitted

LABEL = "desk.Client"

TABLE = LatestScore._meta.db_table

LATER = NOW + timedelta(days=1)


def sql(text: str, *params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text, params or None)
        return list(cursor.fetchall()) if cursor.description else []


def elsewhere(act: Any) -> Any:
    """What `act` gives on a connection of its own."""

    def acted() -> Any:
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(acted).result(timeout=30)


def leftovers() -> list[str]:
    return [
        name for (name,) in sql("SELECT relname FROM pg_class WHERE relname LIKE %s AND relkind = 'r'", TABLE + "\\_%")
    ]


def swapping(**options: Any) -> Iterator[Any]:
    return flow.rescore(customers.adapter_for(LABEL), now=NOW, way="swap", **options)


def by_card(clients: Any) -> dict[str, float]:
    return {str(client.pk): fitted().one({"balance": client.balance}) for client in clients}
