"""The colours of the style sheets: one source, and all sheets up to date."""

from __future__ import annotations

import re

import pytest

from docs.colours import CAN_FOLLOW, COLOURS, SHEETS, WRITERS, written


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_sheet__committed__has_the_colours_of_the_source(name: str) -> None:
    assert (SHEETS / name).read_text() == written(name), "run: python -m docs.colours"


@pytest.mark.parametrize("name", sorted(path.name for path in SHEETS.glob("*.css")))
def test_sheet__no_other_colour__stands_in_it(name: str) -> None:
    known = {colour for pair in COLOURS.values() for colour in pair}
    text = (SHEETS / name).read_text().replace(CAN_FOLLOW, "")
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", text)) <= known


def test_sheets__every_colour_that_is_used__is_one_of_the_source() -> None:
    text = "".join(path.read_text() for path in SHEETS.glob("*.css"))
    used = set(re.findall(r"var\(--ca-([a-z-]+)\)", text))
    assert used <= set(COLOURS)
