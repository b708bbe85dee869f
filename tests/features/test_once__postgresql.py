"""The record's statement is made once and stays right: every thing that it depends on makes another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection, models
from django.db.models import F, Q, QuerySet, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from crm_assist import customers
from crm_assist import features as f
from crm_assist.customers.registration import registered
from crm_assist.features import once
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client, Contact, Order

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    once._plans.clear()
    yield
    once._plans.clear()


@pytest.fixture
def rose() -> Client:
    client = Client.objects.create(name="Rose", balance=8000, segment="private", since=NOW - timedelta(days=10))
    for days in (1, 80, 100):
        Contact.objects.create(client=client, at=NOW - timedelta(days=days), minutes=5)
    return client


def made() -> list[bool]:
    """For each statement asked for so far, whether it could be made once."""
    return [plan is not None for plan, _ in once._plans.values()]


def values(adapter: Any, client: Client, at: datetime = NOW, **options: Any) -> Mapping[str, Any]:
    return f.snapshot(adapter, client, at, **options).snapshot.values


def host(**attributes: Any) -> Any:
    return registered(Client, type("Local", (DeskClient,), attributes))


def number(source: Any) -> tuple[f.Feature, ...]:
    return (f.Number("it", source, label="It"),)


def test_snapshot__moment_moves__windows_and_ages_move_with_it(rose: Client) -> None:
    adapter = customers.adapter_for(Client)
    first, later = values(adapter, rose), values(adapter, rose, NOW + timedelta(days=20, hours=6))
    assert (first["calls_90d"], first["tenure"], first["days_quiet"]) == (2, 10.0, 1.0)
    assert (later["calls_90d"], later["tenure"], later["days_quiet"]) == (1, 30.25, 21.25)
    assert made() == [True]


def test_snapshot__any_customer_and_moment__is_what_the_long_way_gives(rose: Client) -> None:
    adapter = customers.adapter_for(Client)
    bare = Client.objects.create(name="%s 'x'")
    for client in (rose, bare):
        for at in (NOW, NOW + timedelta(days=1, minutes=3), NOW - timedelta(days=400)):
            annotated = f.annotate(Client.objects.filter(pk=client.pk), adapter, at).get()
            reading = f.snapshot(adapter, client, at)
            assert reading.snapshot.values == f.values_of(adapter, annotated)
            fields = [field.attname for field in Client._meta.concrete_fields]
            assert [getattr(reading.obj, name) for name in fields] == [getattr(client, name) for name in fields]
            assert reading.obj == client
            assert not reading.obj._state.adding
    assert made() == [True]


def test_snapshot__tenant_language_and_zone__each_have_a_statement_of_their_own(rose: Client) -> None:
    adapter = customers.adapter_for(Client)
    for tenant, language, zone in (
        ("", "en", "UTC"),
        ("x", "en", "UTC"),
        ("x", "fr", "UTC"),
        ("x", "fr", "Asia/Tokyo"),
    ):
        with translation.override(language), timezone.override(zone):
            values(adapter, rose, tenant=tenant)
            values(adapter, rose, tenant=tenant)
    assert made() == [True] * 4


def test_snapshot__settings_overridden__have_a_statement_of_their_own(rose: Client, settings: Any) -> None:
    values(customers.adapter_for(Client), rose)
    settings.TIME_ZONE = "America/New_York"
    values(customers.adapter_for(Client), rose)
    assert made() == [True, True]


def test_snapshot__another_registration_or_other_features__are_read_at_once(rose: Client) -> None:
    with host(features=number("balance")) as adapter:
        assert dict(values(adapter, rose)) == {"it": 8000}
        type(adapter).features = number(F("balance") * 2)
        assert dict(values(adapter, rose)) == {"it": 16000}
    with host(features=number(F("balance") * 3)) as adapter:
        assert dict(values(adapter, rose)) == {"it": 24000}
    assert made() == [True] * 3


@pytest.mark.parametrize(
    "source",
    [
        lambda at: f.count("contacts", f.before("at", at)) if at.month < 6 else Value(0),
        lambda at: Value(at.year),
        lambda at: Value(datetime.combine(at.date(), datetime.min.time()).day),
        lambda at: Value(timezone.now().microsecond),
    ],
    ids=["branches", "takes a number out", "takes the day apart behind our back", "depends on something else"],
)
def test_snapshot__feature_that_looks_at_the_moment__is_read_the_long_way(rose: Client, source: Any) -> None:
    with host(features=number(source)) as adapter:
        for at in (NOW, NOW + timedelta(days=200)):
            found = f.snapshot(adapter, rose, at).snapshot.values["it"]
            if "microsecond" not in source.__code__.co_names:
                alone = Client.objects.annotate(it=f.expressions(adapter, at)["it"]).get(pk=rose.pk).it
                assert found == alone
    assert made() == [False]


class Ruled(models.Manager[Any]):
    """A manager that shows what a context says."""

    shown: ClassVar[list[int]] = []

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(pk__in=self.shown)


def test_snapshot__related_manager_with_a_rule__is_asked_each_time(
    rose: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruled = Ruled()
    ruled.model = Contact
    monkeypatch.setattr(Contact._meta, "default_manager", ruled, raising=False)
    with host(features=number(f.count("contacts"))) as adapter:
        for shown in ([], [Contact._base_manager.earliest("pk").pk]):
            monkeypatch.setattr(Ruled, "shown", shown)
            assert values(adapter, rose)["it"] == len(shown)
    assert made() == [False]


def test_snapshot__related_manager_with_a_rule_in_a_function__is_asked_each_time(rose: Client) -> None:
    with host(features=number(lambda at: models.Subquery(Order.objects.filter(pk=0).values("pk")[:1]))) as adapter:
        assert values(adapter, rose)["it"] is None
    assert made() == [True]


@pytest.mark.parametrize(
    "rows",
    [
        Client.objects.annotate(more=Value(1)),
        Client.objects.select_related("owner"),
        Client.objects.defer("segment"),
        Client.objects.prefetch_related("contacts"),
        Client.objects.extra(select={"one": "1"}),
    ],
    ids=["annotated", "joined", "deferred", "prefetched", "extra"],
)
def test_snapshot__queryset_that_gives_more_than_records__is_left_as_it_is(rose: Client, rows: QuerySet[Any]) -> None:
    reading = f.snapshot(customers.adapter_for(Client), rose, NOW, queryset=rows)
    assert reading.snapshot.values["balance"] == 8000
    assert made() == []


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        (Client.objects.filter(owner=None), True),
        (Client.objects.exclude(segment="private"), False),
        (Client.objects.filter(contacts__minutes=5).distinct(), True),
        (Client.objects.filter(owner__username="nobody"), False),
        (Client.objects.filter(Q(pk__in=Contact.objects.filter(minutes=5).values("client"))), True),
        (Client.objects.filter(contacts__minutes__gt=5), False),
        (Client.objects.order_by("?"), True),
        (Client.objects.none(), False),
        (Client.objects.filter(pk__in=[]), False),
        (Client.objects.extra(where=["segment = %s"], params=["private"]), True),
    ],
)
def test_snapshot__whatever_the_host_lets_see__is_asked_live(rose: Client, rows: QuerySet[Any], seen: bool) -> None:
    adapter = customers.adapter_for(Client)
    values(adapter, rose)
    if seen:
        assert values(adapter, rose, queryset=rows)["balance"] == 8000
    else:
        with pytest.raises(customers.CustomerNotFound):
            values(adapter, rose, queryset=rows)
    assert made() == [True]


@pytest.mark.parametrize("key", ["no key", "", str(2**63), str(2**62), "1 OR 1=1", "007"])
def test_snapshot__key_of_nobody__is_not_found(rose: Client, key: str) -> None:
    adapter = customers.adapter_for(Client)
    values(adapter, rose)
    with pytest.raises(customers.CustomerNotFound):
        f.snapshot(adapter, key, NOW)


def test_snapshot__words_in_a_query__follow_the_language(rose: Client) -> None:
    word = f.Category("it", Value(_("Yes"), output_field=models.CharField()), label="It")
    with host(features=(word,)) as adapter:
        for language in ("en", "fr", "en"):
            with translation.override(language):
                found = values(adapter, rose)["it"]
                assert found == Client.objects.annotate(it=word.expression(Client, NOW)).get(pk=rose.pk).it


def test_plan__after_many_uses__is_compared_again_and_dropped_when_it_differs(
    rose: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = {"factor": 1}
    monkeypatch.setattr(once, "AUDITED", 3)
    with host(features=number(lambda at: F("balance") * world["factor"])) as adapter:
        assert [values(adapter, rose)["it"] for _ in range(2)] == [8000, 8000]
        world["factor"] = 2
        assert [values(adapter, rose)["it"] for _ in range(2)] == [16000, 16000]
    assert made() == [False]
    assert "crm_assist.statement_differs" in caplog.text


def test_snapshot__second_time__is_one_statement_with_the_same_text(rose: Client) -> None:
    adapter = customers.adapter_for(Client)
    values(adapter, rose)
    with CaptureQueriesContext(connection) as captured:
        values(adapter, rose)
        values(adapter, Client.objects.create(name="Ben"))
    assert len([sql for sql in captured.captured_queries if sql["sql"].startswith("SELECT")]) == 2


def test_obstacle__each_kind__is_named(rose: Client) -> None:
    assert f.obstacle(customers.adapter_for(Client), NOW) == ""
    for source, why in (
        (lambda at: Value(at.year), "a feature looks at the moment itself"),
        (lambda at: Value(timezone.now().microsecond), "a feature depends on more than the moment"),
        (lambda at: Value(0) if type(at) is datetime else 1 / 0, "a feature cannot be given a stand-in"),
    ):
        with host(features=number(source)) as adapter:
            assert f.obstacle(adapter, NOW).startswith(why)
    with host(queryset=lambda self: Client.objects.select_related("owner")) as adapter:
        assert f.obstacle(adapter, NOW) == "queryset() does more than filter"
