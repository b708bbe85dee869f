"""What a comparison means, and how it is told."""

from __future__ import annotations

import pytest
from django.utils import translation

from crm_assist.flow.comparison import SHORT, TEMPLATES, VERDICTS, Comparison
from crm_assist.scorecards.models import CardVersion

ALIKE = Comparison(code="alike", champion=3, gain=-0.00041, error=0.0011, blocks=8, rows=5000)


def test_every_finding__has_a_verdict_a_sentence_and_a_short_word() -> None:
    assert set(VERDICTS) == set(TEMPLATES) == set(SHORT)
    assert {code for code, verdict in VERDICTS.items() if verdict == "pass"} == {"better", "unfit"}


def test_words__are_rounded_and_say_the_sign() -> None:
    assert ALIKE.note == "the new card was not clearly better (its loss higher by 0.0004, standard error 0.0011)"
    with translation.override("fr"):
        assert (
            ALIKE.note
            == "la nouvelle grille n’a pas été nettement meilleure (perte plus haute de 0,0004, erreur type 0,0011)"
        )


@pytest.mark.parametrize("code", sorted(VERDICTS))
def test_words__each_finding__is_told_in_both_languages_with_nothing_left_open(code: str) -> None:
    told = Comparison(code=code, champion=3, fault="text is damaged", forced="so decided")
    with translation.override("en"):
        english = told.words
    with translation.override("fr"):
        french = told.words
    assert english.endswith("Put in force all the same: so decided")
    assert french.endswith("so decided")
    assert english != french
    assert "%(" not in english + french


def test_still__another_champion_by_now__promotes_nothing_but_by_a_persons_word() -> None:
    better = Comparison(code="better", champion=3, gain=0.1, error=0.01, blocks=8, rows=900)
    assert better.still(CardVersion(version=3)) is better
    assert better.still(None) is better
    changed = better.still(CardVersion(version=4))
    assert (changed.code, changed.champion, changed.promotes) == ("changed", 4, False)
    assert better.forced_by("so decided").still(CardVersion(version=4)).promotes


def test_forced_by__nothing_but_blanks__forces_nothing() -> None:
    assert not ALIKE.forced_by("  ").promotes
