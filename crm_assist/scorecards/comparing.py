"""Two cards of one target compared: what each feature says now and said before. Standard library only.

Bins differ between cards, so that a feature is compared cell by cell: a cell is what neither card divides (a range, a
level, the pooled rest, "missing"). Where a card does not tell some ranges apart, each has a part of its share by its
width (one without end counts as wide as all edges together); categories that it does not tell apart have equal parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .parts import Bin, Feature, Pair
from .row import sigmoid
from .scorecard import Scorecard

ChangeKind = Literal["came", "went", "moved", "same"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CellChange:
    """One cell: its points before and after on the calibrated scale (log-odds), and its share of customers."""

    cell: Bin
    before: float
    after: float
    share: float

    @property
    def move(self) -> float:
        """Return by how much the points moved."""
        return self.after - self.before


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureChange:
    """One feature: whether it came, went, moved or stayed, and by how much the typical customer's points move.

    `move` is the mean size of the move over the customers of both cards, in calibrated log-odds, at least 0. `cells`
    are told with the largest part of it first; those of a number are the bins of the newer card, with the mean of what
    the older one says there, and `edges` are its edges. `names` has two names for a pair, which has no cells.
    """

    names: tuple[str, ...]
    kind: ChangeKind
    move: float
    cells: tuple[CellChange, ...] = ()
    edges: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two cards: every feature and pair, the largest move first, and the logit of the usual customer in each."""

    changes: tuple[FeatureChange, ...]
    base_before: float
    base_after: float

    @property
    def usual_before(self) -> float:
        """Return the probability of the usual customer by the first card."""
        return sigmoid(self.base_before)

    @property
    def usual_after(self) -> float:
        """Return the probability of the usual customer by the second card."""
        return sigmoid(self.base_after)

    def effect(self, move: float) -> float:
        """Return by how much `move` (log-odds, at least 0) raises the probability of the usual customer, 0 to 1."""
        return sigmoid(self.base_after + move) - self.usual_after


def compare(before: Scorecard, after: Scorecard) -> Comparison:
    """Return what changed from one card to the other; equal cards give only features that are the same."""
    old, new = ({part.name: part for part in card.parts} for card in (before, after))
    slopes = before.calibration.slope, after.calibration.slope
    changes = []
    for name in dict.fromkeys([*new, *old]):
        one, other = old.get(name), new.get(name)
        if one is not None and other is not None and one.kind != other.kind:
            # Read as another kind, it is another feature of the same name.
            changes += [_change(one, None, slopes), _change(None, other, slopes)]
        else:
            changes.append(_change(one, other, slopes))
    changes += _pair_changes(before, after)
    return Comparison(
        changes=tuple(sorted(changes, key=lambda change: -change.move)),
        base_before=before.row_plan.base,
        base_after=after.row_plan.base,
    )


def _change(old: Feature | None, new: Feature | None, slopes: tuple[float, float]) -> FeatureChange:
    given = [part for part in (new, old) if part is not None]
    owner, cells = given[0], _cells(given)
    sides = [_side(part, slope, cells) for part, slope in zip((old, new), slopes, strict=True)]
    compared = [
        CellChange(cell=cell, before=p, after=q, share=(s + t) / len(given))
        for cell, (p, s), (q, t) in zip(cells, *sides, strict=True)
    ]
    kind: ChangeKind = "came" if old is None else "went" if new is None else "moved"
    if kind == "moved" and all(one.before == one.after for one in compared):
        kind = "same"
    told = _gathered(owner, compared) if owner.kind == "number" else compared
    return FeatureChange(
        names=(owner.name,),
        kind=kind,
        move=sum(one.share * abs(one.move) for one in compared),
        cells=tuple(sorted(told, key=lambda one: (-one.share * abs(one.move), -abs(one.move)))),
        edges=owner.edges,
    )


def _side(part: Feature | None, slope: float, cells: Sequence[Bin]) -> list[tuple[float, float]]:
    """Return points and share of each cell by one card; nothing of a feature that it does not have."""
    if part is None:
        return [(0.0, 0.0)] * len(cells)
    codes, widths = [_bin_of(part, cell) for cell in cells], _widths(cells)
    whole = [0.0] * part.size
    for code, width in zip(codes, widths, strict=True):
        whole[code] += width
    return [
        (slope * part.points[code], part.share[code] * width / whole[code])
        for code, width in zip(codes, widths, strict=True)
    ]


def _widths(cells: Sequence[Bin]) -> list[float]:
    """Return how wide each cell counts, above 0."""
    edges = [cell.low for cell in cells if cell.low is not None]
    endless = (edges[-1] - edges[0] if edges else 0.0) or 1.0
    return [endless if cell.low is None or cell.high is None else cell.high - cell.low for cell in cells]


def _gathered(owner: Feature, cells: Sequence[CellChange]) -> list[CellChange]:
    """Return the cells of each bin of `owner` as one, with the means of what they say."""
    by_bin: dict[int, list[CellChange]] = {}
    for one in cells:
        by_bin.setdefault(_bin_of(owner, one.cell), []).append(one)
    result = []
    for code, inside in by_bin.items():
        share = sum(one.share for one in inside)
        weights = [one.share / share if share else 1.0 / len(inside) for one in inside]
        before, after = (
            sum(weight * value for weight, value in zip(weights, values, strict=True))
            for values in ([one.before for one in inside], [one.after for one in inside])
        )
        result.append(CellChange(cell=owner.bin(code), before=before, after=after, share=share))
    return result


def _cells(parts: Sequence[Feature]) -> list[Bin]:
    """Return the cells that the parts, all of one name and kind, divide their values into."""
    name = parts[0].name
    if parts[0].kind == "category":
        levels = dict.fromkeys(level for part in reversed(parts) for level in part.levels)
        found = [Bin(feature=name, code=0, is_pooled=True)]
        found += [Bin(feature=name, code=code, level=level) for code, level in enumerate(levels, start=1)]
    else:
        edges = sorted({edge for part in parts for edge in part.edges})
        lows: list[float | None] = [None, *edges]
        highs: list[float | None] = [*edges, None]
        ranges = enumerate(zip(lows, highs, strict=True))
        found = [Bin(feature=name, code=code, low=low, high=high) for code, (low, high) in ranges]
    return [*found, Bin(feature=name, code=len(found), is_missing=True)]


def _bin_of(part: Feature, cell: Bin) -> int:
    """Return which bin of `part` holds the cell."""
    if cell.is_missing:
        return part.size - 1
    if part.kind == "category":
        return part.levels.index(cell.level) + 1 if cell.level in part.levels else 0
    return sum(1 for edge in part.edges if cell.low is not None and edge <= cell.low)


def _pair_changes(before: Scorecard, after: Scorecard) -> list[FeatureChange]:
    old, new = ({frozenset(pair.names): pair for pair in card.pairs} for card in (before, after))
    changes = []
    for key in dict.fromkeys([*new, *old]):
        one, other = old.get(key), new.get(key)
        if one is None and other is not None:
            changes.append(FeatureChange(names=other.names, kind="came", move=_size(other, after)))
        elif one is not None and other is None:
            changes.append(FeatureChange(names=one.names, kind="went", move=_size(one, before)))
        elif one is not None and other is not None:
            move = _distance(one, other, before, after)
            changes.append(FeatureChange(names=other.names, kind="moved" if move else "same", move=move))
    return changes


def _size(pair: Pair, card: Scorecard) -> float:
    size = sum(share * abs(points) for share, points in zip(pair.share, pair.points, strict=True))
    return card.calibration.slope * size


def _distance(one: Pair, other: Pair, before: Scorecard, after: Scorecard) -> float:
    """Return the mean move of a pair: exact where both cut it alike, else the sum of both sizes, which bounds it."""
    alike = all(
        before.part(name).edges == after.part(name).edges and before.part(name).levels == after.part(name).levels
        for name in other.names
    )
    if not alike or one.names != other.names:
        return _size(one, before) + _size(other, after)
    slopes = before.calibration.slope, after.calibration.slope
    rows = zip(one.points, other.points, one.share, other.share, strict=True)
    return sum((s + t) / 2.0 * abs(slopes[1] * q - slopes[0] * p) for p, q, s, t in rows)
