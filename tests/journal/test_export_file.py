"""A file is whole or has no name; what was interrupted is gone on with, and no line is lost or doubled."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_assist.flow.export_narrow import NARROW
from crm_assist.journal import views
from crm_assist.journal.cursors import CannotWrite, Cursor, cursor_of, part_of
from crm_assist.journal.export_file import Question, write_file
from crm_assist.journal.forms import UnknownForm
from crm_assist.journal.settled import read_mark
from tests.journal.odd_decisions import decided

pytestmark = pytest.mark.django_db(transaction=True)
CSV = Question(view="narrow")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(views._views, "narrow", replace(NARROW, rows=3))


def written(question: Question, path: Path, *, resume: bool = False) -> Cursor:
    """The last cursor of a file that was written to its end."""
    *_, last = write_file(question, path, resume=resume)
    return last


def interrupted(question: Question, path: Path, after: int, *, resume: bool = False) -> Cursor:
    """The cursor of a file left after so many tellings, as a fault would leave it."""
    told: Iterator[Cursor] = write_file(question, path, resume=resume)
    last = next(told)
    with suppress(StopIteration):
        for _ in range(after):
            last = next(told)
    told.close()  # type: ignore[attr-defined]
    return last


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_write__whole__has_its_name_and_leaves_nothing_beside(tmp_path: Path) -> None:
    rows = decided(10)
    last = written(CSV, tmp_path / "a.csv")
    assert left(tmp_path) == ["a.csv"]
    assert (last.rows, last.records, last.total) == (10, 10, 10)
    text = (tmp_path / "a.csv").read_bytes().decode()
    assert text.startswith("id,model,customer,agent,at,tenant,team,")
    assert [text.count(str(row.pk)) for row in rows] == [1] * 10


def test_write__json_lines__an_object_for_each(tmp_path: Path) -> None:
    rows = decided(7)
    written(replace(CSV, form="jsonl"), tmp_path / "a.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [str(row.pk) for row in rows]
    assert [line["team"] for line in lines] == [row.team for row in rows]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("after", [0, 1, 2, 3, 9])
def test_resume__left_at_any_chunk__gives_the_same_bytes(tmp_path: Path, form: str, after: int) -> None:
    decided(10)
    question = replace(CSV, form=form)
    written(question, tmp_path / "whole")
    interrupted(question, tmp_path / "cut", after)
    decided(5, start=10)  # what comes meanwhile belongs to the next one
    if after < 9:
        assert not (tmp_path / "cut").exists()
        written(question, tmp_path / "cut", resume=True)
    assert (tmp_path / "cut").read_bytes() == (tmp_path / "whole").read_bytes()
    assert left(tmp_path) == ["cut", "whole"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.lists(st.integers(0, 3), max_size=5), st.integers(0, 60), st.binary(max_size=40))
def test_resume__torn_again_and_again__gives_the_same_bytes(
    tmp_path: Path, cuts: list[int], torn: int, rubbish: bytes
) -> None:
    folder = tmp_path / f"{len(os.listdir(tmp_path))}"
    folder.mkdir()
    if not (tmp_path / "whole").exists():
        decided(10)
        written(CSV, tmp_path / "whole")
    path, resume = folder / "cut", False
    for cut in cuts:
        interrupted(CSV, path, cut, resume=resume)
        resume = True
        if path.exists():
            break
        with part_of(path).open("ab") as part:  # a chunk that had begun, and of which no cursor knows
            part.write(rubbish * torn)
    if not path.exists():
        written(CSV, path, resume=resume)
    assert path.read_bytes() == (tmp_path / "whole").read_bytes()


def test_resume__mark__is_that_of_the_beginning(tmp_path: Path) -> None:
    decided(4)
    first = interrupted(CSV, tmp_path / "a", 1)
    decided(4, start=4)
    assert written(CSV, tmp_path / "a", resume=True).upto == first.upto
    rest = written(replace(CSV, since=read_mark(first.upto)), tmp_path / "b")
    assert rest.rows == 4


def test_resume__crash_after_the_file_had_its_name__only_clears_up(tmp_path: Path) -> None:
    decided(4)
    interrupted(CSV, tmp_path / "a", 2)
    os.replace(part_of(tmp_path / "a"), tmp_path / "a")
    written(CSV, tmp_path / "a", resume=True)
    assert left(tmp_path) == ["a"]


def test_resume__asked_otherwise__is_refused_by_the_name_of_what_differs(tmp_path: Path) -> None:
    decided(4)
    path = tmp_path / "a"
    interrupted(CSV, path, 1)
    for other, word in (
        (replace(CSV, form="jsonl"), "--format"),
        (replace(CSV, clear=True), "--names"),
        (replace(CSV, tenant="north"), "--tenant"),
    ):
        with pytest.raises(CannotWrite, match=word):
            written(other, path, resume=True)
    other_key = override_settings(CRM_ASSIST={"EXPORT_KEY": "another key, longer"})
    with other_key, pytest.raises(CannotWrite, match="key of the pseudonyms"):
        written(CSV, path, resume=True)
    assert written(CSV, path, resume=True).rows == 4


@pytest.mark.parametrize(
    ("content", "words"), [(None, "leave out --resume"), (b"{", "cannot be read"), (b"[1]", "cannot be read")]
)
def test_resume__no_cursor_or_a_damaged_one__is_refused(tmp_path: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        cursor_of(tmp_path / "a").write_bytes(content)
    with pytest.raises(CannotWrite, match=words):
        written(CSV, tmp_path / "a", resume=True)


def test_resume__part_shorter_than_its_cursor__is_refused(tmp_path: Path) -> None:
    decided(4)
    interrupted(CSV, tmp_path / "a", 1)
    os.truncate(part_of(tmp_path / "a"), 5)
    with pytest.raises(CannotWrite, match="shorter than its cursor"):
        written(CSV, tmp_path / "a", resume=True)


def test_write__over_a_file_or_an_interrupted_one__is_refused(tmp_path: Path) -> None:
    decided(4)
    path = tmp_path / "a"
    path.write_text("mine")
    with pytest.raises(CannotWrite, match="exists already"):
        written(CSV, path)
    assert path.read_text() == "mine"
    interrupted(CSV, tmp_path / "b", 1)
    with pytest.raises(CannotWrite, match="--resume goes on"):
        written(CSV, tmp_path / "b")


def test_resume__while_it_is_being_written__is_refused(tmp_path: Path) -> None:
    decided(10)
    told = write_file(CSV, tmp_path / "a")
    next(told), next(told)
    with pytest.raises(CannotWrite, match="another process"):
        written(CSV, tmp_path / "a", resume=True)
    assert [cursor.rows for cursor in told] == [6, 9, 10]


def test_write__folder_that_is_not_there__is_refused(tmp_path: Path) -> None:
    decided(1)
    with pytest.raises(CannotWrite, match="cannot be written"):
        written(CSV, tmp_path / "nowhere" / "a")


def test_write__unknown_format__names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownForm, match=r"'xlsx'.*csv, jsonl, parquet"):
        written(replace(CSV, form="xlsx"), tmp_path / "a")
    assert left(tmp_path) == []


def test_files__while_written_and_when_whole__are_nobody_elses(tmp_path: Path) -> None:
    decided(4)
    interrupted(CSV, tmp_path / "a", 1)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    written(CSV, tmp_path / "a", resume=True)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_write__empty_log__is_a_header(tmp_path: Path) -> None:
    assert written(CSV, tmp_path / "a").upto == ""
    assert (tmp_path / "a").read_bytes().count(b"\r\n") == 1
