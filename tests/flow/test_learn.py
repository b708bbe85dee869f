"""Learning: whose an outcome is, and who may declare and publish."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from crm_assist import flow
from crm_assist.customers.models import Subject
from crm_assist.flow.happened import happened
from crm_assist.learning.models import Target
from crm_assist.scorecards import CardError, Purpose, Scorecard
from crm_assist.scorecards.models import CardVersion
from crm_assist.types import Principal
from tests.flow.challengers import a_past
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, fitted

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


@pytest.fixture
def target() -> Target:
    return flow.declare_target(
        BOSS, name="orders", adapter=LABEL, labels={"en": "orders"}, products=[], horizon_days=90, now=NOW
    )


def ordered(client: Client, days_ago: int) -> None:
    at = NOW - timedelta(days=days_ago)
    flow.record_outcome(model=LABEL, key=str(client.pk), product="card", kind="ordered", occurred_at=at, now=NOW)


def merged(loser: Client, winner: Client) -> None:
    flow.customers_merged(LABEL, from_key=str(loser.pk), to_key=str(winner.pk), now=NOW)


@pytest.fixture
def three() -> list[Client]:
    clients = [Client.objects.create(name=name) for name in ("first", "second", "third")]
    for days_ago, client in enumerate(clients, start=1):
        ordered(client, days_ago)
    return clients


def days_of(target: Target) -> dict[str, list[int]]:
    return {key: sorted((NOW - at).days for at in moments) for key, moments in happened(target).sure.items()}


@pytest.mark.parametrize("order", [[(0, 1), (1, 2)], [(1, 2), (0, 1)]])
def test_outcomes__customers_merged_one_after_the_other__count_for_the_last(
    target: Target, three: list[Client], order: list[tuple[int, int]]
) -> None:
    for loser, winner in order:
        merged(three[loser], three[winner])
    assert days_of(target) == {str(three[2].pk): [1, 2, 3]}


def test_outcomes__a_chain_left_two_links_long__counts_for_its_end(target: Target, three: list[Client]) -> None:
    subjects = [Subject.objects.get(key=str(client.pk)) for client in three]
    for loser, winner in ((0, 1), (1, 2)):
        Subject.objects.filter(pk=subjects[loser].pk).update(merged_into=subjects[winner])
    assert days_of(target) == {str(three[2].pk): [1, 2, 3]}


def test_outcomes__told_of_a_customer_after_the_merge__count_for_the_winner(
    target: Target, three: list[Client]
) -> None:
    merged(three[0], three[1])
    ordered(three[0], 9)
    assert days_of(target) == {str(three[1].pk): [1, 2, 9], str(three[2].pk): [3]}


def test_outcomes__told_as_unknown_or_contradicted__are_unsure(target: Target) -> None:
    told = {"model": LABEL, "product": "card", "source": "orders", "version": 1, "now": NOW}
    at = NOW - timedelta(days=4)
    flow.record_outcome(**told, key="1", kind="unknown", occurred_at=at, external_id="o-1")
    for kind in ("ordered", "declined"):
        flow.record_outcome(**told, key="2", kind=kind, occurred_at=at, external_id="o-2")
    found = happened(target)
    assert (dict(found.sure), dict(found.unsure)) == ({}, {"1": [at], "2": [at]})


def test_target__with_its_own_window_and_sources__is_declared_so() -> None:
    told = {"name": "orders", "adapter": LABEL, "labels": {"en": "orders"}, "products": [], "horizon_days": 90}
    made = flow.declare_target(BOSS, **told, attribution_days=30, sources=["orders"], now=NOW)
    made.refresh_from_db()
    assert (made.attribution_days, made.sources, made.changed_by) == (30, ["orders"], "boss")
    with pytest.raises(ValidationError, match="attribution_days"):
        flow.declare_target(BOSS, **told, attribution_days=0, now=NOW)


@pytest.mark.parametrize("outcome", ["unknown", "bought"])
def test_target__of_what_nobody_can_know__is_refused(outcome: str) -> None:
    told = {"name": "orders", "adapter": LABEL, "labels": {"en": "orders"}, "products": [], "horizon_days": 90}
    with pytest.raises(ValidationError, match="is not an outcome; use one of ordered, declined"):
        flow.declare_target(BOSS, **told, outcome=outcome, now=NOW)


@pytest.mark.parametrize(
    ("permissions", "missing"),
    [((), "declare_target"), (("publish_card",), "declare_target"), (("declare_target",), "publish_card")],
)
def test_data_team__without_the_permission__changes_nothing(permissions: tuple[str, ...], missing: str) -> None:
    person = Principal(key="ann", permissions=frozenset(permissions))
    with pytest.raises(flow.NotAllowed) as caught:
        flow.publish_card(person, declared(person), fitted(), reason="mine", now=NOW)
    assert caught.value.permission == missing
    assert not CardVersion.objects.exists()
    assert Target.objects.count() == int("declare_target" in permissions)


def declared(person: Principal) -> Target:
    return flow.declare_target(
        person, name="mine", adapter=LABEL, labels={"en": "mine"}, products=[], horizon_days=90, now=NOW
    )


def test_data_team__with_both_permissions__acts_in_the_own_tenant_and_name() -> None:
    ann = Principal(key="ann", tenant="bakers", permissions=frozenset({"declare_target", "publish_card"}))
    target = declared(ann)
    version = flow.publish_card(ann, target, fitted(), reason="first", now=NOW)
    assert (target.tenant, target.changed_by, version.tenant) == ("bakers", "ann", "bakers")
    stranger = Principal(key="bob", tenant="smiths", permissions=ann.permissions, is_superuser=True)
    with pytest.raises(flow.NotAllowed):
        flow.publish_card(stranger, target, fitted(), reason="theirs", now=NOW)
    assert CardVersion.objects.count() == 1


def test_target__of_a_purpose_that_is_none_of_these_scores__is_refused() -> None:
    wanted = {"adapter": LABEL, "labels": {"en": "pays back"}, "products": [], "horizon_days": 90, "now": NOW}
    with pytest.raises(ValidationError, match="rules of their own") as caught:
        flow.declare_target(BOSS, name="pays_back", purpose="credit", **wanted)
    assert list(caught.value.message_dict) == ["purpose"]
    assert not Target.objects.exists()
    assert flow.declare_target(BOSS, name="leaves", purpose="retention", **wanted).purpose == "retention"


def test_publish__card_fitted_for_another_purpose__is_refused_and_changes_nothing(target: Target) -> None:
    for other in (Purpose(use="retention"), Purpose(target="leaves"), Purpose(horizon_days=30)):
        with pytest.raises(CardError, match="fit a card for this one"):
            flow.publish_card(BOSS, target, fitted().with_purpose(other), reason="same anyway", now=NOW)
    assert not CardVersion.objects.exists()
    text = fitted().with_purpose(Purpose(use="retention")).dumps()
    with pytest.raises(flow.BadMove, match="'retention', not for 'marketing'"):
        flow.publish_text(BOSS, target="orders", text=text, reason="same anyway", now=NOW)
    assert flow.publish_card(BOSS, target, fitted(), reason="first", now=NOW).version == 1


def test_learn__held_to_fall__a_feature_that_rises_is_flat() -> None:
    target = a_past()
    held = {"tenure": -1}
    free = flow.learn("orders", by="ann", reason="free", now=NOW)
    assert points(free)[0] < points(free)[-1]
    version = flow.learn("orders", by="ann", reason="held", now=NOW, monotonic=held, in_force="wanted")
    assert list(points(version)) == sorted(points(version), reverse=True)
    assert version.target == target.name


def points(version: CardVersion) -> tuple[float, ...]:
    return Scorecard.loads(version.text).part("tenure").points[:-1]
