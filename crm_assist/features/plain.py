"""Sources as plain numbers and texts: what they are is known only when a query knows the fields of its model."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, DurationField, Func, TextField, Value
from django.db.models.functions import Cast

from crm_assist.features.elapsed import DurationDays


class PlainNumber(Func):
    """The number itself, or the days of a duration: known only when the query knows the model's fields."""

    def resolve_expression(self, *args: Any, **options: Any) -> Any:
        """Gives way to its source, so that a plain column stays a plain column."""
        (source,) = super().resolve_expression(*args, **options).get_source_expressions()
        if not isinstance(source.output_field, DurationField):
            return source
        days = DurationDays()
        days.set_source_expressions([source])
        return days


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
