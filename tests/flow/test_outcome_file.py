"""A file of outcomes is read line by line, and what is wrong is named by line, column and value."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_assist.decisions.answers import BadAnswer
from crm_assist.flow.outcome_file import BadFile, Line, read_message, read_outcomes
from tests.story import NOW

HEADER = "key,product,kind,occurred_at,external_id,version"
GOOD = "1,card,ordered,2026-05-01T10:00:00Z,o-1,3"


def written(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "told.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> Sequence[Line]:
    return list(read_outcomes(path, now=NOW))


def test_line__that_can_be_taken__is_the_outcome_it_tells(tmp_path: Path) -> None:
    [line] = read(written(tmp_path, GOOD))
    assert line.told is not None
    assert (line.number, line.told.key, line.told.external_id, line.told.version) == (2, "1", "o-1", 3)
    assert line.told.occurred_at == datetime(2026, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_file__with_another_delimiter_a_mark_and_in_gzip__is_read_alike(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, GOOD.replace(",", delimiter), header=HEADER.replace(",", delimiter))
    packed = tmp_path / "told.csv.gz"
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf" + path.read_bytes()))
    assert read(packed) == read(path) == read(written(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("line", "column", "value", "message"),
    [
        (",card,ordered,2026-05-01T10:00:00Z,o-1,", "key", "", "must not be empty"),
        ("1,card,bought,2026-05-01T10:00:00Z,o-1,", "kind", "bought", "is not an outcome; use one of ordered"),
        ("1,card,ordered,yesterday,o-1,", "occurred_at", "yesterday", "is not a moment; write it as"),
        ("1,card,ordered,2026-05-01T10:00:00,o-1,", "occurred_at", "2026-05-01T10:00:00", "no time zone"),
        ("1,card,ordered,2126-05-01T10:00:00Z,o-1,", "occurred_at", "2126-05-01T10:00:00Z", "in the future"),
        ("1,card,ordered,2026-05-01T10:00:00Z,,", "external_id", "", "must not be empty"),
        ("1,card,ordered,2026-05-01T10:00:00Z,o-1,1.5", "version", "1.5", "is not a version"),
        (f"1,{'c' * 61},ordered,2026-05-01T10:00:00Z,o-1,", "product", "c" * 40, "at most 60"),
        ("1,card,ordered", "key", "1", "3 cells where the header has 6"),
    ],
)
def test_line__that_cannot__is_named_with_column_value_and_remedy(
    tmp_path: Path, line: str, column: str, value: str, message: str
) -> None:
    good, bad = read(written(tmp_path, GOOD, line))
    assert good.fault is None
    assert bad.fault is not None
    assert (bad.fault.line, bad.fault.column, bad.fault.value) == (3, column, value)
    assert message in bad.fault.message


def test_line__after_quoted_line_breaks_and_blank_lines__keeps_its_number(tmp_path: Path) -> None:
    lines = ('1,"ca\nrd",ordered,2026-05-01T10:00:00Z,o-1,', "", GOOD)
    assert [line.number for line in read(written(tmp_path, *lines))] == [2, 5]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (HEADER + ",currency", "Column “currency” is not known; .* holds no amount and no currency"),
        (HEADER + ",key", "Column “key” appears twice"),
        ("key,product", "Column “kind” is missing"),
        ("", "Column “key” is missing"),
    ],
)
def test_header__that_cannot_be_meant__is_refused_by_name(tmp_path: Path, header: str, message: str) -> None:
    with pytest.raises(BadFile, match=message):
        read(written(tmp_path, header=header))


def test_file__absent_cut_off_or_not_utf8__is_refused_with_its_path(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(written(tmp_path, *[GOOD] * 999).read_bytes())[:-20])
    latin = tmp_path / "latin.csv"
    latin.write_bytes(f"{HEADER}\nJosé{GOOD}".encode("latin-1"))
    for path in (tmp_path / "absent.csv", cut, latin):
        with pytest.raises(BadFile, match=path.name):
            read(path)


def test_message__whose_fields_are_those_of_a_file__is_read_and_faults_name_their_place() -> None:
    good = dict(zip(HEADER.split(","), GOOD.split(","), strict=True))
    [one] = read_message([{**good, "version": 3}], now=NOW)
    assert (one.key, one.version) == ("1", 3)
    for change, field in (
        ({"kind": "bought"}, "kind"),
        ({"amount": "3"}, "amount"),
        ({"occurred_at": 7}, "occurred_at"),
    ):
        with pytest.raises(BadAnswer) as caught:
            read_message([good, {**good, **change}], now=NOW)
        assert caught.value.field == f"outcomes[1].{field}"
    with pytest.raises(BadAnswer, match="missing"):
        read_message([{"key": "1"}], now=NOW)
