"""Pages of the Django admin at the size of a large bank: statements, which are held, and milliseconds beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from benchmarks.figure import Measured, Run, figure

TEAMS = 500
AGENTS = 5_000
PAGES = "/admin/crm_assist"
DECISIONS = """
INSERT INTO crm_assist_decision (id, tenant, at, schema, digest, subject_id, agent_key, team, phase, admission, target,
    probability, card, revision, code_version, offered, slate, silence, fallback, latency_ms)
SELECT (lpad(to_hex((extract(epoch FROM m.at) * 1000)::bigint), 12, '0') || '7' || substr(md5(m.g::text), 1, 3)
        || '8' || substr(md5(m.g::text), 4, 15))::uuid,
    '', m.at, 1, '', (SELECT min(id) FROM crm_assist_subject) + m.g %% {subjects},
    (m.g %% {agents} + {first})::text, 'team ' || lpad((m.g %% {teams})::text, 3, '0'), 'recommend', 'team', 'orders',
    (m.g %% 97 + 1) / 100.0, '', 1, '1', CASE WHEN m.g %% 3 = 0 THEN 0 ELSE 1 END,
    CASE WHEN m.g %% 3 = 0 THEN '' ELSE 'deposit' END, CASE WHEN m.g %% 3 = 0 THEN 'no_consent' ELSE '' END, 'live', 2
FROM (SELECT g, now() - interval '1 hour' - (interval '365 days' * g / {rows}) AS at
    FROM generate_series(1, {rows}) g) m
"""
RESPONSES = """
INSERT INTO crm_assist_response (id, tenant, at, schema, digest, subject_id, decision_id, suggestion_id, product,
    agent_key, team, kind, reason, request_key)
SELECT (lpad(to_hex((extract(epoch FROM at + interval '1 minute') * 1000)::bigint), 12, '0') || '7'
        || substr(md5(id::text), 1, 3) || '8' || substr(md5(id::text), 4, 15))::uuid,
    '', at + interval '1 minute', 1, '', subject_id, id, gen_random_uuid(), 'deposit', agent_key,
    team, 'rejected', 'bad_moment', ''
FROM crm_assist_decision WHERE offered > 0 AND probability > 0.7
"""


def _sql(text: str) -> None:
    from django.db import connection  # Django is set up only when a figure runs

    with connection.cursor() as cursor:
        cursor.execute(text)


@cache
def _house(quick: bool) -> Any:
    """500 teams, 5,000 agents and a million decisions, by the database alone; and the browser of a superuser."""
    from django.contrib.auth.models import User  # as above
    from django.test import Client as Browser

    from benchmarks.bank import LABEL, bank
    from benchmarks.figures.lists import _store_scores
    from crm_assist import flow
    from crm_assist.journal.sealing import seal
    from tests.story import NOW

    rows, customers = (100_000, 20_000) if quick else (1_000_000, 100_000)
    opened = bank(customers=customers, phase="recommend")
    _store_scores()
    _sql(
        "INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, "
        f"date_joined) SELECT '', false, 'team ' || lpad((g % {TEAMS})::text, 3, '0') || '-' || g, 'Agent', g::text, "
        f"'', false, true, now() FROM generate_series(1, {AGENTS}) g"
    )
    _sql(
        "INSERT INTO crm_assist_teamphase (tenant, team, phase, percent, outside, changed_at, changed_by) SELECT '', "
        f"'team ' || lpad(g::text, 3, '0'), 'score', 50, 'shadow', now(), '1' FROM generate_series(0, {TEAMS - 1}) g"
    )
    first = User.objects.filter(username__startswith="team ").earliest("pk").pk
    told = {"rows": rows, "subjects": customers, "agents": AGENTS, "teams": TEAMS, "first": first}
    _sql(DECISIONS.format(**told).replace("%%", "%"))
    _sql(RESPONSES)
    _sql("VACUUM ANALYZE")
    for key in opened.keys[:3]:
        flow.record(opened.agent, LABEL, key, now=NOW)
    seal(tenant="", now=NOW)
    browser = Browser()
    browser.force_login(User.objects.create_superuser("governor"))
    return browser


@contextmanager
def _host() -> Iterator[None]:
    """The desk as a host that knows its teams and stands on an admin site of its own."""
    from django.contrib.auth.models import User  # as above
    from django.test import override_settings

    from crm_assist import customers
    from crm_assist.types import Principal
    from tests.hosts.desk.assist import DeskClient
    from tests.hosts.desk.models import Client

    class Desk(DeskClient):
        """Teams by user name; no statement for each agent."""

        def agents(self, tenant: str, team: str) -> Any:
            """Those whose user name begins with the team's."""
            return User.objects.filter(username__startswith=f"{team}-").order_by("username")

        def agent(self, user: User) -> Principal:
            """The user in the team of the name."""
            return Principal(key=str(user.pk), name=user.get_full_name(), teams=(user.username.partition("-")[0],))

        def all_teams(self, tenant: str) -> set[str]:
            """Those that were moved are enough."""
            return set()

    with override_settings(ROOT_URLCONF="tests.admin.urls"), customers.registered(Client, Desk):
        yield


def _measured(run: Run, address: Callable[[], str]) -> Measured:
    from django.db import connection  # as above
    from django.test.utils import CaptureQueriesContext

    from crm_assist.admin import injection
    from tests.admin import urls  # noqa: F401  (the sites are registered with their addresses)

    injection.inject()
    browser = _house(run.quick)
    with _host():
        asked, spent = address(), []
        for _ in range(run.size(full=11, quick=5)):
            start = perf_counter()
            answer = browser.get(asked)
            spent.append((perf_counter() - start) * 1000)
            assert answer.status_code == 200, f"{asked}: {answer.status_code}"
        with CaptureQueriesContext(connection) as found:
            answer = browser.get(asked)
    kib, ms = len(answer.content) / 1024, median(spent[1:])
    return Measured(
        value=len(found), reference=f"{ms:.0f} ms, page of {kib:.0f} KiB", detail={"ms": ms, "kib": round(kib, 1)}
    )


def _page(name: str, address: str | Callable[[], str], *, bar: float) -> None:
    @figure(f"admin.{name}", bar=bar, better="lower", unit=" statements", needs=("postgresql", "learn"))
    def measure(run: Run) -> Measured:
        return _measured(run, address if callable(address) else lambda: address)


def _logged() -> str:
    from crm_assist.decisions.models import Decision  # as above

    return f"{PAGES}/decision/{Decision.objects.exclude(digest='').earliest('at').pk}/"


def _deep() -> str:
    from crm_assist.decisions.models import Decision  # as above
    from crm_assist.web.log_filters import written

    place = Decision.objects.order_by("at", "id")[5_000]
    return f"{PAGES}/decision/?{urlencode({'after': written(place.at, place.id)})}"


def _record() -> str:
    from tests.hosts.desk.models import Client  # as above

    return f"/office/desk/client/{Client._default_manager.earliest('pk').pk}/change/"


_page("phases", f"{PAGES}/teamphase/", bar=12)
_page("phases_search", f"{PAGES}/teamphase/?q=49", bar=12)
_page("team", f"{PAGES}/teamphase/team/?team=team+007", bar=12)
_page("decisions", f"{PAGES}/decision/", bar=8)
_page("decisions_deep", _deep, bar=8)
_page("decisions_team", f"{PAGES}/decision/?team=team+007", bar=8)
_page("decisions_answer", f"{PAGES}/decision/?response=rejected", bar=8)
_page("decision", _logged, bar=14)
_page("products", f"{PAGES}/product/", bar=8)
_page("cards", f"{PAGES}/cardversion/", bar=8)
_page("log", f"{PAGES}/seal/", bar=30)
_page("verify", f"{PAGES}/seal/verify/", bar=60)
_page("record", _record, bar=12)
_page("list", "/office/desk/client/", bar=12)
_page("list_by_score", "/office/desk/client/?o=-4", bar=12)
_page("list_by_band", "/office/desk/client/?crm_assist_band=high", bar=12)
