"""A figure knows its bar, and the register knows every figure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks import figure as registered
from benchmarks.figure import FIGURES, Measured, Run, figure, load_figures, number, select
from benchmarks.needs import NEEDS


@pytest.fixture
def empty_register(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No figure but the test's own."""
    monkeypatch.setattr(registered, "FIGURES", {})
    return


def give(value: float = 1.0) -> Measured:
    """A measurement of nothing."""
    return Measured(value=value, reference="nothing")


@pytest.mark.usefixtures("empty_register")
def test_select__prefix__takes_the_whole_family_in_order() -> None:
    for name in ("row", "row.full", "rows", "sql"):
        figure(name, bar=1, better="higher")(lambda run: give())
    assert [f.id for f in select(["row"])] == ["row", "row.full"]
    assert [f.id for f in select(["sql", "row.full"])] == ["sql", "row.full"]
    assert [f.id for f in select([])] == ["row", "row.full", "rows", "sql"]


@pytest.mark.usefixtures("empty_register")
def test_select__stranger__is_told_the_known_ones() -> None:
    figure("row", bar=1, better="higher")(lambda run: give())
    with pytest.raises(KeyError, match=r"no figure 'line'; there are: row"):
        select(["line"])


@pytest.mark.parametrize("name", ["", "a b", "row.", ".row", "row/full"])
def test_figure__malformed_id__is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="malformed or taken"):
        figure(name, bar=1, better="higher")


@pytest.mark.usefixtures("empty_register")
def test_figure__taken_id_or_unknown_need__is_refused() -> None:
    figure("row", bar=1, better="higher")(lambda run: give())
    with pytest.raises(ValueError, match="taken"):
        figure("row", bar=1, better="higher")
    with pytest.raises(ValueError, match=r"unknown: \['oracle'\]"):
        figure("other", bar=1, better="higher", needs=["oracle"])


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize(
    ("better", "value", "holds"),
    [
        ("higher", 2.0, True),
        ("higher", 1.99, False),
        ("lower", 2.0, True),
        ("lower", 2.01, False),
        ("higher", float("nan"), False),
        ("lower", float("nan"), False),
    ],
)
def test_holds__at_the_bar__is_ok_and_beyond_it_short(better: str, value: float, holds: bool) -> None:
    figure("row", bar=2, better=better)(lambda run: give())  # type: ignore[arg-type]
    assert registered.FIGURES["row"].holds(value) is holds


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.56, "1,235"),
        (1.0, "1"),
        (0.123456, "0.1235"),
        (4.4e-16, "4.4e-16"),
        (0.0, "0"),
        (-2500.0, "-2,500"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_number__any_size__reads_well(value: float, text: str) -> None:
    assert number(value) == text


def test_size__quick__takes_fewer() -> None:
    assert (Run(quick=True).size(full=9, quick=2), Run().size(full=9, quick=2)) == (2, 9)


def test_load_figures__registers_ours_with_known_needs_and_a_bar() -> None:
    load_figures()
    assert "startup" in FIGURES
    assert all(set(f.needs) <= set(NEEDS) and f.bar_text() for f in FIGURES.values())


@pytest.mark.usefixtures("empty_register")
def test_holds__no_bar__is_told_and_never_short_unless_it_is_no_number() -> None:
    figure("bytes", unit=" B")(lambda run: give())
    told = registered.FIGURES["bytes"]
    assert told.bar_text() == "no bar"
    assert told.holds(1e9)
    assert not told.holds(float("nan"))
