"""Files of delimited text: read as they come, and what is wrong named by its line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_assist.learning import FitError
from crm_assist.learning.delimited import Delimited, found_delimiter, read_delimited


def read(folder: Path, content: bytes, **options: str) -> Delimited:
    path = folder / "rows.csv"
    path.write_bytes(content)
    return read_delimited(path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_read__any_delimiter__is_found(tmp_path: Path, delimiter: str) -> None:
    found = read(tmp_path, f'a{delimiter}b\n1{delimiter}"x, y; z"\n'.encode())
    assert (found.columns, found.delimiter) == ({"a": ["1"], "b": ["x, y; z"]}, delimiter)


def test_read__gzip_byte_mark_and_blank_lines__are_read(tmp_path: Path) -> None:
    found = read(tmp_path, gzip.compress(b"\xef\xbb\xbfa;b\r\n\r\n1;2\r\n"))
    assert (found.columns, list(found.lines)) == ({"a": ["1"], "b": ["2"]}, [3])


def test_read__quoted_line_breaks__lines_are_those_of_the_file(tmp_path: Path) -> None:
    assert list(read(tmp_path, b'a,b\n1,"x\ny"\n2,z\n').lines) == [2, 4]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.text('ab1,;"\n é'), st.text('ab1,;"\n é')), min_size=1, max_size=6))
def test_read__what_csv_writes__comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    lines = ["a|b", *("|".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)]
    found = read(tmp_path_factory.mktemp("made"), "\r\n".join(lines).encode(), delimiter="|")
    assert list(zip(*found.columns.values(), strict=True)) == rows


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n  \n", "the file is empty"),
        (b"a\n1\n", "no delimiter"),
        (b"a,b\n", "no rows"),
        (b"a,\n1,2\n", "line 1: column 2 has no name"),
        (b"a,a\n1,2\n", "column 'a' appears twice"),
        (b"a,b\n1,2\n\n1,2,3\n", "line 4 has 3 cells, the header has 2"),
        (b"a,b\n1,\xff\n", "line 2 is not UTF-8"),
        (b"a,b\n" + b"1,2\n" * 5_000 + b"1,\xe9\n" + b"1,3\n" * 5_000, "line 5002 is not UTF-8"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 500, mtime=0)[:-9], "cannot be read"),
    ],
)
def test_read__bad_file__is_named(tmp_path: Path, content: bytes, said: str) -> None:
    options = {"delimiter": ","} if b"3" in content or b"\xff" in content else {}
    with pytest.raises(FitError, match=said):
        read(tmp_path, content, **options)


def test_read__no_file__is_named(tmp_path: Path) -> None:
    with pytest.raises(FitError, match=r"^it cannot be read: No such file or directory; give"):
        read_delimited(tmp_path / "none.csv")


def test_read__progress__is_told_in_bytes(tmp_path: Path) -> None:
    path, told = tmp_path / "rows.csv", []
    path.write_bytes(b"a,b\n" + b"1,2\n" * 50_000)
    read_delimited(path, watch=told.append)
    assert told == sorted(told)
    assert (len(told), told[-1]) == (3, path.stat().st_size)


def test_delimiter__more_cells_alike_in_every_line__wins() -> None:
    assert found_delimiter(["a;b,c;d\n", "1;2,5;3\n"]) == ";"
