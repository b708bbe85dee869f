"""A rule over a whole base: the tree as one Django expression that is true, false or NULL, as `tree.holds` says.

`queryset.filter(rule_expression(rule, expressions))` keeps those for whom it holds. Each feature is evaluated once per
row, behind a fence: without OFFSET 0 both databases pull the inner select up and evaluate a feature once per mention.
Numbers are compared as floats and names byte by byte, as one record in Python is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import NotSupportedError, models
from django.db.models.expressions import Combinable, Expression

from crm_assist.eligibility.rules.tree import (
    Between,
    Compare,
    Comparison,
    Either,
    Every,
    Leaf,
    Missing,
    Not,
    OneOf,
    Rule,
    features_of,
    number_of,
)
from crm_assist.scorecards.sql_text import Fragment

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

SIGNS = {
    Comparison.EQUALS: "=",
    Comparison.DIFFERS: "<>",
    Comparison.BELOW: "<",
    Comparison.AT_MOST: "<=",
    Comparison.ABOVE: ">",
    Comparison.AT_LEAST: ">=",
}


def rule_expression(rule: Rule, features: Mapping[str, Combinable]) -> RuleHolds:
    """The expression of the rule over one expression per feature; KeyError for one that is not given."""
    return RuleHolds(rule, *(features[name] for name in features_of(rule)))


class RuleHolds(Expression):
    """Whether a rule holds for a row: true, false, or NULL where a value is missing."""

    conditional = True

    def __init__(self, rule: Rule, *sources: Any) -> None:
        super().__init__(output_field=models.BooleanField())
        self.rule = rule
        self.sources: list[Any] = list(sources)

    def get_source_expressions(self) -> list[Any]:
        """The expressions of the features, in the rule's order."""
        return self.sources

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Replaces the expressions of the features, as Django does when it resolves them."""
        self.sources = list(exprs)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        """Refuses a database on which the rule has no exact form."""
        raise NotSupportedError(f"rules run in SQL on PostgreSQL and SQLite, not on {connection.vendor}")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        """The SQL for PostgreSQL."""
        return self._select(compiler, _PostgreSQL(), "OFFSET 0")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        """The SQL for SQLite, which wants a limit before an offset."""
        return self._select(compiler, _SQLite(), "LIMIT 1 OFFSET 0")

    def _select(self, compiler: SQLCompiler, form: _Form, fence: str) -> tuple[str, list[Any]]:
        names, kinds = features_of(self.rule), [_field(source) for source in self.sources]
        read = [Fragment(*compiler.compile(source)) for source in self.sources]
        if self.contains_aggregate or self.contains_over_clause:  # these may not stand in a select of their own
            result = form.rule(self.rule, dict(zip(names, zip(read, kinds, strict=True), strict=True)))
            return result.sql, list(result.params)
        fenced = [Fragment(f"r.r{i}") for i in range(len(names))]
        inner = Fragment(", ").join(piece + Fragment(f" AS r{i}") for i, piece in enumerate(read))
        result = Fragment("(SELECT ") + form.rule(
            self.rule, dict(zip(names, zip(fenced, kinds, strict=True), strict=True))
        )
        result += Fragment(" FROM (SELECT ") + inner + Fragment(f" {fence}) AS r)")
        return result.sql, list(result.params)


Column = tuple[Fragment, Any]
"""The SQL of a feature's value, and its field; None where only the database knows what it is."""


def _field(source: Any) -> Any:
    try:
        return source.output_field
    except (FieldError, AttributeError):
        return None


class _Form(ABC):
    """A rule in SQL; the databases differ in how a number and a name are read."""

    @abstractmethod
    def number(self, column: Column) -> Fragment:
        """The value as a float, NULL where it is missing."""

    @abstractmethod
    def name(self, column: Column) -> Fragment:
        """The value as a text that is compared byte by byte."""

    @abstractmethod
    def constant(self, value: float) -> Fragment:
        """A float, bit by bit."""

    def rule(self, rule: Rule, columns: Mapping[str, Column]) -> Fragment:
        match rule:
            case Every(parts=parts):
                return (
                    Fragment("(") + Fragment(" AND ").join(self.rule(each, columns) for each in parts) + Fragment(")")
                )
            case Either(parts=parts):
                return Fragment("(") + Fragment(" OR ").join(self.rule(each, columns) for each in parts) + Fragment(")")
            case Not(part=part):
                return Fragment("(NOT ") + self.rule(part, columns) + Fragment(")")
            case _:
                return Fragment("(") + self.leaf(rule, columns[rule.feature]) + Fragment(")")

    def leaf(self, leaf: Leaf, column: Column) -> Fragment:
        match leaf:
            case Missing(missing=missing):
                return self.known(column) + Fragment(" IS NULL" if missing else " IS NOT NULL")
            case OneOf(names=names, within=within):
                held = Fragment(", ").join(Fragment("%s", [name]) for name in names)
                return self.name(column) + Fragment(" IN (" if within else " NOT IN (") + held + Fragment(")")
            case Between(low=low, high=high, within=within):
                word = Fragment(" BETWEEN " if within else " NOT BETWEEN ")
                ends = self.constant(number_of(low)) + Fragment(" AND ") + self.constant(number_of(high))
                return self.number(column) + word + ends
            case Compare(how=how, value=str(wanted)):
                return self.name(column) + Fragment(f" {SIGNS[how]} %s", [wanted])
            case Compare(how=how, value=constant):
                return self.number(column) + Fragment(f" {SIGNS[how]} ") + self.constant(number_of(constant))

    def known(self, column: Column) -> Fragment:
        """Something that is NULL where the value is missing: what is no number is missing too."""
        return self.number(column) if isinstance(column[1], models.FloatField | models.DecimalField) else column[0]


class _PostgreSQL(_Form):
    def number(self, column: Column) -> Fragment:
        given, field = column
        cast = ")::int::float8" if isinstance(field, models.BooleanField) else ")::float8"
        # NaN sorts above every number in PostgreSQL, and it means "missing".
        return Fragment("NULLIF((") + given + Fragment(f"{cast}, 'NaN'::float8)")

    def name(self, column: Column) -> Fragment:
        given, field = column
        cast = ")::boolean::text" if isinstance(field, models.BooleanField) else ")::text"
        # A column's own collation may call different texts equal; names are compared byte by byte.
        return Fragment("(") + given + Fragment(f'{cast} COLLATE "C"')

    def constant(self, value: float) -> Fragment:
        return Fragment("%s::float8", [value])


class _SQLite(_Form):
    def number(self, column: Column) -> Fragment:
        return Fragment("CAST(") + column[0] + Fragment(" AS REAL)")

    def name(self, column: Column) -> Fragment:
        given, field = column
        if isinstance(field, models.BooleanField):
            return Fragment("(CASE ") + given + Fragment(" WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)")
        return Fragment("CAST(") + given + Fragment(" AS TEXT) COLLATE BINARY")

    def constant(self, value: float) -> Fragment:
        return Fragment("%s", [value])  # bound as it is: SQLite reads the text of a float less exactly
