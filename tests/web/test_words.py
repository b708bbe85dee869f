"""Numbers and codes in plain words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.decisions import answers
from crm_assist.decisions.models import OUTCOMES, RESPONSES, ScoreAnswer, State
from crm_assist.rollout.phases import Rung, admit
from crm_assist.types import Phase
from crm_assist.web import words
from crm_assist.web.log_filters import TEXTS
from tests.settings import ROOT


@given(st.floats(min_value=0, max_value=1))
def test_hundredths__any_probability__is_never_certain(probability: float) -> None:
    assert 1 <= words.hundredths(probability) <= 99


@given(st.floats(min_value=0, max_value=1), st.floats(min_value=0, max_value=1))
def test_hundredths__order__is_kept(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert words.hundredths(low) <= words.hundredths(high)


@pytest.mark.parametrize(
    ("probability", "shown"), [(0.0, 1), (0.004, 1), (0.155, 16), (0.5, 50), (0.999, 99), (1.0, 99)]
)
def test_hundredths__examples(probability: float, shown: int) -> None:
    assert words.hundredths(probability) == shown


def test_hundredths__no_number__is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        words.hundredths(math.nan)


def test_percent__french__has_its_space() -> None:
    with translation.override("en"):
        assert words.percent(0.15) == "15%"
    with translation.override("fr"):
        assert words.percent(0.15) == "15\u202f%"


def test_between__interval__in_natural_frequencies() -> None:
    with translation.override("en"):
        assert words.between(0.118, 0.193) == "Between 12 and 19 in 100 similar customers"
        assert words.between(0.193, 0.118) == "Between 12 and 19 in 100 similar customers"
        assert words.between(0.121, 0.119) == "About 12 in 100 similar customers"


def test_horizon__one_many_and_none() -> None:
    with translation.override("en"):
        assert [words.horizon(days) for days in (1, 90, None)] == ["within 1 day", "within 90 days", ""]


def test_tables__every_code_of_the_models__has_words() -> None:
    assert set(words.REASONS) == set(answers.REASONS)
    assert set(words.STATES) == set(State.values)
    assert set(words.RESPONSES) == {code for code, _ in RESPONSES}
    assert set(words.OUTCOMES) == {code for code, _ in OUTCOMES}
    assert set(words.SCORE_ANSWERS) == set(ScoreAnswer.Kind.values)
    assert set(Phase) == set(words.PHASE_PROMISES) == set(words.PHASES) - {"killed", "running"}


def test_unknown_codes__stand_as_they_are_or_say_nothing() -> None:
    with translation.override("en"):
        assert words.band("purple") == "purple"
        assert words.trend("new") == ""
        assert words.verdict("strange") == "strange"
        assert words.verdict("put_off", "Put off until Monday.") == "Put off until Monday."
        assert words.silence("strange") == "Nothing to suggest for this customer today."


def test_says_it_all__a_day_or_a_situation__says_more() -> None:
    assert words.says_it_all("already_held")
    assert not words.says_it_all("put_off")
    assert not words.says_it_all("zone_traditional")


def test_words__every_filter_of_the_log_and_of_results_has_its_label() -> None:
    assert {*TEXTS, "since", "until", "after", "format", "by"} == set(words.FIELDS)


@pytest.mark.parametrize("percent", [0, 100])
@pytest.mark.parametrize("team", ["", "north"])
def test_words__every_admission_that_rollout_gives_has_words(team: str, percent: int) -> None:
    found = admit([Rung(team=team, phase=Phase.SCORE, percent=percent)], teams=["north"], place=5, killed=False)
    assert found.code in words.ADMISSIONS
    for other in (admit([], teams=[], place=0, killed=killed) for killed in (False, True)):
        assert other.code in words.ADMISSIONS


@pytest.mark.parametrize("table", [words.SILENCES, words.VERDICTS, words.ADMISSIONS, words.FALLBACKS])
def test_words__every_code_that_has_words_is_one_that_the_reference_tells_of(table: Mapping[str, object]) -> None:
    told = re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "reference" / "codes.md").read_text())
    assert sorted(set(table) - set(told)) == []
