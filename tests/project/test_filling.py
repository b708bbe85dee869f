"""The simulated bank in the tables, and in crm_assist."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm_assist import customers
from crm_assist.types import ConsentState, Principal, Zone
from fixtures.products import product_codes
from fixtures.rows import Bank
from project.crm.models import Case, Contact, Customer, Holding, Order
from project.demo import assist_steps
from project.demo.filling import BankNotEmpty, chunks, fill, row_count
from tests.project.conftest import NOW


def test_fill__every_row__is_there(filled: Bank) -> None:
    written: list[int] = []
    assert Customer.objects.count() == len(filled.customers)
    assert Contact.objects.count() == len(filled.contacts)
    assert Holding.objects.count() == len(filled.holdings)
    assert Order.objects.count() == len(filled.orders)
    with pytest.raises(BankNotEmpty):
        fill(filled, on_progress=written.append)
    assert written == []


def test_row_count__is_what_fill_tells_at_the_end(db: None, small_bank: Bank) -> None:
    written: list[int] = []
    fill(small_bank, on_progress=written.append)
    assert written[-1] == row_count(small_bank)


@pytest.mark.django_db
def test_load_demo__twice__doubles_nothing(settings: Any) -> None:
    settings.DEBUG = True
    for _time in range(2):
        call_command("load_demo", customers=30, today="2026-03-12", no_cards=True, stdout=StringIO())
    assert Customer.objects.count() == 30
    assert not Contact.objects.filter(at__gte=NOW.replace(hour=18)).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "message"),
    [({"today": "yesterday"}, "YYYY-MM-DD"), ({"today": "2026-02-31"}, "YYYY-MM-DD"), ({"customers": 0}, "1 or more")],
)
def test_load_demo__odd_options__are_clear(settings: Any, options: dict[str, Any], message: str) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match=message):
        call_command("load_demo", stdout=StringIO(), **options)


def test_assist_steps__twice__change_nothing_the_second_time(filled: Bank) -> None:
    assert assist_steps.save_catalogue(NOW) == len(product_codes())
    assist_steps.declare_targets(NOW)
    assert assist_steps.tell_outcomes(NOW) == len(filled.orders)
    assist_steps.set_phases(NOW)
    assert assist_steps.save_catalogue(NOW) == 0
    assert assist_steps.tell_outcomes(NOW) == 0
    assert len(assist_steps.missing_cards()) == 1 + len(product_codes())


def test_adapter__consent_and_objection__are_told_with_their_source(filled: Bank) -> None:
    adapter = customers.adapter_for("crm.Customer")
    assert adapter.consent(Customer(advice_consent=None)).state is ConsentState.UNKNOWN
    assert adapter.consent(Customer(advice_consent=False)).state is ConsentState.REFUSED
    granted = adapter.consent(Customer(advice_consent=True, consent_source="PHONE_CALL", consent_at=NOW))
    assert (granted.state, granted.source, granted.at) == (ConsentState.GRANTED, "PHONE_CALL", NOW)
    objected = adapter.consent(Customer(advice_consent=True, objected_at=NOW))
    assert (objected.state, objected.source) == (ConsentState.REFUSED, "objection")


def test_adapter__open_case__makes_the_conversation_the_agents_own(filled: Bank) -> None:
    adapter, customer = customers.adapter_for("crm.Customer"), Customer.objects.filter(cases=None)[0]
    assert adapter.situations(customer) == ()
    Case.objects.create(customer=customer, kind="BEREAVEMENT", opened_at=NOW)
    (situation,) = adapter.situations(customer)
    assert (situation.code, situation.zone) == ("bereavement", Zone.TRADITIONAL)
    assert adapter.situations_of([customer]) == {str(customer.pk): (situation,)}


def test_adapter__nobody__sees_nobody(filled: Bank) -> None:
    for label in ("crm.Customer", "campaigns.Prospect"):
        adapter = customers.adapter_for(label)
        assert not adapter.visible(Principal(key="1"), adapter.queryset()).exists()


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (3, [3]), (7, [3, 3, 1])])
def test_chunks__any_count__in_lists_of_at_most_the_size(count: int, sizes: list[int]) -> None:
    assert [len(chunk) for chunk in chunks(range(count), 3)] == sizes
