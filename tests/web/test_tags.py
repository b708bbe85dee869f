"""The template tags on the host's pages: light, harmless, and silent below `score`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from crm_assist import customers
from tests.desk_bank import signed_in
from tests.hosts.desk.models import Client, FavouredClient

Bank = Callable[[str], None]
PANEL = "{% load crm_assist %}{% crm_assist_panel customer %}"


def rendered(source: str, **context: Any) -> str:
    request = RequestFactory().get("/")
    return Template(source).render(Context({"request": request, **context}))


def test_panel_tag__asks_the_database_nothing(bank: Bank, rose: Client) -> None:
    bank("recommend")
    with CaptureQueriesContext(connection) as captured:
        text = rendered(PANEL, customer=rose)
    assert len(captured) == 0
    assert f'src="/assist/panel/?model=desk.Client&amp;key={rose.pk}&amp;lang=en"' in text
    assert f'href="/assist/record/?model=desk.Client&amp;key={rose.pk}&amp;lang=en"' in text


def test_panel_tag__twice_on_a_page__brings_script_and_style_once(rose: Client) -> None:
    text = rendered(PANEL + "{% crm_assist_panel customer %}", customer=rose)
    assert text.count("<script") == text.count("<link") == 1
    assert text.count("<crm-assist-panel") == 2


def test_panel_tag__nonce_of_the_host__is_carried(rose: Client) -> None:
    assert rendered(PANEL, customer=rose, csp_nonce="abc").count('nonce="abc"') == 2


def test_panel_tag__script_texts__are_in_the_language_of_the_page(rose: Client) -> None:
    with translation.override("fr"):
        found = re.search(r'data-texts="([^"]*)"', rendered(PANEL, customer=rose))
    assert found
    texts = json.loads(unescape(found[1]))
    assert texts["undo"] == "Annuler"


def test_panel_tag__proxy_of_the_model__is_the_same_customer(rose: Client) -> None:
    text = rendered(PANEL, customer=FavouredClient.objects.get(pk=rose.pk))
    assert "model=desk.Client&amp;" in text


@pytest.mark.parametrize("customer", [None, "text", object(), User(username="x")])
def test_panel_tag__no_customer_of_ours__is_calm(customer: Any) -> None:
    text = rendered(PANEL, customer=customer)
    assert "Help is away for the moment." in text
    assert "<script" not in text


def test_list__live_scores_of_the_visible_page(bank: Bank, agent: User, rose: Client) -> None:
    bank("score")
    Client.objects.create(name="Foreign", balance=9900)
    text = signed_in(agent).get("/clients/").content.decode()
    assert text.count("crm-assist-cell") == 1
    assert "%" in text.partition("Foreign")[0]


@pytest.mark.parametrize("phase", ["off", "shadow"])
def test_list__below_score__shows_no_score(bank: Bank, agent: User, rose: Client, phase: str) -> None:
    bank(phase)
    text = signed_in(agent).get("/clients/").content.decode()
    assert "Rose" in text
    assert "%" not in text
    assert "crm-assist" not in text


def test_list__our_fault__leaves_the_hosts_page_and_transaction_whole(
    bank: Bank, agent: User, rose: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank("score")
    adapter = customers.adapter_for(Client)

    def broken(principal: Any, queryset: Any) -> Any:
        return queryset.extra(where=["no_such_column = 1"])

    monkeypatch.setattr(adapter, "visible", broken)
    text = signed_in(agent).get("/clients/").content.decode()
    assert "Rose" in text
    assert "crm-assist-cell" not in text
    assert Client.objects.count() == 1


def test_list__empty_page_and_foreign_objects__show_nothing(agent: User) -> None:
    each = "{% for one in page %}{% crm_assist_score_cell scores one %}{% endfor %}"
    source = "{% load crm_assist %}{% crm_assist_scores page as scores %}" + each
    assert rendered(source, page=[]) == ""
    assert rendered(source, page=[agent]) == ""
