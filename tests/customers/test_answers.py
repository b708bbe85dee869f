"""The facts a host gives, and what becomes of questions that fail."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import timezone
from django.utils.functional import lazystr

from crm_assist import customers
from crm_assist.customers.registration import registered
from crm_assist.types import Consent, ConsentState, CustomerFacts, Situation, Zone
from tests.hosts.desk.models import Client, Order

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)
Ask = Callable[[customers.CustomerAdapter, Client], CustomerFacts]


def one_by_one(adapter: customers.CustomerAdapter, client: Client) -> CustomerFacts:
    return customers.facts(adapter, client)


def as_a_set(adapter: customers.CustomerAdapter, client: Client) -> CustomerFacts:
    [facts] = customers.facts_of(adapter, [client]).values()
    return facts


def test_facts__full_record__are_what_the_host_says() -> None:
    client = Client.objects.create(name="Rose", bereaved=True, closed=True, branch="south")
    Order.objects.create(client=client, product="card", at=NOW)
    Order.objects.create(client=client, product="loan", at=NOW, closed_at=NOW)
    facts = customers.facts(customers.adapter_for(Client), client)
    assert facts.consent == Consent(state=ConsentState.GRANTED, source="desk")
    assert facts.holdings == {"card"}
    assert [situation.code for situation in facts.situations or ()] == ["bereavement"]
    assert (facts.team, facts.is_live) == ("south", False)


def test_facts__host_that_says_nothing__leaves_consent_unknown() -> None:
    adapter = customers.CustomerAdapter(Client)
    facts = customers.facts(adapter, Client(pk=1))
    assert facts == CustomerFacts(consent=Consent(), holdings=frozenset(), situations=(), team="", is_live=True)


class Broken(customers.CustomerAdapter):
    """Every answer fails or is nonsense."""

    def consent(self, obj: Any) -> Consent:
        return True  # type: ignore[return-value]

    def holdings(self, obj: Any) -> frozenset[str]:
        return "card"  # type: ignore[return-value]

    def situations(self, obj: Any) -> tuple[Situation, ...]:
        return ("bereavement",)  # type: ignore[return-value]

    def team(self, obj: Any) -> str:
        raise LookupError("no branch")

    def is_live(self, obj: Any) -> bool:
        raise LookupError("no state")


def test_facts__questions_that_fail__are_unknown_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with registered(Client, Broken) as adapter, caplog.at_level(logging.ERROR, "crm_assist.customers"):
        facts = customers.facts(adapter, Client(pk=1))
    assert facts == CustomerFacts(consent=None, holdings=None, situations=None, team="", is_live=False)
    assert len([one for one in caplog.records if one.name == "crm_assist.customers"]) == 5


def test_facts_of__many__equals_one_by_one() -> None:
    clients = [Client.objects.create(name=name, branch=name) for name in "abc"]
    adapter = customers.adapter_for(Client)
    assert customers.facts_of(adapter, clients) == {
        adapter.key(client): customers.facts(adapter, client) for client in clients
    }


def test_facts_of__one_bad_record__closes_that_one_alone() -> None:
    class Picky(customers.CustomerAdapter):
        def consent(self, obj: Any) -> Consent:
            return Consent(state=ConsentState(obj.consent))

    clients = [Client.objects.create(name=name, consent=name) for name in ("granted", "garbage")]
    with registered(Client, Picky) as adapter:
        facts = customers.facts_of(adapter, clients)
    assert [fact.consent and fact.consent.state for fact in facts.values()] == [ConsentState.GRANTED, None]


def test_facts_of__set_answer_that_leaves_one_out__counts_as_unknown() -> None:
    class Forgetful(customers.CustomerAdapter):
        def holdings_of(self, objs: Iterable[Any]) -> Mapping[str, frozenset[str]]:
            return {}

    clients = [Client.objects.create(name="a")]
    with registered(Client, Forgetful) as adapter:
        (facts,) = customers.facts_of(adapter, clients).values()
    assert facts.holdings is None


def test_label_and_url__by_default__come_from_the_record() -> None:
    client = Client.objects.create(name="Rose")
    adapter = customers.CustomerAdapter(Client)
    assert (adapter.label(client), adapter.url(client)) == ("Rose", f"/clients/{client.pk}/")
    assert adapter.labels([client]) == {str(client.pk): "Rose"}
    assert adapter.urls([client]) == {str(client.pk): f"/clients/{client.pk}/"}


class Dated(customers.CustomerAdapter):
    """Moments as a host's columns may hold them."""

    at: Any = None

    def consent(self, obj: Any) -> Consent:
        return Consent(state=ConsentState.GRANTED, at=self.at)

    def situations(self, obj: Any) -> tuple[Situation, ...]:
        return (Situation(code="case", label="Case", since=self.at),)


@contextmanager
def dated(at: Any) -> Iterator[customers.CustomerAdapter]:
    adapter = type("DatedThen", (Dated,), {"at": at})
    with timezone.override("Europe/Paris"), registered(Client, adapter) as found:
        yield found


@pytest.mark.parametrize("ask", [one_by_one, as_a_set], ids=["one by one", "as a set"])
@pytest.mark.parametrize(
    ("at", "consent_at", "since"),
    [
        (None, None, None),
        (date(2026, 7, 1), datetime(2026, 6, 30, 22, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 1, 1), datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2025, 12, 31, 23, tzinfo=UTC)),
        (NOW, NOW, NOW),
    ],
)
def test_facts__day_or_naive_moment__is_read_in_the_time_zone_in_force(
    ask: Ask, at: Any, consent_at: datetime | None, since: date | None
) -> None:
    with dated(at) as adapter:
        facts = ask(adapter, Client(pk=1))
    assert facts.consent == Consent(state=ConsentState.GRANTED, at=consent_at)
    [situation] = facts.situations or ()
    assert (situation.since, type(situation.since)) == (since, type(since))


@pytest.mark.parametrize("ask", [one_by_one, as_a_set], ids=["one by one", "as a set"])
@pytest.mark.parametrize("at", ["2026-07-01", 1_767_225_600, date.min, datetime.max, datetime.min.replace(tzinfo=UTC)])
def test_facts__moment_that_is_none__is_unknown_and_told(ask: Ask, at: Any, caplog: pytest.LogCaptureFixture) -> None:
    with dated(at) as adapter, caplog.at_level(logging.ERROR, "crm_assist"):
        facts = ask(adapter, Client(pk=1))
    assert (facts.consent, facts.situations) == (None, None)
    told = {record.getMessage() for record in caplog.records if record.name == "crm_assist.events"}
    assert {word for line in told for word in line.split() if word.startswith("hook=")} >= {
        "hook=consent",
        "hook=situations",
    }


def test_facts__situation_whose_label_cannot_be_read__is_unknown() -> None:
    class Nameless(customers.CustomerAdapter):
        def situations(self, obj: Any) -> tuple[Situation, ...]:
            return (Situation(code="case", label=lazystr(Unreadable())),)

    with registered(Client, Nameless) as adapter:
        assert customers.facts(adapter, Client(pk=1)).situations is None


class Unreadable:
    """A text that is looked up when it is read, and not found."""

    def __str__(self) -> str:
        raise LookupError("no such text")


class Texts(customers.CustomerAdapter):
    """States and zones as plain texts, as they stand in the host's own columns."""

    def consent(self, obj: Any) -> Consent:
        return Consent(state=obj.consent)

    def situations(self, obj: Any) -> tuple[Situation, ...]:
        return (Situation(code="case", label="Case", zone=obj.segment),)


def test_facts__states_and_zones_as_texts__are_read() -> None:
    with registered(Client, Texts) as adapter:
        facts = customers.facts(adapter, Client(consent="granted", segment="traditional"))
    assert facts.consent is not None
    assert facts.consent.state is ConsentState.GRANTED
    assert [situation.zone for situation in facts.situations or ()] == [Zone.TRADITIONAL]


def test_facts__states_and_zones_that_nobody_knows__are_unknown() -> None:
    with registered(Client, Texts) as adapter:
        facts = customers.facts(adapter, Client(consent="perhaps", segment="quiet"))
    assert (facts.consent, facts.situations) == (None, None)
