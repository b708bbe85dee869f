"""A refit tells what has moved since the champion learned, and so does a look at the customers of today."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from crm_assist import flow
from crm_assist.flow.drifting import moved_since, moved_today
from crm_assist.flow.learned_rows import past_rows
from crm_assist.flow.moved import Moved, MovedSign
from crm_assist.flow.past import Past
from crm_assist.learning.dataset import TrainingSet
from crm_assist.learning.models import Target
from crm_assist.scorecards.models import CardVersion
from crm_assist.scorecards.parts import Training
from tests.flow.challengers import a_past, flipped, knowing, of_the_young, served
from tests.hosts.desk.models import Client
from tests.story import BOSS, NOW, fitted

pytestmark = pytest.mark.django_db


def rows_of(target: Target) -> TrainingSet:
    return past_rows(target, Past(), moments=6, most=20_000, now=NOW)


def signs(moved: Moved | None) -> list[tuple[str, str]]:
    return [(sign.kind, sign.feature) for sign in moved.signs] if moved else []


def test_moved_since__world_that_stands_still__says_nothing() -> None:
    target = a_past()
    served(target, knowing())
    assert moved_since(target, rows_of(target)) is None


def test_moved_since__customers_of_another_kind__names_the_feature_and_that_the_card_knows_them_badly() -> None:
    target = a_past()
    served(target, of_the_young())
    moved = moved_since(target, rows_of(target))
    assert signs(moved) == [("shares", "tenure"), ("rate", "")]
    assert moved is not None
    assert (moved.version, moved.rows) == (1, 900)


def test_moved_since__other_outcomes_for_the_same_customers__is_the_rate() -> None:
    target = a_past()
    served(target, knowing())
    assert ("rate", "") in signs(moved_since(target, flipped(rows_of(target))))


@pytest.mark.parametrize("why", ["no card", "not newer", "a feature without a past", "no rows behind it"])
def test_moved_since__nothing_to_compare__says_nothing(why: str) -> None:
    target = a_past(clients=150)
    if why == "not newer":
        served(target, replace(of_the_young(), trained=replace(of_the_young().trained, until=NOW.isoformat())))
    elif why == "a feature without a past":
        served(target, fitted("balance"))
    elif why == "no rows behind it":
        served(target, replace(of_the_young(), trained=Training()))
    assert moved_since(target, rows_of(target)) is None


def test_refit__world_that_moved__is_noted_logged_and_told_to_operations(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    served(a_past(), of_the_young())
    with caplog.at_level(logging.WARNING, "crm_assist.events"), django_capture_on_commit_callbacks(execute=True):
        [run_id] = flow.ask_runs("refit", about="orders", now=NOW)
        note = flow.carry_on(run_id, clock=lambda: NOW).note
    assert "; 2 signs that the world has moved; read them with version 2" in note
    [told] = [vars(record) for record in caplog.records if getattr(record, "event", "") == "card.drifted"]
    assert (told["levelname"], told["target"], told["version"], told["count"]) == ("WARNING", "orders", 1, 2)
    moved = flow.card(BOSS, CardVersion.objects.get(target="orders", version=2).pk).moved
    assert moved is not None
    assert signs(moved) == [("shares", "tenure"), ("rate", "")]
    assert moved.words[0].startswith("“tenure” has moved since version 1 learned: its stability index is ")


def test_words__each_sign__is_told_in_both_languages() -> None:
    moved = Moved(
        version=3,
        rows=500,
        signs=(MovedSign(kind="shares", value=0.414, feature="age"), MovedSign(kind="rate", value=2.5)),
    )
    assert [sign.key for sign in moved.signs] == ["shares:age", "rate"]
    with translation.override("fr"):
        french = moved.words
    assert "0,41" in french[0]
    assert "2,50" in french[1]
    assert "2.50 times those that the card foretells" in moved.words[1]


def test_moved_today__population__is_all_that_is_compared() -> None:
    target = a_past()
    now = NOW + timedelta(days=1)
    Client.objects.filter(pk__in=Client.objects.order_by("-since")[:600].values("pk")).update(segment="private")
    target.population = {"segment": "retail"}
    Client.objects.exclude(segment="private").update(segment="retail")
    moved = moved_today(target, knowing(), version=1, now=now)
    assert moved is not None
    assert (moved.rows, signs(moved)) == (300, [("shares", "tenure")])
    target.population = {}
    everybody = moved_today(target, knowing(), version=1, now=now)
    assert everybody == Moved(version=1, rows=900, signs=())


def test_moved_today__feature_that_is_gone_or_nobody__cannot_be_asked() -> None:
    target = a_past(clients=0)
    assert moved_today(target, knowing(), version=1, now=NOW) is None
    Client.objects.create(name="one")
    target.population = {"shoe_size": 40}
    assert moved_today(target, knowing(), version=1, now=NOW) is None
