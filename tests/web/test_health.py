"""Load balancers learn one word, those who may watch learn the rest, and nobody learns a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.utils import timezone

from crm_assist import flow
from crm_assist.flow import gaps, health
from crm_assist.journal import guards
from crm_assist.journal.sealing import seal
from crm_assist.types import Principal
from crm_assist.web import health as views
from tests.hosts.desk.models import Client as Customer
from tests.story import NOW, open_bank

TOKEN = "a-token-for-the-tests"
DOWN = flow.Health(name="database", ok=False, message="It failed.")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No answer is kept from the test before."""
    views._kept.clear()
    yield
    gaps.told("")


def asked(client: Client | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
    response = (client or Client()).get("/assist/ready/", headers=headers)
    return response.status_code, json.loads(response.content)


class Refusing:
    """A database that is gone, with words that nobody may read."""

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError('connection to server at "db.internal", user "crm" failed: password wrong')


@pytest.mark.parametrize(("address", "status"), [("health", 200), ("ready", 503), ("metrics", 404)])
def test_monitors__host_that_wraps_requests_in_transactions__answer_without_a_database(
    address: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: Any) -> Any:
        raise OperationalError("the database is gone")

    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    monkeypatch.setattr(connection, "ensure_connection", gone)
    monkeypatch.setattr("crm_assist.web.health.flow.health", lambda **given: (DOWN,))
    assert Client(raise_request_exception=False).get(f"/assist/{address}/").status_code == status


def test_alive__database_gone__is_200_without_a_query() -> None:
    for address in ("/assist/health/", "/assist/health"):
        response = Client().get(address)
        assert (response.status_code, json.loads(response.content)) == (200, {"status": "ok"})
        assert response["Cache-Control"] == "no-store"


def test_alive__other_methods__are_refused() -> None:
    assert Client().post("/assist/health/").status_code == 405
    assert Client().head("/assist/health/").status_code == 200


@pytest.mark.django_db
def test_ready__all_well__is_one_word_for_a_stranger() -> None:
    assert asked() == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready__details__need_the_permission_or_the_token() -> None:
    user = User.objects.create_user("ops")
    client = Client()
    client.force_login(user)
    assert "checks" not in asked(client)[1]
    user.user_permissions.add(Permission.objects.get(codename="view_health"))
    names = [check["name"] for check in asked(client)[1]["checks"]]
    assert names == ["database", "migrations", "guards", "months", "log", "seals", "runs"]
    with override_settings(CRM_ASSIST={"MONITOR_TOKEN": TOKEN}):
        assert "checks" in asked(authorization=f"Bearer {TOKEN}")[1]
        assert "checks" not in asked(authorization="Bearer wrong")[1]
        assert "checks" not in asked(authorization="Bearer é")[1]
    assert "checks" not in asked(authorization="Bearer ")[1]


@pytest.mark.django_db
def test_ready__database_gone__is_503_in_time_and_tells_no_secret() -> None:
    with override_settings(CRM_ASSIST={"MONITOR_TOKEN": TOKEN}), connection.execute_wrapper(Refusing()):
        status, body = asked(authorization=f"Bearer {TOKEN}")
    assert (status, body["status"]) == (503, "unready")
    assert not any(check["ok"] for check in body["checks"])
    assert "db.internal" not in json.dumps(body)
    assert "OperationalError" in body["checks"][0]["message"]


@pytest.mark.django_db
def test_ready__asked_often__asks_the_database_once_a_second(django_assert_num_queries: Any) -> None:
    asked()
    with django_assert_num_queries(0):
        assert asked() == (200, {"status": "ok"})


def of(name: str, **arguments: Any) -> health.Health:
    found = flow.health(now=arguments.pop("now", timezone.now()), **arguments)
    return next(one for one in found if one.name == name)


@pytest.mark.django_db
def test_health__migration_missing__is_not_ready_and_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'crm_assist'")
    assert "0001_initial" in of("migrations").message
    assert not flow.is_ready(flow.health(now=timezone.now()))


@pytest.mark.django_db
def test_health__guard_missing__is_told_but_help_goes_on() -> None:
    assert of("guards").ok
    guards._lift("default")
    try:
        assert not of("guards").ok
        assert flow.is_ready(flow.health(now=timezone.now()))
    finally:
        guards.install("default")


def test_health__gaps_in_the_log__are_counted_until_told(db: None) -> None:
    gaps.note("", NOW)
    assert "1" in of("log").message
    assert not of("log").ok
    gaps.told("")
    assert of("log").ok


@pytest.mark.django_db(transaction=True)
def test_health__decisions_wait_for_a_seal_for_a_day__is_told(desk: Customer) -> None:
    assert of("seals", now=NOW).ok
    flow.record(Principal(key="a", is_superuser=True), "desk.Client", str(desk.pk), now=NOW)
    later = NOW + timedelta(days=2)
    assert not of("seals", now=later).ok
    assert of("seals", now=NOW + timedelta(hours=2)).ok
    while seal(tenant="", now=NOW + timedelta(hours=3)):
        pass
    assert of("seals", now=later).ok


@pytest.mark.django_db
def test_health__a_run_that_nobody_does__is_told_after_an_hour() -> None:
    flow.ask_runs("seal", now=NOW)
    assert of("runs", now=NOW + timedelta(minutes=50)).ok
    late = of("runs", now=NOW + timedelta(minutes=70))
    assert (late.ok, late.needed) == (False, False)


@pytest.fixture
def desk() -> Customer:
    """A customer in an open bank."""
    open_bank("desk.Client")
    return Customer.objects.create(name="Ada", balance=9000)


def test_health__time_is_up__asks_no_more(db: None) -> None:
    ticks = iter(range(0, 100, 2))
    found = flow.health(now=NOW, clock=lambda: next(ticks), seconds=3)
    assert [one.ok for one in found[:2]] == [True, False]
    assert not flow.is_ready(found)
