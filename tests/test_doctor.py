"""The doctor walks an integrator from nothing to a score, one thing at a time."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.urls import include, path

from crm_assist import customers
from crm_assist.customers import registration
from crm_assist.journal import guards
from crm_assist.rollout.moves import throw_switch
from crm_assist.scorecards.models import CardVersion
from tests.hosts.desk.models import Client
from tests.story import NOW, open_phase, publish, stock

pytestmark = pytest.mark.django_db
urlpatterns = [path("assist/", include(([], "crm_assist")))]


@pytest.fixture(autouse=True)
def one_host() -> Iterator[None]:
    """Only the desk is registered, and our addresses are included."""
    before = registration._registry._entries
    registration._registry._entries = {"desk.Client": before["desk.Client"]}
    try:
        with override_settings(ROOT_URLCONF=__name__):
            yield
    finally:
        registration._registry._entries = before


def doctor(**options: Any) -> tuple[str, str]:
    """What it prints, and the next thing to do."""
    out = StringIO()
    try:
        call_command("crm_assist_doctor", stdout=out, **options)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_doctor__fresh_installation__leads_step_by_step_to_a_score() -> None:
    out, todo = doctor()
    assert "no customer yet" in out
    assert "flow.declare_target" in todo
    Client.objects.create(name="Rose")
    publish("desk.Client")
    out, todo = doctor()
    assert "customer" in out
    assert "read with 11 features" in out
    assert "change_phase" in todo
    open_phase("score")
    out, todo = doctor()
    assert todo == ""
    assert "no product yet; the score needs none" in out
    open_phase("recommend")
    assert "flow.save_products" in doctor()[1]
    stock()
    out, todo = doctor()
    assert (todo, "TO DO" in out) == ("", False)
    assert out.endswith("Nothing blocks.\n")


def test_doctor__target_without_card__says_how_to_fit_it() -> None:
    publish("desk.Client")
    CardVersion.objects.all().delete()
    assert "crm_assist_fit orders" in doctor()[1]


def test_doctor__kill_switch__blocks() -> None:
    publish("desk.Client")
    open_phase("score")
    throw_switch(tenant="", killed=True, by="boss", reason="test", now=NOW)
    assert "Restore it" in doctor()[1]


def test_doctor__nothing_registered__says_what_to_write_and_asks_no_further() -> None:
    registration._registry._entries = {}
    out, todo = doctor()
    assert "assist.py" in todo
    assert out.count("\n") == 3


def test_doctor__addresses_not_included__block() -> None:
    with override_settings(ROOT_URLCONF=None):
        assert "crm_assist.urls" in doctor()[1]


def test_doctor__wrong_setting__is_named_with_its_hint() -> None:
    with override_settings(CRM_ASSIST={"POLL_SECONDS": 1}):
        assert "Choose a number from 5" in doctor()[1]


def test_doctor__customer_that_cannot_be_read__names_the_adapter() -> None:
    class Failing(customers.CustomerAdapter):
        def queryset(self) -> Any:
            raise LookupError("no such table")

    Client.objects.create(name="Rose")
    with registration.registered(Client, Failing):
        out, todo = doctor()
    assert "LookupError: no such table" in out
    assert todo == "Next: Mend Failing in assist.py."


def test_doctor__guards_missing__blocks() -> None:
    guard = guards.expected("default")[0]
    with connection.cursor() as cursor:
        on = f' ON "{guard.table}"' if connection.vendor == "postgresql" else ""
        cursor.execute(f'DROP TRIGGER "{guard.name}"{on}')
    out, todo = doctor()
    assert "guards of the log missing: 1" in out
    assert "migrate crm_assist" in todo


def test_walk__one_record_for_one_person__shows_what_would_be_used() -> None:
    ann = User.objects.create_user("ann", first_name="Ann")
    client = Client.objects.create(name="Rose", owner=ann, balance=1200)
    publish("desk.Client")
    open_phase("score")
    for user in ("ann", str(ann.pk)):
        out, todo = doctor(model="desk.Client", key=str(client.pk), user=user)
        assert todo == ""
        assert "balance = €1,200" in out
        assert "consent granted, from desk" in out
        assert "phase score" in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"model": "desk.Tag", "key": "1", "user": "ann"}, "Name a registered model"),
        ({"model": "desk.Client", "key": "1", "user": "bob"}, "Name an active user"),
        ({"model": "desk.Client", "key": "x", "user": "ann"}, "one of the person's teams"),
        ({"model": "desk.Client"}, "together"),
    ],
)
def test_walk__wrong_names__say_what_to_give(options: dict[str, str], told: str) -> None:
    User.objects.create_user("ann")
    assert told in doctor(**options)[1]


def test_walk__customer_of_somebody_else__is_told_apart_from_none_at_all() -> None:
    User.objects.create_user("ann")
    open_phase("score")
    hidden = Client.objects.create(name="Not Ann's")
    assert "exists, but" in doctor(model="desk.Client", key=str(hidden.pk), user="ann")[0]
    assert "does not exist" in doctor(model="desk.Client", key="999999", user="ann")[0]
