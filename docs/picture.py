"""Rows of named boxes with lines between them, as an SVG that reads in light and in dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH = 1120
LABEL = 112
BOX_HEIGHT = 34
ROW_HEIGHT = 84
GAPS = (14.0, 44.0)
ASIDE = 215.0
PADDING = 16
LETTER = 7.6
STYLE = """
  .band { fill: #f4f2ee } .label { fill: #6b675f; font-size: 12px; letter-spacing: .04em }
  .box { fill: #ffffff; stroke: #b9b3a6 } .name { fill: #24221e; font-size: 13px }
  .line { fill: none; stroke: #2f6f73; stroke-opacity: .42; stroke-width: 1.2 } .end { fill: #2f6f73 }
  text { font-family: system-ui, sans-serif }
  @media (prefers-color-scheme: dark) {
    .band { fill: #22252a } .label { fill: #a9adb5 } .box { fill: #2f343b; stroke: #59606b } .name { fill: #f0f1f3 }
    .line { stroke: #7cc4c8; stroke-opacity: .5 } .end { fill: #7cc4c8 }
  }
"""

Box = tuple[float, float, float]
Edge = tuple[str, str]


def draw(rows: Sequence[tuple[str, Sequence[str]]], edges: Sequence[Edge]) -> str:
    """An SVG of the rows, top to bottom, and a line for each edge from a box to one that it reads."""
    boxes = _places(rows)
    height = len(rows) * ROW_HEIGHT + PADDING
    leaving, arriving = _ports(boxes, edges, end=0), _ports(boxes, edges, end=1)
    body = _bands(rows)
    body += [_line(boxes[a], boxes[b], leaving[a, b], arriving[a, b]) for a, b in sorted(edges)]
    body += [_box(name, place) for name, place in boxes.items()]
    names = ", ".join(name for _, row in rows for name in row)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Rooms from the top: {escape(names)}">\n<style>{STYLE}</style>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _places(rows: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Box]:
    """Left, top and width of every box; rows of one band step aside in turn, so that lines pass between."""
    places: dict[str, Box] = {}
    within = 0
    for number, (band, names) in enumerate(rows):
        within = within + 1 if number and rows[number - 1][0] == band else 0
        aside = (0.0, -ASIDE, ASIDE)[within % 3]
        widths = [len(name) * LETTER + 22 for name in names]
        room = (WIDTH - LABEL - 2 * PADDING - sum(widths)) / max(len(names) - 1, 1)
        gap = min(max(room, GAPS[0]), GAPS[1])
        left = LABEL + (WIDTH - LABEL - sum(widths) - gap * (len(names) - 1)) / 2 + aside
        top = number * ROW_HEIGHT + (ROW_HEIGHT + PADDING - BOX_HEIGHT) / 2
        for name, width in zip(names, widths, strict=True):
            places[name] = (left, top, width)
            left += width + gap
    return places


def _ports(boxes: dict[str, Box], edges: Sequence[Edge], *, end: int) -> dict[Edge, float]:
    """Where each line touches its box at that end (0 leaving, 1 arriving): spread in the order of the far ends."""
    ports: dict[Edge, float] = {}
    for name, (left, _, width) in boxes.items():
        touching = [edge for edge in edges if edge[end] == name]
        touching.sort(key=lambda edge: _middle(boxes[edge[1 - end]]))
        for number, edge in enumerate(touching, 1):
            ports[edge] = left + width * (0.12 + 0.76 * number / (len(touching) + 1))
    return ports


def _middle(box: Box) -> float:
    return box[0] + box[2] / 2


def _bands(rows: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """A shaded strip for each run of rows of one band, with its label once."""
    strips = []
    first = 0
    while first < len(rows):
        last = first
        while last + 1 < len(rows) and rows[last + 1][0] == rows[first][0]:
            last += 1
        top = first * ROW_HEIGHT + PADDING
        height = (last - first + 1) * ROW_HEIGHT - PADDING
        strips.append(f'<rect class="band" x="8" y="{top}" width="{WIDTH - 16}" height="{height}" rx="8"/>')
        strips.append(f'<text class="label" x="22" y="{top + height / 2 + 4:.0f}">{escape(rows[first][0])}</text>')
        first = last + 1
    return strips


def _box(name: str, place: Box) -> str:
    left, top, width = place
    return (
        f'<rect class="box" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{BOX_HEIGHT}" rx="6"/>'
        f'<text class="name" x="{left + width / 2:.1f}" y="{top + 22:.1f}" text-anchor="middle">{escape(name)}</text>'
    )


def _line(source: Box, target: Box, x1: float, x2: float) -> str:
    """A curve from the foot of a box to the head of another; an arch above for neighbours in one row."""
    if source[1] == target[1]:
        y = source[1]
        bow = f"M{x1:.1f} {y:.1f}C{x1:.1f} {y - 22:.1f} {x2:.1f} {y - 22:.1f} {x2:.1f} {y:.1f}"
        return f'<path class="line" d="{bow}"/><circle class="end" cx="{x2:.1f}" cy="{y:.1f}" r="2.2"/>'
    y1, y2 = source[1] + BOX_HEIGHT, target[1]
    bend = min(60.0, (y2 - y1) / 2)
    bow = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f}"
    return f'<path class="line" d="{bow}"/><circle class="end" cx="{x2:.1f}" cy="{y2:.1f}" r="2.2"/>'
