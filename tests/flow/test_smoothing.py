"""A card that learned from few outcomes ranks by a number drawn to its base rate; screens and replays know it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm_assist import flow
from crm_assist.flow.deciding import Serving, decide
from crm_assist.flow.payload import inputs_payload, read_inputs
from crm_assist.journal.writer import payload_of
from crm_assist.learning.models import Target
from crm_assist.scorecards import Scorecard
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, fitted, open_bank

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def young(positives: int = 10, rows: int = 1000) -> Scorecard:
    """The story's card, as if it had learned from few outcomes."""
    return replace(fitted(), trained=replace(fitted().trained, positives=positives, rows=rows))


@pytest.fixture
def bank(client_: Client) -> float:
    """The card of the dearest product has learned from 10 outcomes; its own number for the client."""
    open_bank(LABEL)
    flow.publish_card(BOSS, Target.objects.get(name="wants_deposit"), young(), reason="young", now=NOW)
    return young().one({"balance": 8000.0})


def candidates(decision_id: Any) -> dict[str, dict[str, Any]]:
    body = payload_of(decision_id)
    assert body is not None
    return {item["product"]: item for item in body["result"]["candidates"]}


def test_record__product_of_a_young_card__is_ranked_by_the_smoothed_number_and_logged_with_it(
    agent: Principal, client_: Client, bank: float
) -> None:
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    logged = candidates(view.decision_id)
    assert logged["deposit"]["propensity"] == pytest.approx(50 / 60 * 0.01 + 10 / 60 * bank)
    assert logged["deposit"]["priority"] == pytest.approx(logged["deposit"]["propensity"] * 100)
    assert logged["card"]["propensity"] == pytest.approx(bank)
    assert view.suggestions[0].product == "card"


def test_record__starting_evidence_of_nothing__ranks_by_the_card(
    agent: Principal, client_: Client, bank: float, settings: Any
) -> None:
    settings.CRM_ASSIST = {**settings.CRM_ASSIST, "STARTING_EVIDENCE": 0}
    view = flow.record(agent, LABEL, str(client_.pk), now=NOW)
    assert candidates(view.decision_id)["deposit"]["propensity"] == pytest.approx(bank)
    assert view.suggestions[0].product == "deposit"


def test_record__score_of_a_young_card__stays_what_it_is(agent: Principal, client_: Client, bank: float) -> None:
    flow.publish_card(BOSS, Target.objects.get(name="orders"), young(), reason="young", now=NOW)
    score = flow.record(agent, LABEL, str(client_.pk), now=NOW).score
    assert score is not None
    assert (score.probability, score.thin) == (pytest.approx(bank), True)


@pytest.mark.parametrize("later", [0, 500])
def test_replay__smoothed_decision__gives_the_same_whatever_the_setting_is_now(
    agent: Principal, client_: Client, bank: float, settings: Any, later: int
) -> None:
    decision_id = flow.record(agent, LABEL, str(client_.pk), now=NOW).decision_id
    settings.CRM_ASSIST = {**settings.CRM_ASSIST, "STARTING_EVIDENCE": later}
    assert decision_id is not None
    replay = flow.replay(BOSS, decision_id)
    assert replay.identical, replay.differences


def test_replay__payload_from_before_the_setting__is_decided_without_smoothing(
    agent: Principal, client_: Client, bank: float
) -> None:
    body = payload_of(flow.record(agent, LABEL, str(client_.pk), now=NOW).decision_id)  # type: ignore[arg-type]
    assert body is not None
    del body["inputs"]["policy"]["starting_evidence"]
    inputs = read_inputs(body["inputs"])
    assert inputs.policy.starting_evidence == 0
    serving = Serving(card=young(), digest="d", version=1)
    result = decide(inputs, dict.fromkeys(inputs.cards, serving))
    assert {item.propensity for item in result.candidates} == {bank}
    assert inputs_payload(inputs)["policy"]["starting_evidence"] == 0
