"""Which model has which adapter."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.contrib.auth.models import User
from django.db import models

from crm_assist import customers
from crm_assist.customers import registration
from tests.hosts.desk.models import Client, FavouredClient, Tag
from tests.hosts.shapes.models import Entity, Person


def test_adapters__of_the_test_hosts__are_found_in_assist_py() -> None:
    assert {"desk.Client", "guild.Member", "shapes.Person"} <= set(customers.adapters())


def test_adapter_for__label_model_and_proxy__are_the_same_adapter() -> None:
    adapter = customers.adapter_for("desk.Client")
    assert customers.adapter_for(Client) is adapter
    assert customers.adapter_for(FavouredClient) is adapter


@pytest.mark.parametrize("unknown", [Tag, Entity, "desk.Tag", "desk.client", ""])
def test_adapter_for__unregistered__names_the_remedy(unknown: type[models.Model] | str) -> None:
    with pytest.raises(customers.NotRegistered, match="registered"):
        customers.adapter_for(unknown)


def test_register__second_adapter_of_a_model__is_refused() -> None:
    with pytest.raises(customers.AlreadyRegistered, match=r"desk\.Client"):
        customers.register(Client)(customers.CustomerAdapter)


def test_register__several_models__gives_each_its_own_adapter() -> None:
    speaks = customers.CustomerAdapter
    with registration.registered(Tag, speaks) as first, registration.registered(User, speaks) as second:
        assert (first.model_label, second.model_label) == ("desk.Tag", "auth.User")
        assert customers.adapter_for(User) is second
    assert "desk.Tag" not in customers.adapters()


def test_registered__in_place_of_another__gives_it_back() -> None:
    before = customers.adapter_for(Person)
    with registration.registered(Person, customers.CustomerAdapter) as instead:
        assert customers.adapter_for(Person) is instead
    assert customers.adapter_for(Person) is before


def test_fault_of__what_cannot_hold_customers__is_told() -> None:
    class Abstract(models.Model):
        class Meta:
            abstract = True
            app_label = "desk"

    faults = [registration.fault_of(thing) for thing in (Abstract, FavouredClient, object, "desk.Client", Client)]
    assert faults == ["abstract", "proxy", "not_a_model", "not_a_model", ""]


def test_import__before_the_apps_are_ready__works() -> None:
    code = (
        "from django.conf import settings; settings.configure();"
        "from crm_assist import customers, features as f; print(customers.register, f.count('x'))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
