"""Thin evidence: the number sorts and is logged, and no screen shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.urls import reverse

from crm_assist import flow
from crm_assist.scorecards import Scorecard
from crm_assist.types import Principal
from tests.hosts.desk.models import Client
from tests.hosts.opening import put_in_force
from tests.story import BOSS, NOW, fitted, open_phase

pytestmark = pytest.mark.django_db
LABEL = "desk.Client"


def unsure(variance: float) -> Scorecard:
    """The story's card with points of which little is known."""
    card = fitted()
    parts = tuple(replace(part, diagonal=(variance,) * part.size) for part in card.parts)
    return replace(card, parts=parts)


def opened(agent: Principal, client: Client, card: Scorecard) -> flow.RecordView:
    put_in_force(card, adapter=LABEL, target="orders", now=NOW)
    open_phase("score")
    return flow.record(agent, LABEL, str(client.pk), now=NOW)


@pytest.mark.parametrize(("variance", "thin"), [(0.0, False), (2.0, True)])
def test_record__points_little_known__is_thin(agent: Principal, client_: Client, variance: float, thin: bool) -> None:
    score = opened(agent, client_, unsure(variance)).score
    assert score is not None
    assert score.thin is thin
    assert score.probability == pytest.approx(fitted().one({"balance": 8000.0}))


def test_record__few_outcomes_in_all__is_thin(agent: Principal, client_: Client) -> None:
    card = replace(fitted(), trained=replace(fitted().trained, positives=39))
    score = opened(agent, client_, card).score
    assert score is not None
    assert score.thin


def test_record__evidence_not_asked_for__shows_the_number(agent: Principal, client_: Client, settings: Any) -> None:
    settings.CRM_ASSIST = {**settings.CRM_ASSIST, "LEAST_EVIDENCE": 0}
    score = opened(agent, client_, unsure(2.0)).score
    assert score is not None
    assert not score.thin


def test_replay__thin_score__gives_the_same_again(agent: Principal, client_: Client, settings: Any) -> None:
    decision_id = opened(agent, client_, unsure(2.0)).decision_id
    assert decision_id is not None
    settings.CRM_ASSIST = {**settings.CRM_ASSIST, "LEAST_EVIDENCE": 0}  # the policy of then counts
    assert flow.replay(BOSS, decision_id).identical


def test_list__thin_score__is_marked(agent: Principal, client_: Client) -> None:
    opened(agent, client_, unsure(2.0))
    [found] = flow.list_scores(agent, LABEL, [str(client_.pk)], now=NOW).values()
    assert found.thin


@pytest.mark.urls("tests.web.urls")
def test_panel__thin_score__says_so_and_gives_no_number(agent: Principal, client_: Client) -> None:
    opened(agent, client_, unsure(2.0))
    browser = Browser()
    browser.force_login(User.objects.get(pk=agent.key))
    page = browser.get(reverse("crm_assist:panel"), {"model": LABEL, "key": client_.pk}).content.decode()
    assert "Too few comparable customers for a number" in page
    assert "%</strong>" not in page
    assert "Speaks for it" not in page
    assert "data-score-answers" not in page
