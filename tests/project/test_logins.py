"""Log-ins with a known password exist while DEBUG is on, and never otherwise."""

from __future__ import annotations

import socket
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import Client

from fixtures.rows import Bank
from project.crm.management.commands.demo import port_of, welcome
from project.crm.models import AgentProfile, Branch, Customer
from project.demo.logins import LOGINS, PASSWORD, DemoLoginsRefused, make_logins
from tests.project.conftest import NOW


@pytest.fixture
def opened(filled: Bank, settings: Any) -> None:
    """The seven log-ins, made while DEBUG was on; it is on still."""
    settings.DEBUG = True
    make_logins(branch=Branch.objects.order_by("pk")[0], now=NOW)


def test_make_logins__debug_off__refuses_and_makes_nobody(filled: Bank) -> None:
    with pytest.raises(DemoLoginsRefused, match="DEBUG"):
        make_logins(branch=Branch.objects.order_by("pk")[0], now=NOW)
    assert not User.objects.filter(username="agent").exists()


@pytest.mark.django_db
def test_load_demo__debug_off__refuses_before_anything_is_written() -> None:
    with pytest.raises(CommandError, match="--no-logins"):
        call_command("load_demo", customers=5, no_cards=True, stdout=StringIO())
    assert not Customer.objects.exists()


def test_make_logins__seven_roles__may_what_their_group_may(opened: None) -> None:
    assert AgentProfile.objects.filter(is_demo_login=True).count() == len(LOGINS) == 7
    assert User.objects.get(username="admin").has_perm("crm_assist.change_phase")
    assert User.objects.get(username="analyst").has_perm("crm_assist.export_log")
    assert not User.objects.get(username="agent").has_perm("crm_assist.view_log")
    assert User.objects.get(username="analyst").groups.get().name == "Data team"
    assert not User.objects.filter(is_superuser=True).exists()


def test_make_logins__twice__adds_nobody(opened: None) -> None:
    before = User.objects.count(), Group.objects.count()
    make_logins(branch=Branch.objects.order_by("pk")[0], now=NOW)
    assert (User.objects.count(), Group.objects.count()) == before


def test_make_logins__name_taken_by_a_real_user__is_left_alone(filled: Bank, settings: Any) -> None:
    settings.DEBUG = True
    User.objects.create_user("agent", password="theirs")
    with pytest.raises(DemoLoginsRefused, match="'agent' exists"):
        make_logins(branch=Branch.objects.order_by("pk")[0], now=NOW)
    assert User.objects.get(username="agent").check_password("theirs")


def test_log_in__debug_on__works_and_the_page_lists_the_log_ins(opened: None) -> None:
    client = Client()
    assert b"compliance" in client.get("/log-in/").content
    assert client.login(username="agent", password=PASSWORD)
    assert client.get("/").status_code == 200


def test_log_in__debug_off__is_refused_and_sessions_end(opened: None, settings: Any) -> None:
    client = Client()
    assert client.login(username="agent", password=PASSWORD)
    settings.DEBUG = False
    assert client.get("/").status_code == 302
    assert not Client().login(username="agent", password=PASSWORD)
    assert b"compliance" not in Client().get("/log-in/").content


def test_check__demo_logins_with_debug_off__crm_E001(opened: None, settings: Any) -> None:
    assert not [fault for fault in run_checks(databases=["default"]) if fault.id == "crm.E001"]
    settings.DEBUG = False
    (fault,) = [fault for fault in run_checks(databases=["default"]) if fault.id == "crm.E001"]
    assert "agent" in fault.msg
    call_command("remove_demo_logins", stdout=StringIO())
    assert not [fault for fault in run_checks(databases=["default"]) if fault.id == "crm.E001"]


def test_port__odd_values__are_refused() -> None:
    assert port_of("") == 8000
    assert port_of("8001") == 8001
    for text in ("0", "65536", "x", "-1", "８０００"):
        with pytest.raises(CommandError, match="not a port"):
            port_of(text)


def test_port__busy__is_refused_before_anything_is_prepared_or_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port, out = other.getsockname()[1], StringIO()
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(CommandError, match=rf"Port {port} cannot be had: .* PORT=\d+ make demo"):
            call_command("demo", stdout=out)
    assert out.getvalue() == ""


def test_welcome__names_the_address_and_every_log_in() -> None:
    text = welcome(8001)
    assert "http://127.0.0.1:8001/" in text
    assert all(login.username in text for login in LOGINS)
