"""The doctor walks an integrator from nothing to a score, one thing at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Q
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


class ShopCustomer(customers.CustomerAdapter):
    """As the README's, with one hook of it wrong in each test."""

    def visible(self, principal: Any, queryset: Any) -> Any:
        return queryset.filter(owner=principal.user)


def doctor_with(name: str, hook: Callable[..., Any], **options: Any) -> tuple[str, str]:
    with registration.registered(Client, type("ShopCustomer", (ShopCustomer,), {name: hook})):
        return doctor(**options)


def misspelt(self: Any, principal: Any, queryset: Any) -> Any:
    return queryset.filter(ownr=principal.user)


def without_return(self: Any, principal: Any, queryset: Any) -> Any:
    queryset.filter(owner=principal.user)


@pytest.mark.parametrize("user", ["nobody", "superuser", "ordinary"])
@pytest.mark.parametrize(
    ("hook", "told"),
    [
        (misspelt, "ShopCustomer.visible() fails: FieldError: Cannot resolve keyword 'ownr'"),
        (without_return, "ShopCustomer.visible() returns None, not a queryset of desk.Client"),
    ],
)
def test_doctor__visible_that_is_wrong__is_found_whoever_looks(hook: Any, told: str, user: str) -> None:
    if user != "nobody":
        User.objects.create_user("carl", is_superuser=user == "superuser", is_staff=True)
    Client.objects.create(name="Rose")
    out, _todo = doctor_with("visible", hook)
    assert f"TO DO  desk.Client: {told}" in out
    assert "visible(), in " in out


@pytest.mark.parametrize(
    ("name", "hook", "told"),
    [
        ("consent", lambda self, obj: obj.agreed, "ShopCustomer.consent() fails: AttributeError"),
        ("consent", lambda self, obj: "granted", "returns a str, not a crm_assist.types.Consent"),
        ("holdings", lambda self, obj: "deposit", "returns one text, not a collection of product codes"),
        ("situations", lambda self, obj: None, "ShopCustomer.situations() returns None"),
        ("team", lambda self, obj: 7, "ShopCustomer.team() returns a int, not a text"),
        ("tenant", lambda self, obj: None, "ShopCustomer.tenant() returns None, not a text"),
        ("is_live", lambda self, obj: None, "ShopCustomer.is_live() returns None, not True or False"),
        ("are_live", lambda self, objs: [True], "ShopCustomer.are_live() returns a list, not a dictionary by key"),
        ("consents", lambda self, objs: {}, "ShopCustomer.consents() returns no answer for customer"),
        ("tenants", lambda self, objs: {}[1], "ShopCustomer.tenants() fails: KeyError"),
        ("tenant_filter", lambda self, tenant: {"a": 1}, "ShopCustomer.tenant_filter() "),
        ("silent_filter", lambda self: Q(no=1), "ShopCustomer.silent_filter() fails: FieldError"),
        ("principal", lambda self, request: request.user.profile, "ShopCustomer.principal() fails: AttributeError"),
    ],
)
def test_doctor__hook_that_raises_or_answers_wrongly__is_named(name: str, hook: Any, told: str) -> None:
    User.objects.create_user("ann")
    Client.objects.create(name="Rose")
    out, todo = doctor_with(name, hook)
    assert told in out
    assert todo.startswith("Next: ")


def test_doctor__rule_that_needs_a_user_where_there_is_none__is_a_note(settings: Any) -> None:
    Client.objects.create(name="Rose")
    out, _todo = doctor_with("visible", lambda self, principal, queryset: queryset.filter(pk=principal.user.pk))
    assert "note  desk.Client: ShopCustomer.visible() fails: AttributeError" in out
    assert "Make an ordinary user and ask again." in out


@pytest.mark.parametrize("name", ["visible", "consent", "label", "principal", "queryset"])
@pytest.mark.parametrize("superuser", [True, False])
def test_walk__any_hook_that_fails__is_named_and_no_traceback(name: str, superuser: bool) -> None:
    User.objects.create_user("carl", is_superuser=superuser)
    client = Client.objects.create(name="Rose")

    def failing(self: Any, *args: Any) -> Any:
        raise LookupError("no such thing")

    out, todo = doctor_with(name, failing, model="desk.Client", key=str(client.pk), user="carl")
    assert todo.startswith("Next: ")
    assert f"ShopCustomer.{name}() fails: LookupError: no such thing" in out or name in ("consent", "label")


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


def test_doctor__one_kind_of_customer_has_a_target_and_another_has_none__is_a_note() -> None:
    publish("desk.Client", now=NOW)
    stock(now=NOW)
    open_phase("score", now=NOW)
    entries = registration._registry._entries
    with customers.registered(User, type("People", (customers.CustomerAdapter,), {})):
        assert len(entries) == 2
        printed, _todo = doctor()
    assert " note  auth.User: no target for the record" in printed
