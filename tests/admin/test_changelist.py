"""The score in the lists of hosts that were never edited: the visible page alone, and nothing below the phase."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from crm_assist import customers, flow
from crm_assist.scoring import live
from crm_assist.scoring.models import LatestScore
from crm_assist.types import Principal
from tests.admin.conftest import clerk, clients
from tests.admin.urls import back, office
from tests.desk_bank import LABEL, signed_in
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.hosts.shapes.models import Policy
from tests.story import NOW, open_phase, publish

Bank = Callable[[str], None]
CELL = "crm-assist-cell"
LIST = "/office/desk/client/"


def names(text: str) -> list[str]:
    """The clients on the page, from the top."""
    return re.findall(r'<th class="field-(?:name|__str__)"><a [^>]*>([^<]*)</a>', text)


def shown(user: User, address: str = LIST, **asked: Any) -> str:
    """A list as the user sees it."""
    answer = signed_in(user).get(address, asked)
    assert answer.status_code == 200, answer.headers
    return answer.content.decode()


def place_of_score(site: Any = office) -> int:
    """The number of the column in the address."""
    return len(site._registry[Client].list_display) + 1 if site is office else 3


@pytest.mark.parametrize("address", [LIST, "/back/desk/client/", "/office/desk/favouredclient/"])
def test_column__phase_score__shows_each_client_of_the_page(bank: Bank, boss: User, address: str) -> None:
    bank("score")
    clients(boss, 3)
    text = shown(boss, address)
    assert text.count(CELL) == 3
    assert ">Score<" in text


def stored_bands() -> dict[str, str]:
    """The band of each client's stored score, by name."""
    sight = flow.list_sight(Principal(key="boss", is_superuser=True), LABEL)
    assert sight is not None
    base = sight.serving.base
    by_key = dict(LatestScore.objects.values_list("key", "probability"))
    shown = Client.objects.filter(pk__in=by_key).values_list("pk", "name")
    return {name: live.band(by_key[pk], base) for pk, name in shown}


@pytest.mark.parametrize("phase", ["off", "shadow"])
def test_column__below_score__no_column_filter_or_order(bank: Bank, boss: User, phase: str) -> None:
    bank(phase)
    clients(boss, 3)
    plain = shown(boss)
    assert CELL not in plain
    assert "crm_assist_band" not in plain
    ordered = shown(boss, o=f"-{place_of_score()}")
    banded = shown(boss, crm_assist_band="low")
    assert names(ordered) == names(banded) == names(plain) == ["C0", "C1", "C2"]


def test_column__page__is_scored_in_two_statements_however_long_it_is(bank: Bank, boss: User) -> None:
    bank("score")
    clients(boss, 3)
    browser = signed_in(boss)
    browser.get(LIST)  # the published cards are remembered from now on
    counts = []
    stored = stored_bands()["C0"]
    for address in (LIST, f"{LIST}?o=-{place_of_score()}", f"{LIST}?crm_assist_band={stored}", f"{LIST}?all="):
        with CaptureQueriesContext(connection) as ours:
            browser.get(address)
        counts.append(len([one for one in ours if "SAVEPOINT" not in one["sql"]]))
    with override_settings(CRM_ASSIST={"ADMIN_PANEL": False}), CaptureQueriesContext(connection) as hosts:
        browser.get(LIST)
    assert counts == [len(hosts) + 2] * 4


def test_order__by_score__is_over_all_pages_and_leaves_out_the_unscored(bank: Bank, boss: User) -> None:
    bank("score")
    clients(boss, 5)
    Client.objects.bulk_create([Client(name="unscored", owner=boss)])
    text = shown(boss, o=f"-{place_of_score()}")
    assert names(text) == ["C4", "C3", "C2"]
    assert "those with a score" in text
    assert names(shown(boss, o=f"-{place_of_score()}", p="2")) == ["C1", "C0"]
    assert names(shown(boss, o=f"{place_of_score()}")) == ["C0", "C1", "C2"]


def test_order__with_search_and_filter_of_the_host__keeps_both(bank: Bank, boss: User) -> None:
    bank("score")
    clients(boss, 5)
    Client.objects.filter(name__in=["C3", "C0"]).update(branch="south")
    score = f"-{place_of_score()}"
    assert names(shown(boss, o=score, branch="south")) == ["C3", "C0"]
    assert names(shown(boss, o=score, q="C2")) == ["C2"]


def test_order__with_another_column__both_count(bank: Bank, boss: User) -> None:
    bank("score")
    clients(boss, 3)
    Client.objects.update(branch="south")
    assert names(shown(boss, o=f"2.-{place_of_score()}")) == ["C2", "C1", "C0"]


def test_order__list_of_its_own_with_facets_and_sortable_by__keeps_them(bank: Bank, boss: User) -> None:
    bank("score")
    clients(boss, 3)
    answer = signed_in(boss).get("/back/desk/client/", {"o": "-3"})
    assert answer.context["cl"].is_the_hosts_own
    assert names(answer.content.decode()) == ["C2", "C1", "C0"]
    text = answer.content.decode()
    assert "rank " in text
    assert "north (3)" in text
    assert "Lower than usual (" in text


def test_order__agent_with_less_to_see__is_not_told_of_the_others(bank: Bank, boss: User) -> None:
    bank("score")
    clients(boss, 3)
    carl = clerk()
    Client.objects.filter(name="C1").update(owner=carl)
    assert names(shown(carl)) == ["C0", "C1", "C2"]
    assert shown(carl).count(CELL) == 1
    assert names(shown(carl, o=f"-{place_of_score()}")) == ["C1"]
    for one in ("low", "usual", "raised", "high"):
        assert set(names(shown(carl, crm_assist_band=one))) <= {"C1"}


def test_filter__by_band__is_that_of_the_stored_score(bank: Bank, boss: User) -> None:
    bank("score")
    clients(boss, 5)
    found = set()
    for one in ("low", "usual", "raised", "high"):
        expected = {name for name, its in stored_bands().items() if its == one}
        assert set(names(shown(boss, crm_assist_band=one, all=""))) == expected
        found |= expected
    assert found == {f"C{place}" for place in range(5)}
    assert len(names(shown(boss, crm_assist_band="nonsense", all=""))) == 5


def test_actions__on_a_list_ordered_by_score__reach_what_was_shown(bank: Bank, boss: User) -> None:
    bank("score")
    rows = clients(boss, 4)
    Client.objects.bulk_create([Client(name="unscored", owner=boss)])
    browser = signed_in(boss)
    address = f"{LIST}?o=-{place_of_score()}"
    chosen = {"action": "delete_selected", "_selected_action": [rows[0].pk], "select_across": "1", "post": "yes"}
    LatestScore.objects.filter(key=rows[1].pk).delete()
    answer = browser.post(address, chosen)
    assert answer.status_code == 302
    assert set(Client.objects.values_list("name", flat=True)) == {"C1", "unscored"}


def test_editable_list__ordered_by_score__saves_and_refuses_the_right_rows(bank: Bank, boss: User) -> None:
    bank("score")
    rows = clients(boss, 3)
    browser = signed_in(boss)
    address = f"{LIST}?o=-{place_of_score()}"
    management = {"form-TOTAL_FORMS": "3", "form-INITIAL_FORMS": "3", "_save": "Save"}
    given = {f"form-{place}-id": rows[2 - place].pk for place in range(3)}
    good = {f"form-{place}-segment": f"s{2 - place}" for place in range(3)}
    too_long = browser.post(address, {**management, **given, **good, "form-0-segment": "x" * 30})
    assert too_long.status_code == 200
    assert names(too_long.content.decode()) == ["C2", "C1", "C0"]
    assert browser.post(address, {**management, **given, **good}).status_code == 302
    assert list(Client.objects.order_by("pk").values_list("segment", flat=True)) == ["s0", "s1", "s2"]


def test_column__text_key_and_child_table__order_too(db: None, boss: User) -> None:
    publish("shapes.Policy", feature="premium")
    open_phase("score")
    Policy.objects.bulk_create([Policy(number=f"P{place}", premium=500 + place * 4000) for place in range(3)])
    list(flow.rescore(customers.adapter_for("shapes.Policy"), now=NOW))
    text = shown(boss, "/office/shapes/policy/", o="-2")
    assert re.findall(r"/office/shapes/policy/(P\d)/change", text) == ["P2", "P1", "P0"]
    assert text.count(CELL) == 3


class Broken(DeskClient):
    """A host whose rule of visibility fails."""

    def visible(self, principal: Principal, queryset: Any) -> Any:
        raise RuntimeError("the host's rule is broken")


class Nameless(DeskClient):
    """A host that cannot say who asks."""

    def principal(self, request: Any) -> Principal:
        raise RuntimeError("nobody is known")


@pytest.mark.parametrize("adapter", [Broken, Nameless])
def test_column__host_that_fails__the_list_stands_without_it(bank: Bank, boss: User, adapter: Any) -> None:
    bank("score")
    clients(boss, 3)
    carl = clerk()
    with customers.registered(Client, adapter):
        for asked in ({}, {"o": f"-{place_of_score()}"}, {"crm_assist_band": "high"}):
            text = shown(carl, **asked)
            assert names(text) == ["C0", "C1", "C2"]
            assert CELL not in text


def test_column__our_tables_broken__the_list_stands_without_it(bank: Bank, boss: User) -> None:
    bank("score")
    clients(boss, 3)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {LatestScore._meta.db_table} RENAME COLUMN probability TO lost")
    assert names(shown(boss, o=f"-{place_of_score()}")) == ["C0", "C1", "C2"]


def test_sites__are_apart(boss: User) -> None:
    assert type(office._registry[Client]) is not type(back._registry[Client])
    assert LABEL in customers.adapters()
