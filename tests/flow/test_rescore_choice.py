"""Which way a batch takes, whom it may leave out, and features that only Python can tell."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from crm_assist import customers, flow
from crm_assist import features as f
from crm_assist.customers.models import Subject
from crm_assist.customers.registration import registered
from crm_assist.flow import rescore_rows
from crm_assist.flow.rescore_batch import WayRefused, batch_of, way_for
from crm_assist.scorecards import Feature, Scorecard
from crm_assist.scoring.models import LatestScore
from tests.flow.batches import LABEL, WAYS, a_card, clients, expected, publish, run
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import Guild, Member
from tests.scores import score_rows, stored
from tests.story import NOW, fitted, open_bank

pytestmark = pytest.mark.django_db


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
