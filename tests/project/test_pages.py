"""The bank's pages: what they show, to whom, in which language, under which policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext

from crm_assist.customers.registration import registered
from crm_assist.scoring.models import LatestScore
from fixtures.rows import Bank
from project.crm.assist import BankCustomer
from project.crm.models import Case, Contact, Customer
from project.security import POLICY
from tests.outage import renamed_away
from tests.story import open_bank

ClientOf = Callable[..., Client]
PARIS, LYON = "PAR-REP", "LYO-PDI"


def of(branch: str) -> Customer:
    return Customer.objects.filter(branch__code=branch).order_by("pk")[0]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/customers/", "/customers/1/", "/prospects/", "/prospects/1/"])
def test_page__not_logged_in__asks_to_log_in(address: str) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/log-in/")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_home__agent__sees_the_day_of_the_branch(filled: Bank, client_of: ClientOf, language: str) -> None:
    client = client_of(PARIS)
    client.cookies["django_language"] = language
    page = client.get("/").content.decode()
    assert "Paris République" in page
    assert ("Bonjour Ada" if language == "fr" else "Good day, Ada") in page
    assert f'lang="{language}"' in page


def test_home__nowhere__sees_nobody(filled: Bank, client_of: ClientOf) -> None:
    assert client_of().get("/").context["customer_count"] == 0


def test_customers__agent__sees_the_own_branch_alone(filled: Bank, client_of: ClientOf) -> None:
    page = client_of(PARIS).get("/customers/").context["page"]
    assert page.paginator.count == Customer.objects.filter(branch__code=PARIS).count() > 0
    assert {customer.branch.code for customer in page} == {PARIS}


def test_customers__whole_bank__sees_all_and_narrows_by_branch(filled: Bank, client_of: ClientOf) -> None:
    client = client_of(None, "crm.view_whole_bank")
    assert client.get("/customers/").context["page"].paginator.count == 120
    narrowed = client.get("/customers/", {"branch": LYON}).context["page"]
    assert {customer.branch.code for customer in narrowed} == {LYON}


def test_customers__search__finds_by_any_part(filled: Bank, client_of: ClientOf) -> None:
    client, wanted = client_of(PARIS), of(PARIS)
    for text in (wanted.number, f"{wanted.last_name} {wanted.first_name}", wanted.first_name[:3].lower()):
        assert wanted in client.get("/customers/", {"q": text}).context["page"].paginator.object_list


@pytest.mark.parametrize(
    "query",
    [
        {"q": "%' OR 1=1 --"},
        {"q": "a\0b"},
        {"sort": "password"},
        {"page": "9999"},
        {"page": "x"},
        {"segment": "NO"},
        {"sort": "score"},
        {"sort": "live"},
    ],
)
def test_customers__odd_input__still_answers(filled: Bank, client_of: ClientOf, query: dict[str, str]) -> None:
    assert client_of(PARIS).get("/customers/", query).status_code == 200


def test_customers__sort__by_savings_downwards(filled: Bank, client_of: ClientOf) -> None:
    page = client_of(PARIS).get("/customers/", {"sort": "-savings"}).context["page"]
    amounts = [customer.savings for customer in page]
    assert amounts == sorted(amounts, reverse=True)


class Scored(BankCustomer):
    """The bank, with the one target of the tests."""

    main_target = "orders"


@pytest.fixture
def scored(filled: Bank) -> Iterator[None]:
    open_bank("crm.Customer", "score", feature="savings")
    with registered(Customer, Scored):
        yield


@pytest.mark.usefixtures("scored")
def test_customers__by_score__an_open_case_shows_no_score_and_no_place(client_of: ClientOf) -> None:
    cared_for = of(PARIS)
    cared_for.cases.all().delete()
    client = client_of(PARIS)
    before = list(client.get("/customers/", {"sort": "live"}).context["page"].paginator.object_list)
    Case.objects.create(customer=cared_for, kind="BEREAVEMENT", opened_at=timezone.now())
    found = client.get("/customers/", {"sort": "live"}).context["page"].paginator.object_list
    assert (found.get(pk=cared_for.pk).live_score, cared_for in before) == (None, True)
    text = client.get("/customers/", {"q": cared_for.number}).content.decode()
    assert (cared_for.last_name in text, "crm-assist-cell" in text) == (True, False)


@pytest.mark.usefixtures("scored")
@pytest.mark.parametrize(
    ("language", "told"), [("en", "only those with a score"), ("fr", "uniquement ceux qui ont un score")]
)
def test_customers__by_stored_score__says_that_only_those_with_one_are_there(
    client_of: ClientOf, language: str, told: str
) -> None:
    client = client_of(PARIS)
    client.cookies["django_language"] = language
    everybody, by_score = client.get("/customers/"), client.get("/customers/", {"sort": "score"})
    assert by_score.context["page"].paginator.count < everybody.context["page"].paginator.count
    assert told in by_score.content.decode()
    assert told not in everybody.content.decode()
    assert told not in client.get("/customers/", {"sort": "live"}).content.decode()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Presented in the last 60 days: nothing"), ("fr", "Présenté au cours des 60 derniers jours\u00a0: rien")],
)
def test_feature__that_looks_back__says_how_far_and_nothing_where_there_was_none(language: str, sentence: str) -> None:
    presented = next(feature for feature in BankCustomer.features if feature.name == "presented")
    with translation.override(language):
        pattern = gettext("%(label)s: %(value)s")
        assert pattern % {"label": presented.label, "value": presented.display(None)} == sentence


@pytest.mark.usefixtures("scored")
def test_customers__by_score_while_help_is_away__stand_by_name_with_a_note(client_of: ClientOf) -> None:
    client = client_of(PARIS)
    with renamed_away(LatestScore):
        response = client.get("/customers/", {"sort": "score"})
    names = [customer.last_name for customer in response.context["page"]]
    assert (response.status_code, response.context["sort"]) == (200, "name")
    assert names == sorted(names)
    assert "away for the moment" in response.content.decode()


def test_customer__other_branch_or_unknown__is_not_found_alike(filled: Bank, client_of: ClientOf) -> None:
    client = client_of(PARIS)
    assert client.get(f"/customers/{of(LYON).pk}/").status_code == 404
    assert client.get("/customers/999999999/").status_code == 404


@pytest.mark.parametrize(("language", "amount"), [("en", "€{:,.2f}"), ("fr", "{:,.2f}\u00a0€")])
def test_customer__page__writes_amounts_as_the_language_does(
    filled: Bank, client_of: ClientOf, language: str, amount: str
) -> None:
    customer, client = of(PARIS), client_of(PARIS)
    client.cookies["django_language"] = language
    written = amount.format(customer.balance)
    if language == "fr":
        written = written.replace(",", "\u202f").replace(".", ",")
    page = client.get(customer.get_absolute_url()).content.decode().replace("\xa0", "\u202f")
    assert written.replace("\xa0", "\u202f") in page


def test_customer__name_with_markup__is_escaped(filled: Bank, client_of: ClientOf) -> None:
    customer = of(PARIS)
    Customer.objects.filter(pk=customer.pk).update(last_name="<script>alert(1)</script>")
    assert b"<script>alert" not in client_of(PARIS).get(customer.get_absolute_url()).content


def test_note_contact__complaint__opens_one_case(filled: Bank, client_of: ClientOf) -> None:
    client = client_of(PARIS)
    customer = Customer.objects.filter(branch__code=PARIS).exclude(cases__closed_at=None, cases__isnull=False)[0]
    data = {"channel": "PHONE", "direction": "IN", "topic": "COMPLAINT", "product_code": "", "note": "Angry"}
    for _twice in range(2):
        assert client.post(f"/customers/{customer.pk}/contacts/", data).status_code == 302
    assert Contact.objects.filter(customer=customer, note="Angry", agent__user__username="somebody").count() == 2
    case = Case.objects.open().get(customer=customer, kind="COMPLAINT")
    assert client.post(f"/customers/{customer.pk}/cases/{case.pk}/close/").status_code == 302
    assert not Case.objects.open().filter(pk=case.pk).exists()


def test_note_contact__question_without_product__says_what_is_missing(filled: Bank, client_of: ClientOf) -> None:
    before = Contact.objects.count()
    data = {"channel": "PHONE", "direction": "IN", "topic": "QUESTION", "note": ""}
    response = client_of(PARIS).post(f"/customers/{of(PARIS).pk}/contacts/", data)
    assert response.status_code == 422
    assert b"Choose the product" in response.content
    assert Contact.objects.count() == before


def test_note_contact__customer_of_another_branch__is_not_found(filled: Bank, client_of: ClientOf) -> None:
    assert client_of(PARIS).post(f"/customers/{of(LYON).pk}/contacts/", {}).status_code == 404


def test_theme__chosen__is_remembered_and_leads_back(filled: Bank, client_of: ClientOf) -> None:
    client = client_of(PARIS)
    response = client.post("/theme/", {"theme": "dark", "next": "/customers/"})
    assert response["Location"] == "/customers/"
    assert 'data-theme="dark"' in client.get("/").content.decode()


def test_theme__foreign_address_or_unknown_colours__are_refused(filled: Bank, client_of: ClientOf) -> None:
    client = client_of(PARIS)
    assert client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})["Location"] == "/"
    assert client.post("/theme/", {"theme": "pink"}).status_code == 400
    client.cookies["theme"] = "pink"
    assert 'data-theme="auto"' in client.get("/").content.decode()


@pytest.mark.django_db
def test_every_answer__carries_the_policy__and_the_page_needs_no_inline_code() -> None:
    response = Client().get("/log-in/")
    assert response["Content-Security-Policy"] == POLICY
    page = response.content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page


def test_prospects__without_the_permission__are_closed(filled: Bank, client_of: ClientOf) -> None:
    assert client_of(PARIS).get("/prospects/").status_code == 302


def test_prospects__nothing_loaded__says_so(filled: Bank, client_of: ClientOf) -> None:
    assert b"No campaign is loaded" in client_of(PARIS, "campaigns.view_campaign").get("/prospects/").content
