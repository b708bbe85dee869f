"""The colours of our style sheets, said once: `python -m docs.colours` writes them into each sheet.

They stand in every sheet, and not in one that the others import: an imported sheet carries no nonce, so that a strict
content policy would refuse it, and a host that links one sheet alone would have no colours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

SHEETS = Path(__file__).resolve().parents[1] / "crm_assist" / "static" / "crm_assist"
BEGIN, END = "/* Colours, made by python -m docs.colours. */\n", "/* End of the colours. */\n"

COLOURS = {
    "text": ("#1c2430", "#e8ecf2"),
    "soft": ("#566173", "#aab4c3"),
    "line": ("#d5dbe4", "#3a4453"),
    "edge": ("#7b8798", "#8793a5"),
    "ground": ("#ffffff", "#1a202a"),
    "raised": ("#f5f7fa", "#232b37"),
    "main": ("#14548c", "#8cc3f5"),
    "on-main": ("#ffffff", "#0d1a28"),
    "good": ("#17653a", "#86d9a8"),
    "good-ground": ("#e2f3e9", "#17382a"),
    "bad": ("#93321d", "#f3a794"),
    "bad-ground": ("#fbe9e4", "#432019"),
    "warn": ("#6d4c00", "#f4d88a"),
    "warn-ground": ("#fdf1d8", "#42360f"),
}
"""Each colour in light and in dark; every pair of text and ground keeps 4.5 to 1, which a browser test measures."""

CAN_FOLLOW = "@supports (color: light-dark(#000, #fff))"
"""Browsers since 2024; older ones stay light, or follow `data-theme`."""
PANEL = (".crm-assist", ".crm-assist-cell")
ADMIN_LIGHT = (':root[data-bs-theme="light"]', ":root:has(#page.bg-white):not(.dark)")
ADMIN_DARK = (':root[data-bs-theme="dark"]', ":root.dark")


def panel() -> Iterator[str]:
    """The panel's, which a host may recolour."""
    yield from _following(list(PANEL), [f'[data-theme="dark"] {one}' for one in PANEL])


def pages() -> Iterator[str]:
    """Those of our own pages."""
    yield from _following([":root"], [':root[data-theme="dark"]'])


def _following(selectors: list[str], dark: list[str]) -> Iterator[str]:
    """Light or dark as the page around is, by its `color-scheme` or `data-theme`, never by the system's wish alone."""
    yield _rule(selectors, _own(0))
    yield CAN_FOLLOW + " {\n" + _rule(selectors, _either(), "  ") + "}\n"
    yield _rule([one.replace("dark", "light") for one in dark], ["color-scheme: light"])
    yield _rule(dark, [*_own(1), "color-scheme: dark"])


def admin() -> Iterator[str]:
    """What the admin's themes, which say light and dark in their own ways, set for both."""
    for place, (scheme, selectors) in enumerate((("light", ADMIN_LIGHT), ("dark", ADMIN_DARK))):
        yield _rule(selectors, [f"--crm-assist-{name}: {pair[place]}" for name, pair in COLOURS.items()])
        inside = [f"{one} {part}" for one in selectors for part in (".crm-assist", ".ca-main")]
        yield _rule(inside, [f"color-scheme: {scheme}"])


WRITERS = {"panel.css": panel, "pages.css": pages, "admin.css": admin}


def _own(place: int) -> list[str]:
    return [f"--ca-{name}: var(--crm-assist-{name}, {pair[place]})" for name, pair in COLOURS.items()]


def _either() -> list[str]:
    return [f"--ca-{name}: var(--crm-assist-{name}, light-dark({', '.join(pair)}))" for name, pair in COLOURS.items()]


def _rule(selectors: list[str] | tuple[str, ...], lines: list[str], indent: str = "") -> str:
    head = f",\n{indent}".join(selectors)
    return f"{indent}{head} {{\n" + "".join(f"{indent}  {line};\n" for line in lines) + f"{indent}}}\n"


def written(name: str) -> str:
    """The text of a sheet with the colours as they are here; ValueError when it has no place for them."""
    text = (SHEETS / name).read_text()
    place = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if len(place.findall(text)) != 1:
        raise ValueError(f"{name} needs one place for its colours, between {BEGIN!r} and {END!r}.")
    made = BEGIN + "\n" + "\n".join(WRITERS[name]()) + END
    return place.sub(lambda _found: made, text)


def main() -> None:
    """Write every sheet."""
    for name in WRITERS:
        (SHEETS / name).write_text(written(name))


if __name__ == "__main__":
    main()
