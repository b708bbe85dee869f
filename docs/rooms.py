"""`python -m docs.rooms` writes docs/rooms.md and rooms.svg: the rooms and who reads whom, from the code."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from docs.picture import draw
from tests.architecture.source import Module, modules

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "rooms.md"
PICTURE = ROOT / "docs" / "rooms.svg"
CONTRACT = ROOT / ".importlinter"
PACKAGE = "crm_assist"
# One title for each line of the contract, from the top.
BANDS = ("start-up", "edges", "story", "index", "steps", "ground", "ground", "ground", "foundation")
INTRODUCTION = """# The rooms

Each room does one thing and reads only rooms below its own band; steps never read each other. `.importlinter` is the
contract, a test holds it, and this page is made from the code: `python -m docs.rooms`.

![The rooms in bands, from start-up down to the foundation, with a line for each import](rooms.svg)

Lines to the foundation, which every room may read, are left out of the picture, and so is the index of models.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A room: its band, the promise in its docstring, its size, and the rooms it reads."""

    name: str
    band: str
    promise: str
    modules: int
    lines: int
    reads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """All rooms by name, and their names row by row from the top."""

    rooms: Mapping[str, Room]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def read_house() -> House:
    """The house as the code stands now; a room with no code in it does not exist yet."""
    by_room: dict[str, list[Module]] = {}
    for module in modules(PACKAGE):
        parts = module.name.split(".")
        if len(parts) > 1:
            by_room.setdefault(parts[1], []).append(module)
    by_room = {name: found for name, found in by_room.items() if any(module.tree.body for module in found)}
    layers = read_layers(CONTRACT.read_text())
    if len(layers) != len(BANDS):
        raise ValueError(f".importlinter has {len(layers)} layers, docs/rooms.py names {len(BANDS)} bands")
    rows = tuple(
        (band, tuple(name for name in layer if name in by_room)) for band, layer in zip(BANDS, layers, strict=True)
    )
    rooms = {
        name: _room(name, band=band, found=by_room[name], known=by_room.keys())
        for band, names in rows
        for name in names
    }
    return House(rooms=rooms, rows=rows)


def read_layers(contract: str) -> list[list[str]]:
    """The layers of an import-linter file from the top, each as its names, without brackets and separators."""
    parser = configparser.ConfigParser()
    parser.read_string(contract)
    text = parser["importlinter:contract:layers"]["layers"]
    return [re.findall(r"\w+", line) for line in text.splitlines() if line.strip()]


def page(house: House) -> str:
    """The page: picture, then one table for each band."""
    parts = [INTRODUCTION]
    bands: dict[str, list[str]] = {}
    for band, names in house.rows:
        bands.setdefault(band, []).extend(names)
    for band, names in bands.items():
        if names:
            parts.append(f"## {band.capitalize()}\n\n{_table([house.rooms[name] for name in names])}")
    return "\n".join(parts)


def picture(house: House) -> str:
    """The picture, a function of the rooms and their imports alone."""
    foundation = {name for band, names in house.rows for name in names if band == "foundation"}
    rows = [(band, names) for band, names in house.rows if names and band != "index"]
    shown = {name for _, names in rows for name in names}
    edges = [
        (room.name, read)
        for room in house.rooms.values()
        for read in room.reads
        if room.name in shown and read in shown - foundation
    ]
    return draw(rows, edges)


def _room(name: str, *, band: str, found: Sequence[Module], known: Collection[str]) -> Room:
    reads = {
        imported.name.split(".")[1]
        for module in found
        for imported in module.imports()
        if imported.name.startswith(f"{PACKAGE}.")
    }
    return Room(
        name=name,
        band=band,
        promise=_promise(found),
        modules=sum(1 for module in found if module.tree.body),
        lines=sum(module.text.count("\n") for module in found),
        reads=tuple(sorted(read for read in reads if read in known and read != name)),
    )


def _promise(found: Sequence[Module]) -> str:
    """First line of the room's own docstring, else of its first module's that has one."""
    top = min(found, key=lambda module: module.name.count("."))
    texts = (ast.get_docstring(module.tree) for module in (top, *found))
    return next((text.splitlines()[0] for text in texts if text), "")


def _table(rooms: Sequence[Room]) -> str:
    lines = ["| room | what it is for | modules | lines | reads |", "|---|---|---:|---:|---|"]
    for room in rooms:
        cells = (
            f"`{room.name}`",
            room.promise.replace("|", "\\|"),
            room.modules,
            room.lines,
            ", ".join(room.reads) or "-",
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write both files."""
    house = read_house()
    PAGE.write_text(page(house))
    PICTURE.write_text(picture(house))
    print(f"{len(house.rooms)} rooms: wrote {PAGE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
