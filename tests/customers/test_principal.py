"""Who asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.http import HttpRequest

from crm_assist import customers
from crm_assist.customers.registration import registered
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import Guild, Member, Profile


def asking(user: Any) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    return request


def test_principal_of__request_without_user_or_anonymous__is_nobody() -> None:
    assert customers.principal_of(HttpRequest()) == customers.NOBODY
    assert customers.principal_of(asking(AnonymousUser())) == customers.NOBODY
    assert customers.principal_of(asking(None)) == customers.NOBODY


def test_principal_of__user_no_longer_active__is_nobody() -> None:
    assert customers.principal_of(asking(User(pk=1, is_active=False, is_superuser=True))) == customers.NOBODY


@pytest.mark.django_db
def test_principal_of__plain_user__has_key_name_and_the_permissions_held(
    django_assert_num_queries: Any,
) -> None:
    user = User.objects.create_user("ann", first_name="Ann", last_name="Lee")
    user.user_permissions.add(Permission.objects.get(codename="view_log", content_type__app_label="crm_assist"))
    with django_assert_num_queries(0):
        principal = customers.principal_of(asking(user), customers.adapter_for(Client))
    assert (principal.key, principal.name, principal.tenant) == (str(user.pk), "Ann Lee", "")
    assert principal.may("view_log")
    assert not principal.may("change_phase")
    assert not principal.may("add_user")
    assert set(principal.permissions) == {"view_log"}


def test_principal_of__user_without_names__is_called_by_the_user_name() -> None:
    principal = customers.principal_of(asking(User(pk=3, username="bob")), customers.adapter_for(Client))
    assert principal.name == "bob"


def test_may__host_whose_backend_raises__is_no() -> None:
    class Raising:
        pk, is_authenticated, is_active = "x1", True, True

        def has_perm(self, permission: str) -> bool:
            raise KeyError(permission)

    principal = customers.principal_of(asking(Raising()))
    assert principal.key == "x1"
    assert not principal.may("view_log")


def test_principal_of__adapter_that_fails_or_answers_nonsense__is_nobody() -> None:
    class Failing(customers.CustomerAdapter):
        def principal(self, request: HttpRequest) -> Principal:
            raise RuntimeError("no session")

    class Nonsense(customers.CustomerAdapter):
        def principal(self, request: HttpRequest) -> Principal:
            return "ann"  # type: ignore[return-value]

    for adapter_class in (Failing, Nonsense):
        with registered(Client, adapter_class) as adapter:
            assert customers.principal_of(asking(User(pk=1)), adapter) == customers.NOBODY
            with pytest.raises((RuntimeError, TypeError)):
                customers.who_asks(asking(User(pk=1)), adapter)
            assert customers.who_asks(asking(AnonymousUser()), adapter) == customers.NOBODY


@pytest.mark.django_db
def test_principal_of__host_with_profiles__carries_the_tenant() -> None:
    user = User.objects.create_user("ann")
    Profile.objects.create(user=user, guild=Guild.objects.create(code="bakers"))
    assert customers.principal_of(asking(user), customers.adapter_for(Member)).tenant == "bakers"
