"""The values a card is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .errors import CardError

Kind = Literal["number", "category"]

RANK = 3
"""How many common factors the uncertainty of the points is stored with."""

LEVEL = 0.90
"""The coverage of every interval."""

QUANTILE = 1.6448536269514722
"""The two-sided 90 % quantile of the normal distribution."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """What one bin of a feature stands for: a range [low, high), a level, the pooled rest, or "missing"."""

    feature: str
    code: int
    low: float | None = None
    high: float | None = None
    level: str | None = None
    is_pooled: bool = False
    is_missing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """One feature of a card: where its bins lie, the points of each, and how sure the points are.

    `points` are log-odds before calibration, against the mean of the training population; `share` is the part
    of that population in each bin. `diagonal` and `factors` (RANK numbers per bin) give the covariance of the
    points: between bins a and b, factors[a] . factors[b], plus diagonal[a] when a is b. All have one entry
    per bin.
    """

    name: str
    kind: Kind
    points: tuple[float, ...]
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    share: tuple[float, ...] = ()
    diagonal: tuple[float, ...] = ()
    factors: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        """Make every number a float, so that one card has one text; what is left empty is zero."""
        for name in ("edges", "points", "share", "diagonal"):
            object.__setattr__(self, name, tuple(map(float, getattr(self, name))))
        zeros = (0.0,) * self.size
        object.__setattr__(self, "share", self.share or zeros)
        object.__setattr__(self, "diagonal", self.diagonal or zeros)
        factors = self.factors or ((0.0,) * RANK,) * self.size
        object.__setattr__(self, "factors", tuple(tuple(map(float, row)) for row in factors))
        if len(self.points) != self.size:
            raise CardError(
                f"feature {self.name!r} has {len(self.points)} points for {self.size} bins; give one per bin"
            )

    @property
    def size(self) -> int:
        """Return how many bins there are, the pooled or missing one included."""
        return (len(self.edges) if self.kind == "number" else len(self.levels)) + 2

    def bin(self, code: int) -> Bin:
        """Return what bin `code` stands for."""
        if code == self.size - 1:
            return Bin(feature=self.name, code=code, is_missing=True)
        if self.kind == "category":
            level = self.levels[code - 1] if code else None
            return Bin(feature=self.name, code=code, level=level, is_pooled=code == 0)
        low = self.edges[code - 1] if code else None
        high = self.edges[code] if code < len(self.edges) else None
        return Bin(feature=self.name, code=code, low=low, high=high)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """What two features of a card say together, beyond what each says alone.

    `points`, `share` and `diagonal` have an entry for each bin of `first` with each bin of `second`, the bins of
    `second` running fastest: the entry of bins a and b is at `a * width + b`. Their meaning is that of a feature's,
    and their mean over the training population is zero for every bin of either feature.
    """

    first: str
    second: str
    width: int
    points: tuple[float, ...]
    share: tuple[float, ...] = ()
    diagonal: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Make every number a float, so that one card has one text; what is left empty is zero."""
        for name in ("points", "share", "diagonal"):
            object.__setattr__(self, name, tuple(map(float, getattr(self, name))))
        zeros = (0.0,) * len(self.points)
        object.__setattr__(self, "share", self.share or zeros)
        object.__setattr__(self, "diagonal", self.diagonal or zeros)

    @property
    def names(self) -> tuple[str, str]:
        """Return the names of both features."""
        return self.first, self.second


def check_pairs(pairs: Sequence[Pair], parts: Sequence[Feature]) -> None:
    """Raise CardError unless every pair is of two features of the card, stands once, and has a point per cell."""
    sizes = {part.name: part.size for part in parts}
    seen: set[frozenset[str]] = set()
    for pair in pairs:
        told = f"pair {pair.first!r} with {pair.second!r}"
        for name in pair.names:
            if name not in sizes:
                raise CardError(f"{told}: the card has no feature {name!r}; it has {', '.join(sizes)}")
        if pair.first == pair.second or frozenset(pair.names) in seen:
            raise CardError(f"{told} is given twice, or of one feature; each pair of two features stands once")
        seen.add(frozenset(pair.names))
        cells = sizes[pair.first] * sizes[pair.second]
        lengths = {len(pair.points), len(pair.share), len(pair.diagonal)}
        if pair.width != sizes[pair.second] or lengths != {cells}:
            raise CardError(
                f"{told} has {len(pair.points)} points in rows of {pair.width}; the features have "
                f"{sizes[pair.first]} and {sizes[pair.second]} bins: give one point for each bin with each bin"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """The line that turns the sum of points into the calibrated logit: `slope * sum + offset`, slope > 0."""

    slope: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """The uncertainty of the intercept, in the same form as that of the points."""

    diagonal: float = 0.0
    factors: tuple[float, ...] = (0.0,) * RANK


@dataclass(frozen=True, kw_only=True, slots=True)
class Purpose:
    """What the card predicts, within how many days, for the customers of which adapter, and to what use.

    What is left empty is not said yet: publication says it. `use` is one of `crm_assist.types.Use`.
    """

    target: str = ""
    label: str = ""
    horizon_days: int | None = None
    adapter: str = ""
    use: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """What the card learned from; `auc` and `ece` come from rows that were held out.

    `since` and `until` are the first and the last moment as ISO text. `judged` is how many rows were held out,
    `judged_positives` how many of them had the outcome, `in_time` whether they were later than those learned from.
    `agreement` is the largest distance between the card and the estimator it was compiled from, over `compared` rows.
    """

    rows: int = 0
    positives: int = 0
    since: str | None = None
    until: str | None = None
    seed: int = 0
    auc: float | None = None
    ece: float | None = None
    left_out: tuple[str, ...] = ()
    judged: int = 0
    judged_positives: int = 0
    in_time: bool = False
    agreement: float | None = None
    compared: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Golden:
    """A row with the probability it must always get: loading a card tries it again."""

    row: dict[str, float | str | bool | None] = field(default_factory=dict, hash=False)
    probability: float
