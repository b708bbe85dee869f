"""The page of the rooms tells the truth: it is made from the code and is up to date."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from docs.picture import draw
from docs.rooms import CONTRACT, PAGE, PICTURE, page, picture, read_house, read_layers
from tests.architecture.source import modules

REMEDY = "run `python -m docs.rooms` and commit docs/rooms.md and docs/rooms.svg"


def facts(text: str) -> list[tuple[str, str]]:
    """Room and what it reads, row by row: sizes and wording may change in between."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return [(row[0], row[-1]) for row in rows]


def test_picture__committed__is_up_to_date() -> None:
    assert PICTURE.read_text() == picture(read_house()), REMEDY


def test_page__committed__is_up_to_date() -> None:
    assert facts(PAGE.read_text()) == facts(page(read_house())), REMEDY


def test_house__has__every_room_that_has_code() -> None:
    in_code = {m.name.split(".")[1] for m in modules("crm_assist") if "." in m.name and m.tree.body}
    assert set(read_house().rooms) == in_code


def test_house__reads__only_downwards_or_within_a_row_that_allows_it() -> None:
    house = read_house()
    row_of = {name: number for number, (_, names) in enumerate(house.rows) for name in names}
    upwards = [(r.name, read) for r in house.rooms.values() for read in r.reads if row_of[read] < row_of[r.name]]
    assert upwards == []


def test_read_layers__brackets_and_separators__are_dropped() -> None:
    contract = "[importlinter:contract:layers]\nlayers =\n    (apps)\n    (web) : (api)\n    a | b\n"
    assert read_layers(contract) == [["apps"], ["web", "api"], ["a", "b"]]
    assert ["flow"] in read_layers(CONTRACT.read_text())


@pytest.mark.parametrize("names", [[], ["a"], ["a", "b & <c>"]])
def test_draw__any_rows__is_well_formed_and_inside_its_frame(names: list[str]) -> None:
    edges = [(names[0], names[1])] if len(names) > 1 else []
    root = ElementTree.fromstring(draw([("top", names), ("foot", ["z"])], edges))
    boxes = [e for e in root.iter() if e.get("class") == "box"]
    assert len(boxes) == len(names) + 1
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert all(float(b.attrib["x"]) >= 0 and float(b.attrib["x"]) + float(b.attrib["width"]) <= width for b in boxes)
    assert all(float(b.attrib["y"]) + float(b.attrib["height"]) <= height for b in boxes)


def test_picture__ours__keeps_every_box_apart_and_names_nothing_outside() -> None:
    text = PICTURE.read_text()
    root = ElementTree.fromstring(text)
    places = [tuple(float(e.attrib[k]) for k in ("y", "x", "width")) for e in root.iter() if e.get("class") == "box"]
    places.sort()
    overlaps = [(a, b) for a, b in pairwise(places) if a[0] == b[0] and a[1] + a[2] > b[1]]
    assert overlaps == []
    assert min(x for _, x, _ in places) > 100
    assert set(re.findall(r"https?://[^\"]+", text)) == {"http://www.w3.org/2000/svg"}
