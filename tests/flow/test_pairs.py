"""A card with pairs, from the record to the log and the stored score: the same number and the same reasons."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from crm_assist import flow
from crm_assist.scorecards import Feature, Pair, Scorecard
from crm_assist.types import Principal
from tests.flow.batches import WAYS, clients, expected, publish, run
from tests.hosts.desk.models import Client
from tests.hosts.opening import put_in_force
from tests.scores import stored
from tests.story import BOSS, NOW, open_phase

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def paired() -> Scorecard:
    """Calls and minutes are summed up from contacts; both pairs have the balance, which is then binned once."""
    points = (-0.4, 0.1, 0.3, -0.1)
    parts = (
        Feature(name="balance", kind="number", edges=(500.0, 5_000.0), points=points),
        Feature(name="segment", kind="category", levels=("business", "private"), points=points),
        Feature(name="calls_90d", kind="number", edges=(0.5, 2.5), points=points),
        Feature(name="is_vip", kind="number", edges=(0.5,), points=(0.0, 0.2, -0.2)),
    )
    cells = tuple(0.1 * ((5 * cell) % 16 - 8) for cell in range(16))
    pairs = (
        Pair(first="balance", second="segment", width=4, points=tuple(3 * point for point in cells)),
        Pair(first="calls_90d", second="balance", width=4, points=cells),
    )
    return Scorecard(parts=parts, pairs=pairs, intercept=-1.0)


@pytest.fixture
def opened(client_: Client) -> Client:
    put_in_force(paired(), adapter=LABEL, target="orders", now=NOW)
    open_phase("score")
    Client.objects.filter(pk=client_.pk).update(balance=8_000, segment="private")
    return client_


def test_record__pair_speaks_loudest__is_one_sentence_of_both(agent: Principal, opened: Client) -> None:
    score = flow.record(agent, LABEL, str(opened.pk), now=NOW).score
    assert score is not None
    [told] = [reason for reason in score.reasons if (reason.feature, reason.beside) == ("balance", "segment")]
    assert told.sentence == "Balance: €8,000, together with Segment: private"
    assert told.label == "Balance, together with Segment"
    assert told.changeable, "the balance can change, whatever the segment"


def test_record__in_french__pair_is_told_in_french(agent: Principal, opened: Client) -> None:
    with translation.override("fr"):
        score = flow.record(agent, LABEL, str(opened.pk), now=NOW).score
    assert score is not None
    sentences = [reason.sentence for reason in score.reasons if reason.beside]
    assert any(", combiné à Segment" in sentence for sentence in sentences)


def test_replay__card_with_pairs__gives_the_same_again(agent: Principal, opened: Client) -> None:
    decision_id = flow.record(agent, LABEL, str(opened.pk), now=NOW).decision_id
    assert decision_id is not None
    replay = flow.replay(BOSS, decision_id)
    assert replay.identical, replay.differences


@pytest.mark.parametrize("way", WAYS)
def test_rescore__card_with_pairs__equals_the_row_execution(full: Any, way: str) -> None:
    clients()
    publish(paired())
    run(full, way=way)
    assert stored() == pytest.approx(expected(full, paired()), abs=1e-9)
