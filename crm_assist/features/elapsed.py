"""Time as a plain number of days, the same on every database."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, FloatField, Func
from django.utils import timezone

DAY = 86_400.0
"""Seconds in a day."""


def moment(at: datetime) -> datetime:
    """The moment as the database wants it: aware with USE_TZ, else naive in the project's time zone."""
    if settings.USE_TZ:
        return timezone.make_aware(at, timezone.get_default_timezone()) if timezone.is_naive(at) else at
    return at if timezone.is_naive(at) else timezone.make_naive(at, timezone.get_default_timezone())


def day_of(at: datetime) -> date:
    """The calendar day of a moment in the project's time zone, whatever language or zone the reader has."""
    return at.date() if timezone.is_naive(at) else timezone.localdate(at, timezone.get_default_timezone())


class ElapsedDays(Func):
    """Days from a stored date or date and time to the moment `at`; negative for the future, NULL for NULL."""

    output_field = FloatField()

    def __init__(self, expression: Any, *, at: datetime, **extra: Any) -> None:
        super().__init__(expression, **extra)
        self.at = moment(at)

    @property
    def _has_time(self) -> bool:
        return isinstance(self.source_expressions[0].output_field, DateTimeField)

    def _parts(self, compiler: Any, connection: Any) -> tuple[str, list[Any], Any]:
        sql, params = compiler.compile(self.source_expressions[0])
        adapt = connection.ops.adapt_datetimefield_value if self._has_time else connection.ops.adapt_datefield_value
        return sql, list(params), adapt(self.at if self._has_time else day_of(self.at))

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        """PostgreSQL: the epoch of an interval, or the difference of two dates, which is a number of days."""
        sql, params, at = self._parts(compiler, connection)
        if self._has_time:
            kind = "timestamptz" if settings.USE_TZ else "timestamp"
            text = f"(EXTRACT(EPOCH FROM (%s::{kind} - ({sql})))::float8 / {DAY})"
        else:
            text = f"(%s::date - ({sql}))::float8"
        return text, [at, *params]

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite: Django's own function, which gives microseconds."""
        sql, params, at = self._parts(compiler, connection)
        return f"(django_timestamp_diff(%s, {sql}) / {DAY * 1e6})", [at, *params]


class DurationDays(Func):
    """A stored duration as a number of days."""

    output_field = FloatField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        """PostgreSQL stores intervals."""
        sql, params = compiler.compile(self.source_expressions[0])
        return f"(EXTRACT(EPOCH FROM ({sql}))::float8 / {DAY})", params

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite stores microseconds."""
        sql, params = compiler.compile(self.source_expressions[0])
        return f"(({sql}) / {DAY * 1e6})", params
