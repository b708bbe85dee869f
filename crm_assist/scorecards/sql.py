"""A whole table in SQL: the card as a Django expression of the calibrated probability.

Shape: `(SELECT 1 / (1 + exp(-<base + sum of lookups>)) FROM (SELECT <feature> AS x0, .. OFFSET 0) AS x)`.
OFFSET 0 is a fence: without it both databases pull the inner select up and evaluate a feature once per
mention. Plain columns need no fence. A card with pairs has one fence more, round the bins of the features that are in
pairs: `.. FROM (SELECT <bin> AS k0, .. OFFSET 0) AS k`, so that each is binned once. Aggregates and windows must not
be inside one (SQLite refuses, PostgreSQL counts one row only), so an expression that holds them is written inline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import NotSupportedError, models
from django.db.models.expressions import Col, Combinable, Expression

from . import sql_postgresql as postgresql
from . import sql_sqlite as sqlite
from .errors import CardError, shown
from .row import CLAMP, lacking
from .sql_text import Fragment, Reading, balanced_sum

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    from .parts import Feature, Pair
    from .scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class Form:
    """How one database writes a card: the formula's beginning, points of a value, bins, points of bins, the fence."""

    opening: str
    points: Callable[[Feature, float, Fragment, Reading], Fragment]
    code: Callable[[Feature, Fragment, Reading], Fragment]
    points_of_code: Callable[[Feature, float, Fragment], Fragment]
    points_of_pair: Callable[[Pair, float, Fragment, Fragment], Fragment]
    fence: str


_NUMBERS = (
    models.BooleanField,
    models.IntegerField,
    models.FloatField,
    models.DecimalField,
    models.DurationField,
)
_CATEGORIES = (models.CharField, models.TextField, models.BooleanField, models.IntegerField)


def probability_expression(card: Scorecard, features: Mapping[str, Combinable]) -> Expression:
    """Return the expression of `card` over one expression per feature; CardError when one is not given."""
    if any(name not in features for name in card.features):
        raise lacking(features, card.features)
    for name in card.features:
        if not hasattr(features[name], "resolve_expression"):
            raise CardError(
                f"feature {name!r}: {shown(features[name])} is not an expression; give F(..) or another one"
            )
    return CardProbability(card, *(features[name] for name in card.features))


def probability_sql(card: Scorecard, columns: Mapping[str, tuple[str, Any]], vendor: str) -> Fragment:
    """Return the SQL of the probability over columns that a query has at hand, each as its name and its field.

    For batches, whose own query has evaluated the features; NotSupportedError for a database without an exact form.
    """
    read = [Fragment(columns[name][0]) for name in card.features]
    sources = [_Column(columns[name][1]) for name in card.features]
    return _formula(card, vendor, read, [_reading(p, s, cheap=True) for p, s in zip(card.parts, sources, strict=True)])


class _Column:
    """What `_reading` needs to know of a column: its field, None where only the database knows."""

    def __init__(self, field: Any) -> None:
        self.output_field = field


def _formula(
    card: Scorecard,
    vendor: str,
    read: Sequence[Fragment],
    readings: Sequence[Reading],
    *,
    inline: bool = False,
) -> Fragment:
    form, slope = _FORMS[vendor], card.calibration.slope
    paired = {name: f"k{turn}" for turn, (name, *_) in enumerate(card.row_plan.together.paired)}
    given = {p.name: (p, value, reading) for p, value, reading in zip(card.parts, read, readings, strict=True)}
    binned = {name: form.code(*given[name]) for name in paired}
    code = binned if inline else {name: Fragment(f"k.{alias}") for name, alias in paired.items()}
    terms = [Fragment(f"({card.row_plan.base!r})")]
    for name, (part, value, reading) in given.items():
        alone = name not in paired
        terms.append(
            form.points(part, slope, value, reading) if alone else form.points_of_code(part, slope, code[name])
        )
    terms += [form.points_of_pair(pair, slope, code[pair.first], code[pair.second]) for pair in card.pairs]
    result = Fragment(form.opening) + balanced_sum(terms) + Fragment("))))) ")
    if inline or not paired:
        return result
    inner = Fragment(", ").join(binned[name] + Fragment(f" AS {alias}") for name, alias in paired.items())
    fence = Fragment(f" {form.fence}) AS k) ")
    return Fragment("(SELECT ") + result + Fragment("FROM (SELECT ") + inner + fence


_FORMS: dict[str, Form] = {
    "postgresql": Form(
        f"(1.0::float8 / (1.0::float8 + EXP(-GREATEST({-CLAMP!r}, LEAST({CLAMP!r}, ",
        postgresql.points,
        postgresql.code,
        postgresql.points_of_code,
        postgresql.points_of_pair,
        "OFFSET 0",
    ),
    "sqlite": Form(
        f"(1.0 / (1.0 + EXP(-MAX({-CLAMP!r}, MIN({CLAMP!r}, ",
        sqlite.points,
        sqlite.code,
        sqlite.points_of_code,
        sqlite.points_of_pair,
        "LIMIT 1 OFFSET 0",
    ),
}
"""How each database that has an exact form writes a card."""


class CardProbability(Expression):
    """The calibrated probability of a card, each feature evaluated once per row."""

    def __init__(self, card: Scorecard, *sources: Any) -> None:
        super().__init__(output_field=models.FloatField())
        self.card = card
        self.sources: list[Any] = list(sources)

    def get_source_expressions(self) -> list[Any]:
        """Return the expressions of the features, in the card's order."""
        return self.sources

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Replace the expressions of the features, as Django does when it resolves them."""
        self.sources = list(exprs)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        """Resolve the features, and refuse one whose column cannot be read as the card's kind."""
        resolved: CardProbability = super().resolve_expression(*args, **kwargs)
        for part, source in zip(self.card.parts, resolved.sources, strict=True):
            _reading(part, source)
        return resolved

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        """Refuse a database for which the card has no exact form."""
        raise NotSupportedError(
            f"a scorecard runs in SQL on PostgreSQL and SQLite, not on {connection.vendor}; "
            "score in batches with card.probability(columns)"
        )

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, list[Any]]:
        """Return the SQL for PostgreSQL."""
        return self._select(compiler, "postgresql")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> tuple[str, list[Any]]:
        """Return the SQL for SQLite."""
        return self._select(compiler, "sqlite")

    def _select(self, compiler: SQLCompiler, vendor: str) -> tuple[str, list[Any]]:
        compiled = [Fragment(*compiler.compile(source)) for source in self.sources]
        inline = self.contains_aggregate or self.contains_over_clause
        fenced = not inline and not all(isinstance(source, Col) for source in self.sources)
        read = [Fragment(f"x.x{i}") for i in range(len(compiled))] if fenced else compiled
        readings = [_reading(*pair, cheap=not inline) for pair in zip(self.card.parts, self.sources, strict=True)]
        result = _formula(self.card, vendor, read, readings, inline=inline)
        if fenced:
            inner = Fragment(", ").join(part + Fragment(f" AS x{i}") for i, part in enumerate(compiled))
            fence = Fragment(f" {_FORMS[vendor].fence}) AS x)")
            result = Fragment("(SELECT ") + result + Fragment("FROM (SELECT ") + inner + fence
        return result.sql, list(result.params)


def _reading(part: Feature, source: Any, *, cheap: bool = False) -> Reading:
    """Return how the database's value of `source` is read; CardError when it cannot be the feature's kind.

    `cheap` says that naming the source does not evaluate it anew.
    """
    try:
        field = source.output_field
    except (FieldError, AttributeError):
        return Reading.PLAIN  # a mixed or untyped expression: the database's own cast decides
    if field is None:
        return Reading.PLAIN
    if not isinstance(field, _NUMBERS if part.kind == "number" else _CATEGORIES):
        raise CardError(
            f"feature {part.name!r} is a {part.kind} but its expression gives a {type(field).__name__}; "
            "give an expression of the right kind, or wrap it in Cast(..)"
        )
    if isinstance(field, models.BooleanField):
        return Reading.BOOLEAN
    if isinstance(field, models.DurationField):
        return Reading.DURATION
    return Reading.CHEAP if cheap and isinstance(field, models.FloatField | models.IntegerField) else Reading.PLAIN
