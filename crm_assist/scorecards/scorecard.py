"""The card itself: a frozen value with its three executions."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .document import canonical, check_members, checked_size, parsed, seal
from .errors import CardError, shown
from .parts import Calibration, Feature, Golden, Kind, Pair, Purpose, Spread, Training, check_pairs
from .purposes import check_purpose
from .row import RowPlan, row_plan, sigmoid
from .score import Score

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from django.db.models.expressions import Combinable, Expression

GOLDEN_TOLERANCE = 1e-9


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scorecard:
    """A trained model as plain data: one calibrated probability for a row, a batch and a table in SQL."""

    parts: tuple[Feature, ...]
    intercept: float
    calibration: Calibration = dataclasses.field(default_factory=Calibration)
    pairs: tuple[Pair, ...] = ()
    spread: Spread = dataclasses.field(default_factory=Spread)
    purpose: Purpose = dataclasses.field(default_factory=Purpose)
    trained: Training = dataclasses.field(default_factory=Training)
    golden: tuple[Golden, ...] = ()

    def __post_init__(self) -> None:
        """Refuse pairs that do not fit the features."""
        check_pairs(self.pairs, self.parts)

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Return the names of the features, in the card's order."""
        return tuple(part.name for part in self.parts)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each feature by name: "number" or "category"."""
        return {part.name: part.kind for part in self.parts}

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the card's canonical text, in hexadecimal: its identity."""
        return seal(canonical(self))

    @cached_property
    def row_plan(self) -> RowPlan:
        """Return the card laid out for scoring, calibration folded into the points."""
        return row_plan(
            self.parts, self.pairs, intercept=self.intercept, calibration=self.calibration, spread=self.spread
        )

    def part(self, name: str) -> Feature:
        """Return the feature called `name`; CardError when the card has none of that name."""
        for part in self.parts:
            if part.name == name:
                return part
        raise CardError(f"this card has no feature {name!r}; it has {', '.join(self.features)}")

    def one(self, row: Mapping[str, object]) -> float:
        """Return the calibrated probability of one record and nothing else, as fast as plain Python can."""
        return sigmoid(self.row_plan.logit(row))

    def score(self, row: Mapping[str, object]) -> Score:
        """Return the full score of one record: probability, 90 % interval and exact contributions."""
        return self.row_plan.score(row)

    def probability(self, columns: Mapping[str, Any]) -> npt.NDArray[np.float64]:
        """Return the calibrated probabilities, shape (n,), of columns of equal length n (a DataFrame works).

        Raises CardError on a missing column, ragged lengths, or a value of the wrong kind.
        """
        # NumPy is optional: a web process that scores single records never loads it.
        from .batch import probabilities

        return probabilities(self, columns)

    def expression(self, features: Mapping[str, Combinable]) -> Expression:
        """Return a Django expression of the calibrated probability, given one expression per feature.

        Works in annotate, filter, order_by, aggregate and INSERT .. SELECT, on PostgreSQL and SQLite.
        """
        # Django is optional here: a card is scored and read without it.
        from .sql import probability_expression

        return probability_expression(self, features)

    def with_purpose(self, purpose: Purpose) -> Scorecard:
        """Return the same card with its purpose stated; the digest changes, the points do not.

        Raises CardError when the card was fitted for another one.
        """
        check_purpose(self.purpose, purpose)
        return dataclasses.replace(self, purpose=purpose)

    def check_features(self, declared: Mapping[str, str], sensitive: Collection[str] = ()) -> None:
        """Raise CardError unless every feature is declared with the card's kind and none is sensitive."""
        for part in self.parts:
            if part.name in sensitive:
                raise CardError(f"feature {part.name!r} is sensitive and must not be in a card; fit it again without")
            if part.name not in declared:
                raise CardError(f"feature {part.name!r} is not declared by the adapter; declare it or fit without it")
            if declared[part.name] != part.kind:
                raise CardError(
                    f"feature {part.name!r} is declared as {shown(declared[part.name])} but the card reads "
                    f"it as {part.kind!r}; fit the card again on the declared kind"
                )

    def dumps(self) -> str:
        """Return the card as JSON text, complete and exact: floats keep every digit."""
        text = canonical(self)
        return f'{text[:-1]},"sha256":"{seal(text)}"}}'

    @classmethod
    def loads(cls, text: str | bytes) -> Scorecard:
        """Return the card in `text`; CardError names the fault of a text that is no sound card of this
        schema.
        """
        document = parsed(checked_size(text))
        card = cls(**document.fields())
        check_members(text, card)
        if card.digest != document.digest:
            raise CardError(
                f"sha256 is {shown(document.digest)} but the content gives {card.digest!r}; "
                "the card was altered after it was written: take it again from its source"
            )
        card.check_golden()
        return card

    def check_golden(self) -> None:
        """Raise CardError unless every golden row still gets its stored probability."""
        for number, golden in enumerate(self.golden):
            got = self.one(golden.row)
            if not abs(got - golden.probability) <= GOLDEN_TOLERANCE:
                raise CardError(
                    f"golden[{number}]: the stored probability is {golden.probability!r}, this card gives "
                    f"{got!r}; the points were altered or another version wrote the card: fit it again"
                )
