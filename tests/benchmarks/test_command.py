"""The command prints one line for each figure and its exit status is the verdict."""

from __future__ import annotations

import json

import pytest

from benchmarks import __main__ as command
from benchmarks import figure as registered
from benchmarks.figure import Measured, Run, figure


@pytest.fixture(autouse=True)
def three_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that holds, one that is short, one whose need is absent."""
    figures: dict[str, registered.Figure] = {}
    monkeypatch.setattr(registered, "FIGURES", figures)
    monkeypatch.setattr(command, "load_figures", lambda: None)
    monkeypatch.setitem(registered.NEEDS, "lightgbm", lambda: "no lightgbm here")

    @figure("good", bar=1000, better="higher")
    def good(run: Run) -> Measured:
        return Measured(value=1500 if run.quick else 2500, reference="a pipeline", detail={"rows": 3})

    @figure("bad", bar=1.5, better="lower")
    def bad(run: Run) -> Measured:
        return Measured(value=2, reference="a scan")

    @figure("lacking", bar=1, better="lower", needs=["lightgbm"])
    def lacking(run: Run) -> Measured:
        raise AssertionError("must not be measured")

    @figure("broken", bar=1, better="lower")
    def broken(run: Run) -> Measured:
        raise RuntimeError("out of paper\nsecond line")


def lines(output: str) -> list[list[str]]:
    """The printed lines, their words, without the comment on the machine."""
    return [line.split() for line in output.splitlines() if not line.startswith("#")]


def test_main__figure_that_holds__exits_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["good"]) == 0
    assert lines(capsys.readouterr().out) == [["good", "2,500x", "a", "pipeline", ">=", "1,000x", "ok"]]


def test_main__one_short__exits_one_and_measures_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["bad", "good", "--quick"]) == 1
    assert [(line[0], line[1], line[-1]) for line in lines(capsys.readouterr().out)] == [
        ("bad", "2x", "short"),
        ("good", "1,500x", "ok"),
    ]


def test_main__absent_need__is_told_and_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["lacking"]) == 0
    assert "no lightgbm here" in capsys.readouterr().out


def test_main__figure_of_the_whole_run__is_left_out_of_a_quick_one(capsys: pytest.CaptureFixture[str]) -> None:
    figure("whole", bar=1, better="higher", whole=True)(lambda run: Measured(value=2.0, reference="a protocol"))
    assert command.main(["whole", "--quick"]) == 0
    assert "whole run only: python -m benchmarks whole" in capsys.readouterr().out
    assert command.main(["whole"]) == 0
    assert "a protocol" in capsys.readouterr().out


def test_main__error_in_a_figure__is_shown_and_exits_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["broken", "good"]) == 1
    shown = capsys.readouterr()
    assert "RuntimeError: out of paper" in shown.out
    assert "Traceback" in shown.err
    assert lines(shown.out)[-1][-1] == "ok"


def test_main__json__is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["good", "lacking", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [(f["id"], f["state"], f["value"]) for f in document["figures"]] == [
        ("good", "ok", 2500),
        ("lacking", "absent", None),
    ]
    assert document["figures"][0]["detail"] == {"rows": 3}


def test_main__unknown_id__exits_two_and_names_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["nope"]) == 2
    assert capsys.readouterr().err == "no figure 'nope'; there are: good, bad, lacking, broken\n"
