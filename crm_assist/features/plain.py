"""Sources as plain numbers and texts: what they are is known only when a query knows the fields of its model."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, DecimalField, DurationField, Func, TextField, Value
from django.db.models.functions import Cast

from crm_assist.features.elapsed import DurationDays

WIDEST = 307
"""So many digits before and after the point a float holds in any case."""

SMALLEST, GREATEST = "2.2250738585072014E-308", "1.7976931348623157E+308"
"""The least and the greatest normal float, as both databases read them."""


class PlainNumber(Func):
    """The number itself, or the days of a duration: known only when the query knows the model's fields."""

    def resolve_expression(self, *args: Any, **options: Any) -> Any:
        """Gives way to its source, so that a plain column stays a plain column."""
        (source,) = super().resolve_expression(*args, **options).get_source_expressions()
        field = source.output_field
        if isinstance(field, DurationField):
            return _around(DurationDays(), source)
        return _around(WithinFloat(output_field=field), source) if _may_be_no_float(field) else source


def _around(function: Func, source: Any) -> Func:
    function.set_source_expressions([source])
    return function


def _may_be_no_float(field: Any) -> bool:
    """Whether a decimal column is declared so wide that a float may not hold what is in it."""
    if not isinstance(field, DecimalField) or field.max_digits is None:
        return False
    places = field.decimal_places or 0
    return max(field.max_digits - places, places) > WIDEST


class WithinFloat(Func):
    """The number, nothing where it is greater than any float, 0 below the least: PostgreSQL would raise on both."""

    def as_sql(self, compiler: Any, connection: Any, **options: Any) -> Any:  # type: ignore[override]
        """By its magnitude; a numeric that is no number is greater than any."""
        (source,) = self.get_source_expressions()
        sql, params = compiler.compile(source)
        kinds = f"WHEN ABS({sql}) < {SMALLEST} THEN 0 WHEN ABS({sql}) <= {GREATEST} THEN ({sql})"
        return f"(CASE {kinds} END)", (*params, *params, *params)


class PlainText(Func):
    """The text itself, or the text of a number, the same on every database."""

    def resolve_expression(self, *args: Any, **options: Any) -> Any:
        """Gives way to its source where that is a text."""
        (source,) = super().resolve_expression(*args, **options).get_source_expressions()
        if isinstance(source.output_field, CharField | TextField):
            return source
        text = Cast(Value(""), CharField())
        text.set_source_expressions([source])
        return text
