"""The analyst's results on the screen: rates with their interval, too few told as too few, a change in words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone, translation

from crm_assist.oversight.counting import move_mark, replace_day
from crm_assist.oversight.rates import Rate
from crm_assist.web import result_words
from tests.desk_bank import Bank, person, signed_in


def put(days_ago: int, team: str, **answers: int) -> None:
    rows = [
        {
            "team": team,
            "product": "card",
            "phase": "recommend",
            "is_seen": True,
            "answer": "" if answer == "none" else answer,
            "reason": "wrong_data" if answer == "rejected" else "",
            "count": count,
        }
        for answer, count in answers.items()
    ]
    replace_day(tenant="", day=timezone.localdate() - timedelta(days=days_ago), rows=rows)


@pytest.fixture
def analyst(bank: Bank) -> Browser:
    """Two teams over two months; north fell, the one of few people is too small to be told."""
    bank("recommend")
    for week in range(8):
        rate = 40 if week >= 4 else 25
        put(7 * week + 3, "north", accepted=rate, rejected=60 - rate, none=40)
        put(7 * week + 4, "south", accepted=30, none=70)
    put(1, "tiny", accepted=3)
    move_mark(tenant="", marks={}, zone="UTC", now=timezone.now())
    return signed_in(person("analyst", "view_log"))


def text(answer: Any) -> str:
    """What stands on the page, without its tags, blanks as one."""
    words = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", words)


def test_results__four_weeks__rates_with_interval_and_the_fall_explained(analyst: Browser) -> None:
    shown = text(analyst.get("/assist/results/"))
    assert "north 400 400 100 25.0% 21.0% to 29.5%" in shown
    assert "All others 30.0% of 400 30.5% of 403" in shown
    assert "too few (3)" in shown
    assert "Acceptance fell by 7.2 points" in shown
    assert "Rejected (The data is wrong)" in shown


def test_results__a_team_of_few__gives_away_no_answer(analyst: Browser) -> None:
    answer = analyst.get("/assist/results/")
    [tiny] = [row for row in answer.context["rows"] if row["name"] == "tiny"]
    assert {tiny[name] for name in ("accepted", "later", "rejected", "unanswered")} == {"–"}


def test_results__in_french__are_french(analyst: Browser) -> None:
    shown = text(analyst.get("/assist/results/", {"lang": "fr"}))
    assert "Résultats" in shown
    assert "L’acceptation a baissé de 7,2 points" in shown
    assert "trop peu (3)" in shown


def test_results__by_week__are_a_chart_with_its_table(analyst: Browser) -> None:
    page = analyst.get("/assist/results/", {"by": "week"}).content.decode()
    assert page.count("data-ca-chart=") == 1
    assert len(re.findall(r'<tr data-day="\d{4}-\d\d-\d\d" data-at="[\d.]+"', page)) >= 4
    assert "Against" not in page


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ({"by": "zodiac"}, "A line for each"),
        ({"since": "yesterday"}, "From the day"),
        ({"since": "2026-05-02", "until": "2026-05-01"}, "To the day"),
        ({"since": "2001-01-01", "until": "2026-05-01"}, "From the day"),
        ({"team": "x" * 101}, "Team"),
        ({"product": "\x00"}, "Product"),
    ],
)
def test_results__what_cannot_be_asked__is_told_beside_the_form(
    analyst: Browser, query: dict[str, str], label: str
) -> None:
    answer = analyst.get("/assist/results/", query)
    assert answer.status_code == 400
    assert f"<strong>{label}</strong>:" in answer.content.decode()


def test_results__nothing_counted_yet__says_who_counts(bank: Bank) -> None:
    bank("recommend")
    shown = text(signed_in(person("ana", "view_log")).get("/assist/results/"))
    assert "Nothing was counted yet." in shown


def test_results__nothing_offered_in_the_time__is_told(analyst: Browser) -> None:
    shown = text(analyst.get("/assist/results/", {"since": "2020-01-01", "until": "2020-01-31"}))
    assert "No suggestion was offered in this time." in shown


def test_rate__in_words__nothing_and_everything_are_what_they_are() -> None:
    with translation.override("en"):
        assert result_words.rate(Rate(hits=0, n=50))["words"] == "0.0%"
        assert result_words.rate(Rate(hits=50, n=50))["words"] == "100.0%"
        assert result_words.rate(Rate(hits=1, n=9)) == {"is_shown": False, "words": "too few (9)"}


@pytest.mark.parametrize(("share", "told"), [(0.0723, "+7.2"), (-0.0723, "−7.2"), (0.0, "0.0"), (-0.0001, "0.0")])
def test_points__carry_their_sign_unless_they_are_none(share: float, told: str) -> None:
    with translation.override("en"):
        assert result_words.points(share) == told


def test_results__silences__are_told_with_their_share_and_the_way_to_their_decisions(analyst: Browser) -> None:
    today = timezone.localdate()
    silences = [
        {"team": "north", "phase": "recommend", "silence": "", "count": 60},
        {"team": "north", "phase": "recommend", "silence": "no_consent", "count": 30},
        {"team": "south", "phase": "recommend", "silence": "zone_traditional", "count": 10},
    ]
    replace_day(tenant="", day=today - timedelta(days=2), rows=[], silences=silences)
    answer = analyst.get("/assist/results/")
    assert "40 of 100 decisions (40.0%) suggested nothing." in text(answer)
    assert "This customer does not wish to receive suggestions. 30 30.0%" in text(answer)
    assert "silence=no_consent" in answer.content.decode()
    north = text(analyst.get("/assist/results/", {"team": "north"}))
    assert "30 of 90 decisions" in north
    assert "This conversation is yours" not in north


def test_results__never_silent__says_nothing_of_it(analyst: Browser) -> None:
    assert "Where nothing was suggested" not in text(analyst.get("/assist/results/"))
