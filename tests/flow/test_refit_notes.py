"""The note of a refit: kept as figures in every run, told in the reader's language."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import translation

from crm_assist.flow.comparison import VERDICTS, Comparison
from crm_assist.flow.refit_notes import RefitNote, note_told
from crm_assist.runs.models import Run

ALIKE = Comparison(code="alike", champion=3, gain=-0.00041, error=0.0011, blocks=8, rows=5000)
KEPT = RefitNote(version=4, serves=False, findings=5, blocks=1, moved=2, comparison=ALIKE)


def in_french(text: str) -> str:
    with translation.override("fr"):
        return note_told(text)


def test_note__champion_kept__says_why_and_where_to_read_the_rest_in_both_languages() -> None:
    assert note_told(KEPT.text()) == (
        "kept version 3: the new card was not clearly better (its loss higher by 0.0004, standard error 0.0011); "
        "version 4 waits; "
        "5 findings in its data; 1 of them accepted; 2 signs that the world has moved; read them with version 4"
    )
    assert in_french(KEPT.text()) == (
        "version 3 maintenue\N{NO-BREAK SPACE}: la nouvelle grille n’a pas été nettement meilleure "
        "(perte plus haute de 0,0004, "
        "erreur type 0,0011)\N{NO-BREAK SPACE}; la version 4 attend\N{NO-BREAK SPACE}; 5 constats dans ses données"
        "\N{NO-BREAK SPACE}; dont 1 accepté\N{NO-BREAK SPACE}; 2 signes que le monde a bougé\N{NO-BREAK SPACE}; "
        "à lire avec la version 4"
    )


def test_note__first_card_of_sound_rows__is_its_version() -> None:
    assert note_told(RefitNote(version=1, serves=True).text()) == "version 1"


def test_note__one_of_each__is_singular() -> None:
    told = note_told(RefitNote(version=2, serves=True, findings=1, moved=1).text())
    assert told == "version 2; 1 finding in its data; 1 sign that the world has moved; read them with version 2"


@pytest.mark.parametrize("code", sorted(VERDICTS))
@pytest.mark.parametrize("forced", ["", "so decided " * 40])
def test_note__whatever_was_found__fits_a_run_and_is_read_as_it_was_written(code: str, forced: str) -> None:
    longest = Comparison(
        code=code, champion=2**31 - 1, gain=-12.3456789, error=12.3456789, fault="long " * 200, forced=forced
    )
    note = replace(KEPT, version=2**31 - 1, findings=500, blocks=500, moved=500, serves=True, comparison=longest)
    kept = note.text()
    assert len(kept) <= (Run._meta.get_field("note").max_length or 0)
    assert note_told(kept) == note.words


@pytest.mark.parametrize("text", ["", "exchanged", "7 changed, 0 gone", "version 2; found in its data: leak:balance"])
def test_note__of_another_run_or_of_before__stands_as_it_is(text: str) -> None:
    assert note_told(text) == text
