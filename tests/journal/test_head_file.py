"""The file of heads: appended to by several at once, cut off in writing, and where it cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_assist.journal.head_file import LONGEST, HeadFileError, append, lines
from crm_assist.journal.heads import Head, keys, read

MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


WRITER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from pathlib import Path
from tests.journal.test_head_file import head, write
for number in range(1, 26):
    write(Path(sys.argv[1]), head(number, sys.argv[2]), head(number, sys.argv[2] * 2))
"""


def head(sequence: int, tenant: str = "") -> Head:
    return Head(tenant=tenant, sequence=sequence, hash=f"{sequence:064x}", rows=9, sealed_at=MOMENT, at=MOMENT)


def write(path: Path, *heads: Head) -> list[Head]:
    return append(path, lambda kept: list(heads))


def heads_in(path: Path) -> list[Head]:
    return [read(text, keys()) for _number, text, _has_end in lines(path)]


def test_append__several__each_names_the_signature_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    write(path, head(1), head(4, "north"))
    write(path, head(2))
    bodies = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(body["tenant"], body["sequence"]) for body in bodies] == [("", 1), ("north", 4), ("", 2)]
    assert [body["previous"] for body in bodies] == ["", bodies[0]["signature"], bodies[1]["signature"]]
    assert [body["torn"] for body in bodies] == [False, False, False]


def test_append__what_is_there__is_told_by_tenant(tmp_path: Path) -> None:
    path, told = tmp_path / "heads.jsonl", []
    write(path, head(1), head(7, "north"), head(2))

    def fresh(kept: Mapping[str, int]) -> list[Head]:
        told.append(dict(kept))
        return []

    assert append(path, fresh) == []
    assert told == [{"": 2, "north": 7}]
    assert len(heads_in(path)) == 3


def test_append__nothing_to_write__leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    assert write(path) == []
    assert path.read_bytes() == b""


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_append__after_a_line_that_was_cut_off__starts_a_new_one_and_says_so(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "heads.jsonl"
    write(path, head(1), head(2))
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:kept])
    write(path, head(3))
    pieces = path.read_text().splitlines()
    last = json.loads(pieces[2])
    assert (len(pieces), last["torn"]) == (3, True)
    # Without its end alone, a line still is a head.
    follows = second if kept == -1 else first
    assert last["previous"] == json.loads(follows)["signature"]


def test_append__garbage_at_the_end__is_left_for_verification_to_name(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    write(path, head(1))
    with path.open("ab") as file:
        file.write(b"\xff\xfe garbage\n")
    write(path, head(2))
    body = json.loads(path.read_bytes().splitlines()[2])
    assert (body["torn"], body["previous"] != "") == (False, True)


def test_lines__one_without_end_and_far_too_long__come_cut_and_numbered(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    path.write_bytes(b"a" * (3 * LONGEST) + b"\nshort\nopen")
    found = [(number, len(text), has_end) for number, text, has_end in lines(path)]
    assert found == [(1, LONGEST, True), (2, 5, True), (3, 4, False)]


def test_append__folder_that_is_not_there__names_file_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(HeadFileError, match=r"nowhere/heads\.jsonl: No such file.*HEAD_FILE"):
        write(tmp_path / "nowhere" / "heads.jsonl", head(1))
    with pytest.raises(HeadFileError, match="directory"):
        write(tmp_path, head(1))
    with pytest.raises(HeadFileError, match="No such file"):
        list(lines(tmp_path / "none"))


def test_append__no_room_for_a_whole_line__is_told_and_the_next_one_says_so(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    write(path, head(1))
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({path.stat().st_size + 100},) * 2)"
    done = subprocess.run([sys.executable, "-c", limit + WRITER, str(path), "a"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "HeadFileError" in done.stderr
    assert "File too large" in done.stderr
    assert not path.read_bytes().endswith(b"\n")
    write(path, head(2))
    pieces = path.read_text().splitlines()
    assert (len(pieces), len(pieces[1])) == (3, 100)
    assert json.loads(pieces[2])["torn"]


def test_append__four_processes_at_once__no_line_is_garbled_and_each_follows_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [subprocess.Popen([*command, name]) for name in "abcd"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    found = heads_in(path)
    assert len(found) == 4 * 25 * 2
    bodies = [json.loads(line) for line in path.read_text().splitlines()]
    assert [body["previous"] for body in bodies] == ["", *(body["signature"] for body in bodies[:-1])]
    for name in "abcd":
        assert [one.sequence for one in found if one.tenant == name] == list(range(1, 26))
