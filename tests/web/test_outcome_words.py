"""How far outcomes are known, in the words of both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from crm_assist.flow import Completeness, Ready
from crm_assist.web.outcome_words import complete_told, ready_told

UNTIL = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ready", "english", "french"),
    [
        (
            Ready(count=1204, seen=1204, known=1001, yes=37),
            "known for 83% of 1,204",
            "connu pour 83\u202f% sur 1\u202f204",
        ),
        (
            Ready(count=9000, seen=100, known=83),
            "known for about 83% of 9,000",
            "connu pour environ 83\u202f% sur 9\u202f000",
        ),
        (Ready(), "–", "–"),
        (Ready(count=9000), "–", "–"),
    ],
)
def test_ready__in_both_languages__says_the_share_and_the_number(ready: Ready, english: str, french: str) -> None:
    with translation.override("en"):
        assert ready_told(ready)["words"] == english
    with translation.override("fr"):
        assert ready_told(ready)["words"].replace("\xa0", "\u202f") == french


def test_complete__each_case__says_whose_word_it_rests_on() -> None:
    with translation.override("en"):
        assert complete_told(Completeness(until=UNTIL, is_said=True)).startswith(
            "Everything that happened until Oct. 1"
        )
        assert "never said" in complete_told(Completeness(until=None, is_said=True))
        assert complete_told(Completeness(until=UNTIL, is_said=False)).startswith("No system has said")
