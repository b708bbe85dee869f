"""Fills the site: `python -m benchmarks.served.filling CUSTOMERS`; prints keys and a session as JSON."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import django
from django.core.management import call_command

AGENT = "7"


def fill(customers: int) -> dict[str, Any]:
    """Buyers with a card on all their features and subjects, the bank's demo customers, and one session."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # Django is set up by main
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connection

    from benchmarks.bank import know_all

    user = User.objects.filter(pk=int(AGENT)).first() or User.objects.create_user("agent", pk=int(AGENT))
    keys = _buyers(customers)
    know_all("till.Buyer")
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.create()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {"agent": AGENT, "keys": keys, "session": session.session_key}


def _buyers(count: int) -> list[str]:
    from benchmarks.served.till.models import NUMBERS, TEXTS, Buyer  # as above

    chance = Random(3)
    rows = [
        Buyer(
            name=f"B{number}",
            agent=AGENT,
            born=date(1950, 1, 1) + timedelta(days=chance.randrange(18_000)),
            since=datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=chance.randrange(8_000)),
            **{name: chance.gauss(0, 1) for name in NUMBERS},
            **{name: chance.choice("abcdef") for name in TEXTS},
        )
        for number in range(count)
    ]
    Buyer._default_manager.bulk_create(rows, batch_size=2_000)
    _publish(rows)
    return [str(row.pk) for row in rows]


def _publish(rows: list[Any]) -> None:
    from django.utils import timezone  # as above

    from benchmarks.served.till.models import NUMBERS, TEXTS
    from crm_assist import flow
    from crm_assist.learning import fit_scorecard
    from tests.story import BOSS, open_phase

    now = timezone.now()
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in (*NUMBERS, *TEXTS)}
    columns["age"] = [float((now.date() - row.born).days) for row in rows]
    columns["customer_for"] = [(now - row.since).total_seconds() / 86_400 for row in rows]
    chance = Random(4)
    outcomes = [int(chance.random() < 0.1 + 0.3 * (row.n0 + row.n1 + row.n2 > 0.5)) for row in rows]
    target = flow.declare_target(
        BOSS, name="buys", adapter="till.Buyer", labels={"en": "buys again"}, products=[], horizon_days=90,
        is_main=True, now=now,
    )  # fmt: skip
    flow.publish_card(BOSS, target, fit_scorecard(columns, outcomes, seed=1), reason="first card", now=now)
    open_phase("score", now=now)


def main() -> None:
    """Set Django up, make the tables, fill them, tell what the load needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.served.settings")
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    json.dump(fill(int(sys.argv[1])), sys.stdout)


if __name__ == "__main__":
    main()
