"""The panel made of the flow's values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

from crm_assist.flow import RecordView, ShownSuggestion
from crm_assist.types import Admission, Phase, Reason, ShownScore, Trend, Verdict
from crm_assist.web.panel_view import ReasonLine, moment, panel_view, score_block, state_words

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
SCORE = ShownScore(
    target="orders",
    label="orders something",
    horizon_days=90,
    probability=0.154,
    low=0.118,
    high=0.193,
    band="raised",
    trend=Trend.RISING,
    reasons=(
        Reason(feature="a", label="A", value="1", points=0.5, sentence="A: 1"),
        Reason(feature="b", label="B", value="2", points=-0.5, sentence="B: 2", changeable=True),
        Reason(feature="c", label="C", value="3", points=0.0, sentence="C: 3"),
    ),
    as_of=AT,
    card="c",
    version=3,
    base=0.11,
)
SUGGESTION = ShownSuggestion(
    id=UUID(int=1),
    product="card",
    name="Card",
    benefit="Good card",
    details="",
    reasons=SCORE.reasons,
    rank=1,
    state="open",
    reason="",
    until=None,
    answered_by_you=False,
    undo_seconds=0,
)


def record(phase: Phase, **values: Any) -> RecordView:
    full = {
        "decision_id": UUID(int=7),
        "score": SCORE,
        "suggestions": (SUGGESTION,) * 4,
        "products": (("card", "Card"),),
    }
    return RecordView(admission=Admission(phase=phase, code="team"), **{**full, **values})


@pytest.mark.parametrize(
    ("phase", "score", "suggestions"), [("off", 0, 0), ("shadow", 0, 0), ("score", 1, 0), ("recommend", 1, 3)]
)
def test_panel_view__holds_to_the_phase__whatever_the_flow_hands_over(phase: str, score: int, suggestions: int) -> None:
    view = panel_view(record(Phase(phase)))
    assert (int(view.score is not None), len(view.suggestions)) == (score, suggestions)


def test_panel_view__reasons_of_a_suggestion__tell_what_can_change() -> None:
    [suggestion] = panel_view(record(Phase.RECOMMEND, suggestions=(SUGGESTION,))).suggestions
    assert [(line.text, line.changeable) for line in suggestion.reasons] == [("A: 1", False), ("B: 2", True)]


@pytest.mark.parametrize("code", ["phase_shadow", "phase_score"])
def test_panel_view__silence_of_the_roll_out__leaves_no_trace(code: str) -> None:
    silence = Verdict(open=False, code=code, message="internal")
    view = panel_view(record(Phase.OFF, decision_id=None, silence=silence))
    assert view.is_empty


def test_panel_view__silence_of_the_customer__is_told() -> None:
    silence = Verdict(open=False, code="zone_traditional", message="This conversation is yours.")
    view = panel_view(record(Phase.RECOMMEND, suggestions=(), silence=silence))
    assert (view.silence, view.is_empty) == ("This conversation is yours.", False)


def test_score_block__in_words() -> None:
    with translation.override("en"):
        block = score_block(SCORE)
    assert (block.percent, block.horizon, block.band, block.trend) == (
        "15%",
        "within 90 days",
        "Higher than usual",
        "Rising",
    )
    assert (block.interval, block.usual) == ("Between 12 and 19 in 100 similar customers", "Usual: 11 in 100")
    assert block.reasons_for == (ReasonLine(text="A: 1", changeable=False),)
    assert block.reasons_against == (ReasonLine(text="B: 2", changeable=True),)
    assert (block.low, block.at, block.high, block.width) == (12, 15, 19, 7)


def test_score_block__stale__claims_no_interval_and_no_trend() -> None:
    block = score_block(replace(SCORE, stale=True, base=None))
    assert (block.interval, block.trend, block.usual) == ("", "", "")


def test_score_block__thin__gives_no_number_away() -> None:
    with translation.override("en"):
        block = score_block(replace(SCORE, thin=True))
    assert block.thin == "Too few comparable customers for a number"
    assert (block.percent, block.band, block.band_code, block.trend, block.interval) == ("",) * 5
    assert (block.reasons_for, block.reasons_against, block.low, block.high, block.at) == ((), (), 0, 0, 0)
    assert block.usual == "Usual: 11 in 100"


@pytest.mark.parametrize(
    "state", ["open", "accepted", "later", "rejected", "dismissed", "escalated", "expired", "withdrawn"]
)
@pytest.mark.parametrize("by_you", [True, False])
def test_state_words__every_state__has_words(state: str, by_you: bool) -> None:
    assert state_words(state, by_you=by_you, until=None)
    assert state_words(state, by_you=by_you, until=AT)


def test_state_words__put_off__names_the_day() -> None:
    with translation.override("fr"):
        assert state_words("later", by_you=True, until=AT) == "Vous l’avez reportée au 1 juin 2026"


def test_moment__naive__is_taken_as_local() -> None:
    with translation.override("fr"):
        assert moment(datetime(2026, 6, 1, 9, 0)) == "1 juin 2026 09:00"
        assert moment(AT) == "1 juin 2026 11:00"
