"""Decisions of odd customers and on bad days, decided again from the log: the same, whatever the values were."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from crm_assist import customers, flow
from crm_assist import features as f
from crm_assist.customers.registration import registered
from crm_assist.decisions.models import Decision
from crm_assist.flow.review import decision
from crm_assist.learning.models import Target
from crm_assist.scorecards import Feature, Scorecard
from crm_assist.types import Principal
from tests.hosts.desk.assist import DeskClient
from tests.hosts.desk.models import Client, Contact
from tests.story import BOSS, NOW, open_bank, open_phase, publish, stock

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"
LATER = NOW + timedelta(seconds=1)


def identical(decision_id: UUID | None) -> Decision:
    """The row of a decision that a replay gives again."""
    assert decision_id is not None
    replay = flow.replay(BOSS, decision_id)
    assert (replay.code, replay.differences) == ("identical", ())
    return decision(BOSS, decision_id).row


def publish_everywhere(card: Scorecard) -> None:
    for target in Target.objects.all():
        flow.publish_card(BOSS, target, card, reason="odd", now=NOW)


def number(name: str) -> Feature:
    return Feature(name=name, kind="number", edges=(0.0, 1.0, 1e300), points=(0.1, 0.2, 0.3, 0.4, 0.5))


@pytest.mark.parametrize("phase", ["shadow", "score", "recommend"])
@pytest.mark.parametrize("minutes", [1e25, 1e28, 1e300, float("inf"), -1e28])
def test_replay__sum_of_any_size__gives_the_same_and_the_list_agrees(
    agent: Principal, client_: Client, phase: str, minutes: float
) -> None:
    open_bank(LABEL, phase)
    publish_everywhere(Scorecard(parts=(number("minutes_90d"),), intercept=-1.0))
    Contact.objects.create(client=client_, at=NOW - timedelta(days=1), minutes=minutes)
    view = flow.record(agent, LABEL, str(client_.pk), now=LATER)
    row = Decision.objects.get()
    identical(row.pk)
    assert (row.fallback, row.probability) == (
        "live",
        Scorecard(parts=(number("minutes_90d"),), intercept=-1.0).one({"minutes_90d": minutes}),
    )
    assert (view.score is not None) is (phase != "shadow")
    listed = flow.list_scores(agent, LABEL, [str(client_.pk)], now=LATER)
    assert [one.probability for one in listed.values()] == ([] if phase == "shadow" else [row.probability])


ODD: Mapping[str, Any] = {
    "endless": float("inf"),
    "nothing": float("nan"),
    "exact": Decimal("0.1"),
    "no_number": Decimal("NaN"),
    "signalling": Decimal("sNaN"),
    "huge": 10**400,
    "endless_digits": -(10**5000),
    "days": timedelta(days=1.5),
    "yes": True,
    "tiny": 5e-324,
    "minus_zero": -0.0,
}


def always(value: Any) -> Callable[..., dict[str, Any]]:
    return lambda keys, at: dict.fromkeys(keys, value)


@contextmanager
def desk_with(*features: f.Feature) -> Iterator[customers.CustomerAdapter]:
    """The desk with these features alone, and a bank that is open."""

    class Odd(DeskClient):
        pass

    balance = f.Number("balance", "balance", label="Balance", history=False)
    Odd.features = (balance, *features)
    with registered(Client, Odd) as adapter:
        publish(LABEL)
        stock()
        open_phase("recommend")
        yield adapter


def test_replay__values_that_are_hardly_numbers__give_the_same(agent: Principal, client_: Client) -> None:
    odd = [f.Python(name, always(value), label=name, history=False) for name, value in ODD.items()]
    with desk_with(*odd):
        publish_everywhere(Scorecard(parts=tuple(number(name) for name in ODD), intercept=0.0))
        view = flow.record(agent, LABEL, str(client_.pk), now=LATER)
    assert view.score is not None
    assert len(view.suggestions) == 2
    assert identical(view.decision_id).fallback == "live"


def refuse(*_args: Any) -> str:
    raise LookupError("no such text")


class Wordless(f.Number):
    """A feature of the host whose words fail."""

    __slots__ = ()

    def display(self, value: Any) -> str:
        return refuse(value)


def test_replay__words_that_fail__cost_no_score_and_change_nothing(agent: Principal, client_: Client) -> None:
    with desk_with(Wordless("wordless", "balance", label="Balance", history=False)):
        publish_everywhere(Scorecard(parts=(number("wordless"),), intercept=0.0))
        view = flow.record(agent, LABEL, str(client_.pk), now=LATER)
    assert view.score is not None
    assert [reason.sentence for reason in view.score.reasons] == ["Balance: 8000.0"]
    assert [reason.sentence for reason in view.suggestions[0].reasons] == ["Balance: 8000.0"]
    assert identical(view.decision_id).fallback == "live"


def test_replay__score_that_failed__fails_again(agent: Principal, client_: Client) -> None:
    with desk_with(f.Python("text", always("12"), label="Text", history=False)):
        publish_everywhere(Scorecard(parts=(number("text"),), intercept=0.0))
        view = flow.record(agent, LABEL, str(client_.pk), now=LATER)
    row = identical(view.decision_id)
    assert (view.score, row.fallback, row.silence, row.probability) == (None, "none", "nothing_left", None)


def test_replay__stored_score_in_place_of_one_that_failed__is_the_same(agent: Principal, client_: Client) -> None:
    answers: dict[str, Any] = {}
    with desk_with(f.Python("text", lambda keys, at: answers, label="Text", history=False)) as adapter:
        publish_everywhere(Scorecard(parts=(number("text"),), intercept=0.0))
        assert list(flow.rescore(adapter, now=NOW))
        answers[str(client_.pk)] = "12"  # the host's function gives a text all at once
        view = flow.record(agent, LABEL, str(client_.pk), now=LATER)
    assert view.score is not None
    assert view.score.stale
    assert identical(view.decision_id).fallback == "stored"


@pytest.mark.parametrize("phase", ["shadow", "score", "recommend"])
def test_replay__no_card__is_the_same_nothing(agent: Principal, client_: Client, phase: str) -> None:
    stock()
    open_phase(phase)
    flow.record(agent, LABEL, str(client_.pk), now=LATER)
    row = Decision.objects.get()
    assert (identical(row.pk).card, row.probability, row.fallback) == ("", None, "none")


@pytest.mark.parametrize("phase", ["shadow", "score"])
def test_replay__below_recommend__gives_the_same(agent: Principal, client_: Client, phase: str) -> None:
    open_bank(LABEL, phase)
    flow.record(agent, LABEL, str(client_.pk), now=LATER)
    row = Decision.objects.get()
    assert (identical(row.pk).silence, row.offered) == (f"phase_{phase}", 0)


@pytest.mark.parametrize("phase", ["score", "recommend"])
def test_replay__traditional_zone__gives_the_same_silence(agent: Principal, client_: Client, phase: str) -> None:
    open_bank(LABEL, phase)
    Client.objects.update(bereaved=True)
    view = flow.record(agent, LABEL, str(client_.pk), now=LATER)
    assert view.score is None
    assert identical(view.decision_id).silence == "zone_traditional"


def test_replay__customer_merged_since__gives_the_same_on_both_sides(agent: Principal, client_: Client) -> None:
    open_bank(LABEL)
    before = flow.record(agent, LABEL, str(client_.pk), now=LATER).decision_id
    other = Client.objects.create(name="Rosa", owner_id=int(agent.key), balance=7000)
    flow.customers_merged(LABEL, from_key=str(client_.pk), to_key=str(other.pk), now=LATER)
    after = flow.record(agent, LABEL, str(client_.pk), now=LATER + timedelta(seconds=1)).decision_id
    winner = flow.record(agent, LABEL, str(other.pk), now=LATER + timedelta(seconds=2)).decision_id
    rows = [identical(decision_id) for decision_id in (before, after, winner)]
    assert [row.subject_id == rows[2].subject_id for row in rows] == [False, True, True]
