"""`crm_assist_fit --from`: a card from a file, whole or not at all."""

from __future__ import annotations

import gzip
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm_assist.scorecards import Scorecard
from tests.learning.examples import customers

X, Y = customers(900)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "past.csv.gz"
    rows = zip(*X.values(), Y, strict=True)
    lines = [";".join([*X, "day", "bought"])]
    for place, (balance, calls, job, flag, bought) in enumerate(rows):
        day = f"2025-{1 + place // 75:02d}-{1 + place % 28:02d}"
        cells = (
            "" if balance is None else str(balance).replace(".", ","),
            calls,
            job or "NA",
            int(flag),
            day,
            "ny"[bought],
        )
        lines.append(";".join(map(str, cells)))
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def fit(csv: Path, written: Path, **options: Any) -> str:
    said = StringIO()
    given = {"source": str(csv), "out": str(written), "target": "bought", "time": "day", **options}
    call_command("crm_assist_fit", stdout=said, stderr=said, **given)
    return said.getvalue()


def test_fit__a_file__writes_a_card_and_reports(csv: Path, tmp_path: Path) -> None:
    out = tmp_path / "card.json"
    report = fit(csv, out, purpose="marketing", leave_out=["flag"])
    card = Scorecard.loads(out.read_text())
    assert card.kinds == {"balance": "number", "calls": "number", "job": "category"}
    assert (card.trained.rows, card.trained.positives) == (900, sum(Y))
    assert card.purpose.use == "marketing"
    assert card.trained.since == "2025-01-01"
    assert "Rows read: 900 in" in report
    assert "Separation (AUC)" in report
    assert f"Written to {out}" in report
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.json", "past.csv.gz"]


def refused(csv: Path, written: Path, **options: Any) -> str:
    with pytest.raises(CommandError) as caught:
        fit(csv, written, **options)
    return str(caught.value)


def test_fit__bad_cell__is_named_and_what_was_there_stays(csv: Path, tmp_path: Path) -> None:
    lines = gzip.decompress(csv.read_bytes()).decode().splitlines()
    lines[41] = lines[41].replace(";", ";x", 1)
    csv.write_bytes("\n".join(lines).encode())
    out = tmp_path / "card.json"
    out.write_text("mine")
    assert "line 42, column 'calls': 'x" in refused(csv, out)
    assert out.read_text() == "mine"


def test_fit__places_that_cannot_be_written__are_refused_before_the_work(csv: Path, tmp_path: Path) -> None:
    assert "in a folder that exists" in refused(tmp_path / "none.csv", tmp_path / "no" / "card.json")
    assert "in a folder that exists" in refused(csv, tmp_path)
    assert "is the file that is read" in refused(csv, csv)
    assert "cannot be read" in refused(tmp_path / "none.csv", tmp_path / "card.json")


def test_fit__too_few_outcomes__writes_nothing(csv: Path, tmp_path: Path) -> None:
    few, out = tmp_path / "few.csv", tmp_path / "card.json"
    few.write_text("x,bought\n" + "".join(f"{place},{int(place < 3)}\n" for place in range(60)))
    assert "at least 10 of each outcome" in refused(few, out, time="")
    assert not out.exists()


@pytest.mark.parametrize("left_out", ["source", "target", "out"])
def test_fit__half_of_what_a_file_needs__is_asked_for(csv: Path, tmp_path: Path, left_out: str) -> None:
    assert "together" in refused(csv, tmp_path / "card.json", **{left_out: ""})


def test_fit__declared_targets_with_a_file__are_refused(csv: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="learned from the database"):
        call_command("crm_assist_fit", "orders", source=str(csv), out=str(tmp_path / "c.json"), target="bought")


@pytest.fixture
def leaking(tmp_path: Path) -> Path:
    """A column that is written after the outcome, and one whose name is a question."""
    path = tmp_path / "leaking.csv"
    lines = ["calls,duration,gender,bought"]
    for place, bought in enumerate(Y):
        lines.append(f"{X['calls'][place]},{500 * bought + place % 90},{'fm'[place % 2]},{bought}")
    path.write_text("\n".join(lines))
    return path


def test_fit__a_column_known_only_afterwards__writes_nothing_until_it_is_accepted(
    leaking: Path, tmp_path: Path
) -> None:
    out = tmp_path / "card.json"
    message = refused(leaking, out, time="")
    assert message.startswith("Nothing was written: leak:duration")
    assert "--accept leak:duration=WHY" in message
    assert not out.exists()
    report = fit(leaking, out, time="", accept=["leak:duration=known before the offer"])
    assert "[leak:duration]" in report
    assert "[sensitive_name:gender]" in report
    assert out.exists()


def test_fit__an_accepted_finding_that_is_not_there__is_a_slip(csv: Path, tmp_path: Path) -> None:
    message = refused(csv, tmp_path / "card.json", accept=["leak:nothing=x"])
    assert message == "--accept leak:nothing: no such finding; to be accepted is nothing."
    assert not (tmp_path / "card.json").exists()


@pytest.mark.parametrize(
    ("option", "value"), [("--moments", "0"), ("--rows", "-5"), ("--moments", "six"), ("--rows", "1e9")]
)
def test_fit__a_number_that_makes_no_sense__is_refused_by_its_option(option: str, value: str) -> None:
    with pytest.raises(CommandError, match=rf"argument {option}: '{value}' is not a whole number from"):
        call_command("crm_assist_fit", "orders", f"{option}={value}")


def test_fit__held_to_one_way__a_card_from_a_file_keeps_it(csv: Path, tmp_path: Path) -> None:
    for way, sign in (("up", 1), ("down", -1)):
        out = tmp_path / f"{way}.json"
        fit(csv, out, monotonic=[f"balance={way}"])
        points = [sign * each for each in Scorecard.loads(out.read_text()).part("balance").points[:-1]]
        assert points == sorted(points)


@pytest.mark.parametrize("text", ["balance", "balance=", "=up", "balance=+1"])
def test_fit__held_to_no_known_way__is_refused_with_an_example(csv: Path, tmp_path: Path, text: str) -> None:
    assert "write NAME=up or NAME=down, such as income=up" in refused(csv, tmp_path / "card.json", monotonic=[text])


def test_fit__held_to_a_column_that_is_none__names_the_columns(csv: Path, tmp_path: Path) -> None:
    assert "monotonic names 'x', which is not a column" in refused(csv, tmp_path / "card.json", monotonic=["x=up"])
