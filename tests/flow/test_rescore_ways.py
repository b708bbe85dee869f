"""The ways of a batch: whichever is gone, scores are those of the row execution, and a chunk is safe or not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from pytest_django import DjangoAssertNumQueries

from crm_assist import customers, flow
from crm_assist import features as f
from crm_assist.customers.models import Subject
from crm_assist.customers.registration import registered
from crm_assist.flow import rescore_rows, rescore_ways
from crm_assist.flow.rescore_batch import WayRefused, batch_of, way_for
from crm_assist.scorecards import Feature, Scorecard
from crm_assist.scoring.models import LatestScore
from crm_assist.signals import customer_scored
from crm_assist.types import Step
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client, Contact, Order, OrderLine
from tests.hosts.guild.models import Guild, Member
from tests.scores import score_rows, stored
from tests.story import BOSS, NOW, fitted, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
WAYS = ["in_place", "numpy", *(["swap"] if connection.vendor == "postgresql" else [])]
NAMES = [
    "balance", "segment", "is_vip", "is_private", "age", "tenure", "notice", "calls_90d", "minutes_90d", "orders_365d",
    "days_quiet",
]  # fmt: skip


class Full(DeskClient):
    """Every kind of feature, and every sum-up of related rows."""

    features = [
        *DeskClient.features,
        f.Number("mean_minutes", f.average("contacts", "minutes"), label="Mean"),
        f.Number("longest", f.largest("contacts", "minutes"), label="Longest"),
        f.Number("cost", f.total("contacts", "cost"), label="Cost"),
        f.Flag("has_orders", f.any_of("orders"), label="Orders"),
        f.Category("last_channel", f.latest("contacts", "channel"), label="Channel"),
        f.Number("lines", f.count("orders__lines"), label="Lines"),
        f.Number("own_visits", lambda at: f.count("contacts", f.between("at", f_since(), at)), label="Visits"),
    ]


def f_since() -> Any:
    from django.db.models import F  # a bound that looks at the customer: this sum-up has a table of its own

    return F("client__since")


def a_card() -> Scorecard:
    """Points of every feature's every bin, all different."""
    declared = f.declared(customers.adapter_for(LABEL))
    parts, place = [], 0
    for name, feature in declared.items():
        edges, levels = ((), ("phone", "private")) if feature.kind == "category" else ((0.5, 2.0, 30.0), ())
        count = len(edges or levels) + 2
        points = tuple(0.01 * (place + n) * (-1) ** (place + n) for n in range(count))
        parts.append(Feature(name=name, kind=feature.kind, edges=edges, levels=levels, points=points))
        place += count
    return Scorecard(parts=tuple(parts), intercept=-0.3)


def clients() -> list[Client]:
    """Customers with and without each thing that a feature looks at."""
    made = [
        Client.objects.create(name="all", balance=Decimal("1.5"), segment="private", is_vip=True,
            birth_date=date(1990, 1, 1), since=NOW - timedelta(days=3), notice=timedelta(days=2)),
        Client.objects.create(name="none"),
        Client.objects.create(name="future", birth_date=date(2030, 1, 1), since=NOW + timedelta(days=9), is_vip=False),
        *(Client.objects.create(name=str(n), balance=n, segment="phone") for n in range(4)),
    ]  # fmt: skip
    for client in (made[0], made[2], made[4]):
        for days, channel in [(1, "phone"), (2, "mail"), (95, "phone"), (-3, "phone")]:
            Contact.objects.create(
                client=client, at=NOW - timedelta(days=days), channel=channel, minutes=days + 0.5, cost=Decimal("1.25")
            )
        order = Order.objects.create(client=client, product="card", at=NOW - timedelta(days=30))
        OrderLine.objects.bulk_create([OrderLine(order=order, amount=1), OrderLine(order=order, amount=2)])
    return made


@pytest.fixture
def full() -> Iterator[Any]:
    with registered(Client, Full) as adapter:
        open_bank(LABEL, "score")
        publish(a_card())
        yield adapter


def publish(card: Scorecard) -> None:
    from crm_assist.learning.models import Target  # beside the flow, which publishes by target

    flow.publish_card(BOSS, Target.objects.get(name="orders"), card, reason="test", now=NOW)


def expected(adapter: Any, card: Scorecard) -> dict[str, float]:
    """By the row execution on each customer's own snapshot."""
    found = {}
    for client in adapter.queryset():
        values = f.snapshot(adapter, client, NOW).snapshot.values
        found[adapter.key(client)] = card.one(values)
    return found


def run(adapter: Any, **options: Any) -> list[Step]:
    return list(flow.rescore(adapter, now=NOW, **options))


@pytest.mark.parametrize("way", WAYS)
def test_rescore__every_feature_and_way__equals_the_row_execution(full: Any, way: str) -> None:
    clients()
    run(full, way=way)
    assert stored() == pytest.approx(expected(full, a_card()), abs=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_rescore__in_small_chunks__equals_the_whole(full: Any, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clients()
    for place in ("crm_assist.flow.rescore_ways.SQL_CHUNK", "crm_assist.flow.rescore_swap.SWAP_CHUNK",
                  "crm_assist.flow.rescore_ways.PAGE"):  # fmt: skip
        monkeypatch.setattr(place, 2)
    steps = run(full, way=way)
    assert [step.done for step in steps if not step.note] == [2, 4, 6, 7]
    assert {step.total for step in steps} == {7}
    assert stored() == pytest.approx(expected(full, a_card()), abs=1e-9)


@pytest.mark.parametrize("way", ["in_place", "numpy"])
def test_rescore__some_keys__scores_those_and_makes_their_subjects(full: Any, way: str) -> None:
    made = clients()
    keys = [str(client.pk) for client in made[:3]]
    assert run(full, way=way, keys=keys)[-1].done == 3
    assert stored() == pytest.approx({k: v for k, v in expected(full, a_card()).items() if k in keys}, abs=1e-9)
    assert set(Subject.objects.values_list("key", flat=True)) == set(keys)


@pytest.mark.parametrize("way", WAYS)
def test_rescore__interrupted__goes_on_from_the_cursor(full: Any, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clients()
    for place in ("crm_assist.flow.rescore_ways.SQL_CHUNK", "crm_assist.flow.rescore_swap.SWAP_CHUNK",
                  "crm_assist.flow.rescore_ways.PAGE"):  # fmt: skip
        monkeypatch.setattr(place, 3)
    first = flow.rescore(full, now=NOW, way=way)
    cursor = next(first).cursor
    next(first)  # a chunk that nobody heard of any more
    first.close()
    rest = run(full, way=way, after=cursor)
    assert [step.done for step in rest if not step.note] == [6, 7]
    assert stored() == pytest.approx(expected(full, a_card()), abs=1e-9)
    if way == "swap":
        assert run(full, way=way, after=rest[-1].cursor) == []


@pytest.mark.parametrize("way", WAYS)
def test_rescore__beat_that_fails__takes_its_chunk_back(full: Any, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clients()
    beats: list[Step] = []

    def beat(step: Step) -> None:
        beats.append(step)
        raise DatabaseError("the run is no longer ours")

    with pytest.raises(DatabaseError, match="no longer ours"):
        run(full, way=way, beat=beat)
    assert len(beats) == 1
    assert stored() == {}


@pytest.mark.parametrize("way", ["in_place", "numpy"])
def test_rescore__score_of_a_change_during_the_batch__stands(full: Any, way: str) -> None:
    made = clients()
    flow.customer_changed(LABEL, [str(made[0].pk)], now=NOW + timedelta(seconds=1))
    before = stored()[str(made[0].pk)]
    Client.objects.filter(pk=made[0].pk).update(balance=12_345)  # what the chunk read, say, before the change
    run(full, way=way)
    assert stored()[str(made[0].pk)] == before
    assert len(stored()) == 7


@pytest.mark.parametrize("way", WAYS)
def test_rescore__merged_customer_that_the_host_still_has__is_left_out(full: Any, way: str) -> None:
    made = clients()
    customers.merge(model_label=LABEL, from_key=str(made[0].pk), to_key=str(made[1].pk), tenant="", now=NOW)
    run(full, way=way)
    assert set(stored()) == {str(client.pk) for client in made[1:]}


@pytest.mark.parametrize("way", WAYS)
def test_rescore__listener__is_told_of_each_customer(
    full: Any, way: str, django_capture_on_commit_callbacks: Any
) -> None:
    if way == "swap":
        way = "auto"
    made, heard = clients(), []

    def listen(sender: Any, **told: Any) -> None:
        heard.append((told["key"], told["probability"], told["target"], told["at"]))

    customer_scored.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            run(full, way=way)
    finally:
        customer_scored.disconnect(listen)
    assert heard == [(str(client.pk), stored()[str(client.pk)], "orders", NOW) for client in made]


class Doubled(Full):
    """A host whose own joins give a customer twice."""

    def queryset(self) -> Any:
        return Client.objects.filter(contacts__minutes__gt=0)


@pytest.mark.parametrize("way", WAYS)
def test_rescore__host_that_repeats_customers__scores_each_once(full: Any, way: str) -> None:
    clients()
    with registered(Client, Doubled) as adapter:
        assert [step.done for step in run(adapter, way=way)][-1] == 3
    assert len(stored()) == 3


@pytest.mark.parametrize("way", WAYS)
def test_rescore__nobody__is_nothing(full: Any, way: str) -> None:
    assert [step for step in run(full, way=way) if not step.note] == []
    assert stored() == {}


def steady(adapter: Any) -> Scorecard:
    """A card whose features stay as long as the host changes nothing."""
    card = Scorecard(
        parts=(Feature(name="balance", kind="number", edges=(1.0, 2.0), points=(0.1, 0.2, 0.3, 0.4)),), intercept=0.0
    )
    publish(card)
    return card


def test_rescore__changed_only__leaves_out_whom_the_sweep_saw_unchanged(full: Any) -> None:
    steady(full)
    made = clients()
    list(flow.sweep(full, now=NOW))
    assert run(full, changed_only=True) == []
    later = NOW + timedelta(days=1)
    Client.objects.filter(pk=made[0].pk).update(balance=99)
    new = Client.objects.create(name="new", balance=1)
    Subject.objects.filter(key=str(made[0].pk)).update(seen_hash="x", seen_at=later)
    assert list(flow.rescore(full, now=later, changed_only=True))[-1].done == 2
    assert set(LatestScore.objects.filter(scored_at=later).values_list("key", flat=True)) == {made[0].pk, new.pk}
    publish(a_card().with_purpose(a_card().purpose))
    assert list(flow.rescore(full, now=later, changed_only=True))[-1].done == len(made) + 1


def test_rescore__changed_only_but_features_move_with_time__scores_all(full: Any) -> None:
    made = clients()
    list(flow.sweep(full, now=NOW))
    assert run(full, changed_only=True)[-1].done == len(made)


def batch(adapter: Any, **options: Any) -> Any:
    return batch_of(adapter, "", now=NOW, keys=None, changed_only=False, **options)


def test_way_for__unknown_word__is_refused_by_name(full: Any) -> None:
    with pytest.raises(ValueError, match=r"way='fast': choose one of auto, swap, in_place, numpy"):
        way_for(batch(full), "fast", total=1)


def test_way_for__key_of_two_columns__goes_outside_the_database() -> None:
    open_bank("shapes.Seat", "score", feature="price")
    seats = batch(customers.adapter_for("shapes.Seat"))
    assert way_for(seats, "auto", total=10**6) == "numpy"
    with pytest.raises(WayRefused, match=r"way='in_place': the key of shapes.Seat .* take way='numpy'"):
        way_for(seats, "in_place", total=1)


def test_way_for__part_of_the_customers__is_written_in_place(full: Any) -> None:
    some = batch_of(full, "", now=NOW, keys=["1"], changed_only=False)
    assert some is not None
    assert way_for(some, "auto", total=10**6) == "in_place"
    with pytest.raises(WayRefused, match="only some of the customers"):
        way_for(some, "swap", total=10**6)


def test_probabilities__without_numpy_or_with_an_odd_row__are_the_row_execution(
    full: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = steady(full)
    columns = {"balance": [0, 1.5, None, "odd"]}
    by_row = [card.one({"balance": value}) for value in columns["balance"][:3]]
    assert rescore_rows.probabilities(card, columns, 4) == [*by_row, None]
    monkeypatch.setattr(rescore_rows, "find_spec", lambda name: None)
    assert rescore_rows.probabilities(card, columns, 4) == [*by_row, None]
    nothing = Scorecard(parts=(), intercept=0.25)
    assert rescore_rows.probabilities(nothing, {}, 2) == [nothing.one({})] * 2


class OnPython(DeskClient):
    """A feature that a function of the host gives."""

    features = [f.Number("balance", "balance", label="Balance"), f.Python("visits", lambda keys, at: VISITS, label="V")]


VISITS: dict[str, float] = {}


def test_rescore__feature_in_python__is_scored_outside_and_on_the_record_alike() -> None:
    with registered(Client, OnPython) as adapter:
        open_bank(LABEL, "score")
        points = (0.1, -0.2, 0.5, 0.9)
        parts = [Feature(name=n, kind="number", edges=(1.0, 2.0), points=points) for n in ("balance", "visits")]
        card = Scorecard(parts=tuple(parts), intercept=0.0)
        publish(card)
        made = clients()
        VISITS.update({str(made[0].pk): 5.0, str(made[1].pk): 0.0})
        with pytest.raises(WayRefused, match="visits: computed in Python"):
            run(adapter, way="in_place")
        run(adapter)
        assert stored() == pytest.approx(expected(adapter, card), abs=1e-9)
        assert f.snapshot(adapter, made[0], NOW).snapshot.values == {"balance": Decimal("1.5"), "visits": 5.0}
        boss = customers.PERMISSIONS and flow_boss()
        view = flow.record(boss, LABEL, str(made[0].pk), now=NOW)
        assert view.score is not None
        assert view.score.probability == pytest.approx(stored()[str(made[0].pk)], abs=1e-9)
        listed = flow.list_scores(boss, LABEL, [str(client.pk) for client in made], now=NOW)
        assert {key: score.probability for key, score in listed.items()} == pytest.approx(stored(), abs=1e-9)
        with pytest.raises(f.FeatureError, match="'visits' is computed in Python"):
            f.expressions(adapter, NOW, ["visits"])
        order = flow.score_order(boss, Client.objects.all(), live=True, now=NOW)
        assert (order.by_score, order.note) == (
            False,
            "The order by score is away for the moment: this list stands in its own order.",
        )
        list(flow.sweep(adapter, now=NOW))


def flow_boss() -> Any:
    from crm_assist.types import Principal  # only here

    return Principal(key=str(User.objects.create_superuser("boss").pk), is_superuser=True)


def test_rescore__whole_base__takes_a_handful_of_statements(
    full: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Client.objects.bulk_create([Client(name=str(n), balance=n) for n in range(300)])
    with django_assert_max_num_queries(20):
        run(full, way="in_place")
    assert rescore_ways.SQL_CHUNK >= 300
    assert LatestScore.objects.filter(scored_at=NOW.astimezone(UTC)).count() == 300


class Elsewhere(DeskClient):
    """A host whose customers are in another database."""

    def queryset(self) -> Any:
        return Client.objects.using("elsewhere")


def test_way_for__customers_in_another_database__goes_outside_of_it(full: Any) -> None:
    steady(full)
    with registered(Client, Elsewhere) as adapter:
        found = batch(adapter)
        assert way_for(found, "auto", total=10**6) == "numpy"
        with pytest.raises(WayRefused, match="customers are in the database 'elsewhere', scores in 'default'"):
            way_for(found, "swap", total=10**6)


@pytest.mark.parametrize("way", WAYS)
def test_rescore__two_tenants__each_by_its_own_card_and_under_its_own_scope(way: str) -> None:
    adapter = customers.adapter_for("guild.Member")
    made = {}
    for place, code in enumerate(("bakers", "smiths"), start=1):
        open_bank("guild.Member", "score", tenant=code, feature="fee")
        made[code] = Member.objects.create(guild=Guild.objects.create(code=code), name=code, fee=place * 3000)
    steps = run(adapter, way=way)
    assert [step.done for step in steps if not step.note] == [1, 2]
    rows = score_rows("guild.Member").values_list("scope__tenant", "key", "probability")
    expected = {(code, one.pk, fitted("fee").one({"fee": one.fee})) for code, one in made.items()}
    assert {(t, k) for t, k, _ in rows} == {(t, k) for t, k, _ in expected}
    assert sorted(p for _, _, p in rows) == pytest.approx(sorted(p for _, _, p in expected), abs=1e-9)
    assert len(set(score_rows("guild.Member").values_list("card", flat=True))) == 2
