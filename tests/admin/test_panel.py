"""The panel on the record pages of hosts that were never edited."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone

from crm_assist.admin import AssistPanelMixin, injection
from crm_assist.checks.admin import check_admin
from crm_assist.management.doctor.installed import admin_pages
from tests.admin.conftest import site_of
from tests.admin.urls import AloneAdmin, ClientAdmin, back, office
from tests.desk_bank import signed_in
from tests.hosts.desk.models import Client, Tag

Bank = Callable[[str], None]
PANEL = "<crm-assist-panel"
urlpatterns = [path("office/", office.urls)]


@pytest.fixture
def rose(boss: User) -> Client:
    return Client.objects.create(name="Rose", owner=boss, balance=8000)


def record(user: User, rose: Client, site: str = "office", model: str = "client", **asked: str) -> str:
    """The record page on a site."""
    answer = signed_in(user).get(f"/{site}/desk/{model}/{rose.pk}/change/", asked)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("site", ["office", "back"])
def test_record__any_site__has_the_panel_inside_the_hosts_own_page(boss: User, rose: Client, site: str) -> None:
    text = record(boss, rose, site)
    assert text.count(PANEL) == 1
    assert f"key={rose.pk}" in text
    assert "Delete" in text


def test_record__host_with_its_own_template_and_block__keeps_both(boss: User, rose: Client) -> None:
    text = record(boss, rose, "back")
    assert "the host&#x27;s own block" in text or "the host's own block" in text
    assert "<h1>Busy</h1>" in text


def test_record__mixin_written_down__has_one_panel(boss: User, rose: Client) -> None:
    assert record(boss, rose, model="favouredclient").count(PANEL) == 1


def test_record__host_that_answers_by_itself__stands_as_it_is_and_is_named(boss: User, rose: Client) -> None:
    with site_of("alone", Client, AloneAdmin) as (_site, addresses):
        injection.inject()
        with override_settings(ROOT_URLCONF=addresses):
            assert "all by myself" in record(boss, rose, "alone")
        told = [message for message in check_admin() if message.id == "crm_assist.W008"]
        assert len(told) == 1
        assert "AloneAdmin of desk.Client on the admin site 'alone'" in told[0].msg
        assert "{% crm_assist_panel original %}" in str(told[0].hint)


def test_record__popup_and_addition__have_no_panel(boss: User, rose: Client) -> None:
    assert PANEL not in record(boss, rose, _popup="1")
    assert PANEL not in signed_in(boss).get("/office/desk/client/add/").content.decode()


def test_record__other_models__are_left_alone(boss: User) -> None:
    tag = Tag.objects.create(name="x")
    assert PANEL not in signed_in(boss).get(f"/office/desk/tag/{tag.pk}/change/").content.decode()
    assert not isinstance(office._registry[Tag], AssistPanelMixin)


def test_record__the_panel__asks_the_database_nothing(boss: User, rose: Client) -> None:
    browser = signed_in(boss)
    address = f"/office/desk/client/{rose.pk}/change/"
    browser.get(address)  # content types are remembered from now on
    with CaptureQueriesContext(connection) as ours:
        browser.get(address)
    with override_settings(CRM_ASSIST={"ADMIN_PANEL": False}), CaptureQueriesContext(connection) as hosts:
        assert PANEL not in browser.get(address).content.decode()
    assert len(ours) == len(hosts), [q["sql"][:160] for q in ours]


def test_record__saving_and_refusing__work_as_before(boss: User, rose: Client) -> None:
    browser, address = signed_in(boss), f"/office/desk/client/{rose.pk}/change/"
    form = browser.get(address).context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value not in (None, "")}
    values |= {"last_login_0": "", "last_login_1": "", "since_0": "", "since_1": "", "tags": []}
    assert browser.post(address, {**values, "name": "Rosa"}).status_code == 302
    assert Client.objects.get().name == "Rosa"
    refused = browser.post(address, {**values, "name": ""})
    assert refused.status_code == 200
    assert PANEL in refused.content.decode()


def test_record__addresses_of_ours_not_included__has_no_panel(boss: User, rose: Client) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        answer = signed_in(boss).get(f"/office/desk/client/{rose.pk}/change/")
    assert answer.status_code == 200
    assert PANEL not in answer.content.decode()


def test_record__off_switch__takes_panel_and_column_away_except_where_written_down(
    bank: Bank, boss: User, rose: Client
) -> None:
    bank("score")
    with override_settings(CRM_ASSIST={"ADMIN_PANEL": False}):
        assert PANEL not in record(boss, rose)
        assert "crm_assist" not in signed_in(boss).get("/office/desk/client/").content.decode()
        assert PANEL in record(boss, rose, model="favouredclient")


def test_inject__twice__changes_nothing() -> None:
    before = type(office._registry[Client])
    injection.inject()
    assert type(office._registry[Client]) is before
    assert before.__qualname__ == "ClientAdmin"
    assert issubclass(before, ClientAdmin)


def test_inject__site_that_registers_later__is_met_at_the_next_request(boss: User) -> None:
    with site_of("late", Client, admin.ModelAdmin) as (site, _):
        signed_in(boss).get("/office/")
        assert isinstance(site._registry[Client], AssistPanelMixin)


def test_inject__one_that_takes_anothers_place__is_met_at_the_next_request(boss: User) -> None:
    browser = signed_in(boss)
    with site_of("late", Client, admin.ModelAdmin) as (site, _):
        browser.get("/office/")
        site.unregister(Client)
        site.register(Client, admin.ModelAdmin)
        assert not isinstance(site._registry[Client], AssistPanelMixin)
        browser.get("/office/")
        assert isinstance(site._registry[Client], AssistPanelMixin)


def test_inject__switched_off__wraps_nothing() -> None:
    with override_settings(CRM_ASSIST={"ADMIN_PANEL": False}), site_of("never", Client, admin.ModelAdmin) as (site, _):
        injection.inject()
        assert not isinstance(site._registry[Client], AssistPanelMixin)
        assert check_admin() == []


def test_inject__class_that_cannot_be_extended__is_named_and_left_alone(caplog: Any) -> None:
    class Final(admin.ModelAdmin):
        def __init_subclass__(cls) -> None:
            raise TypeError("this class is final")

    with site_of("stiff", Client, Final), caplog.at_level(logging.WARNING):
        injection.inject()
        assert "Final cannot be extended" in caplog.text
        assert [place.how for place in injection.places() if place.site == "stiff"] == ["refused"]
        assert [message.id for message in check_admin()] == ["crm_assist.W008"]


def test_check__setting_not_told__names_what_was_extended() -> None:
    with override_settings(CRM_ASSIST={}):
        messages = check_admin()
    assert [message.id for message in messages] == ["crm_assist.I001"]
    assert "desk.Client (office)" in messages[0].msg
    assert "favouredclient" not in messages[0].msg.lower()


def test_doctor__names_every_page_with_the_panel(db: None) -> None:
    told = [finding.text for finding in admin_pages(timezone.now())]
    assert "desk.FavouredClient (office, mixin)" in told[0]
    with override_settings(CRM_ASSIST={"ADMIN_PANEL": False}):
        told = [finding.text for finding in admin_pages(timezone.now())]
    assert "desk.Client (office" not in told[0]


def test_places__every_customer_page__says_what_happened() -> None:
    found = {(p.site, p.model): p.how for p in injection.places() if p.site in ("office", "back")}
    assert found == {
        ("office", "desk.Client"): "injected",
        ("office", "desk.FavouredClient"): "mixin",
        ("office", "shapes.Person"): "injected",
        ("office", "shapes.Policy"): "injected",
        ("back", "desk.Client"): "injected",
    }


def test_django_checks__of_wrapped_admins__find_nothing() -> None:
    for site in (office, back):
        for model_admin in site._registry.values():
            assert model_admin.check() == []
