"""What is summed up from a customer's related rows; each compiles to a sub-select of its own.

Two joined aggregates would multiply each other, so nothing here ever joins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Avg,
    BooleanField,
    Count,
    DurationField,
    Exists,
    F,
    Func,
    Max,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from crm_assist.features.elapsed import ElapsedDays, moment


class FeatureError(ValueError):
    """A declaration that cannot work; the message names the part and the remedy."""


class OrZero(Func):
    """The value, or zero of its own type: the sum or count over no rows."""

    function = "COALESCE"

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        """Zero is written out, so that it takes the type of the value."""
        lasting = isinstance(self.output_field, DurationField) and connection.vendor == "postgresql"
        zero = "interval '0'" if lasting else "0"
        context["template"] = f"%(function)s(%(expressions)s, {zero})"
        return super().as_sql(compiler, connection, **context)


Build = Callable[["Grouped", type[Model], datetime], Any]
Aggregate = Callable[[Any], Any]
Finish = Callable[[Any, datetime], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grouped:
    """A sum-up of one relation of the customer, with the conditions that its rows must meet."""

    relation: str
    build: Build
    trace: Build
    field: str = ""
    by: str = ""
    conditions: tuple[Q, ...] = ()
    aggregate: Aggregate | None = None
    """The aggregate that says the same of a column of values, for batches; None where only a sub-select can."""
    finish: Finish | None = None
    """What becomes of the aggregate's column for each customer, where it does not stand as it is."""

    def rows(self, model: type[Model]) -> tuple[QuerySet[Any], str]:
        """The related rows of the outer query's customer, and the path that leads back from them."""
        related, back, outer = way_back(model, self.relation)
        found = related._default_manager.filter(*self.conditions, **{back: OuterRef(outer)}).order_by()
        return found, back

    @property
    def looks_at_moment(self) -> bool:
        """Whether it leaves out by itself what comes after the moment."""
        return self.build is _days_since

    def met(self, at: datetime) -> Q:
        """What a related row must meet to count, as of a moment."""
        met = Q(*self.conditions)
        return met & Q((f"{self.field}__lt", moment(at))) if self.looks_at_moment else met

    def expression(self, model: type[Model], at: datetime) -> Any:
        """The sub-select as of a moment."""
        return self.build(self, model, at)


def related_model(model: type[Model], relation: str) -> type[Model]:
    """The model whose rows a relation leads to; FeatureError if there is none."""
    return way_back(model, relation)[0]


def way_back(model: type[Model], relation: str) -> tuple[type[Model], str, str]:
    """The related model, the path from it back to the customer, and the customer's column that it meets."""
    backs: list[str] = []
    outer = "pk"
    current: Any = model
    for step in relation.split("__"):
        field = current._meta.get_field(step)
        if not field.is_relation or not hasattr(field, "remote_field") or field.related_model is None:
            raise FeatureError(f"{step!r} is not a relation of {current._meta.label}; name one that is.")
        if not backs:
            outer = _outer_column(field)
        backs.insert(0, _name_back(field, current, step))
        current = field.related_model
    return current, "__".join(backs), outer


def _name_back(field: Any, model: Any, step: str) -> str:
    if field.auto_created and not field.concrete:
        return str(field.field.name)
    if getattr(field.remote_field, "hidden", True):
        raise FeatureError(f"{step!r} of {model._meta.label} has no way back; give it a related_name.")
    return str(field.related_query_name())


def _outer_column(field: Any) -> str:
    """Nearly always the primary key; a foreign key with `to_field` meets another column."""
    if not (field.one_to_many or field.one_to_one) or field.concrete:
        return "pk"
    target = field.field.target_field
    return "pk" if target.primary_key else str(target.name)


def _aggregated(aggregate: Any) -> Build:
    def build(group: Grouped, model: type[Model], at: datetime) -> Any:
        rows, back = group.rows(model)
        made = aggregate(group.field) if group.field else aggregate("*")
        return Subquery(rows.values(back).annotate(assist_value=made).values("assist_value"))

    return build


def _or_zero(build: Build) -> Build:
    def built(group: Grouped, model: type[Model], at: datetime) -> Any:
        return OrZero(build(group, model, at))

    return built


def _latest(group: Grouped, model: type[Model], at: datetime) -> Any:
    rows, _ = group.rows(model)
    newest = rows.filter(**{f"{group.by}__isnull": False}).order_by(f"-{group.by}", "-pk")
    return Subquery(newest.values(group.field)[:1])


def _any(group: Grouped, model: type[Model], at: datetime) -> Any:
    return Exists(group.rows(model)[0])


def _last_before(group: Grouped, model: type[Model], at: datetime) -> Any:
    rows, back = group.rows(model)
    past = rows.filter(**{f"{group.field}__lt": moment(at)}).values(back)
    return Subquery(past.annotate(assist_value=Max(group.field)).values("assist_value"))


def _days_since(group: Grouped, model: type[Model], at: datetime) -> Any:
    return ElapsedDays(_last_before(group, model, at), at=at)


_count = _or_zero(_aggregated(Count))
_total = _or_zero(_aggregated(Sum))
_average = _aggregated(Avg)
_largest = _aggregated(Max)


def _zero_if_none(column: Any, at: datetime) -> Any:
    return OrZero(column)


def _if_some(column: Any, at: datetime) -> Any:
    return Coalesce(GreaterThan(column, 0), Value(False), output_field=BooleanField())


def _elapsed(column: Any, at: datetime) -> Any:
    return ElapsedDays(column, at=at)


def count(relation: str, *conditions: Q) -> Grouped:
    """How many related rows meet the conditions; 0 for none."""
    many: dict[str, Any] = {"aggregate": Count, "finish": _zero_if_none}
    return Grouped(relation=relation, conditions=conditions, build=_count, trace=_count, **many)


def total(relation: str, field: str, *conditions: Q) -> Grouped:
    """The sum of a field over the related rows; 0 for none."""
    summed: dict[str, Any] = {"aggregate": Sum, "finish": _zero_if_none}
    return Grouped(relation=relation, field=field, conditions=conditions, build=_total, trace=_total, **summed)


def average(relation: str, field: str, *conditions: Q) -> Grouped:
    """The mean of a field over the related rows; missing for none."""
    return Grouped(relation=relation, field=field, conditions=conditions, build=_average, trace=_average, aggregate=Avg)


def largest(relation: str, field: str, *conditions: Q) -> Grouped:
    """The largest value of a field over the related rows; missing for none."""
    return Grouped(relation=relation, field=field, conditions=conditions, build=_largest, trace=_largest, aggregate=Max)


def latest(relation: str, field: str, *conditions: Q, by: str = "at") -> Grouped:
    """A field of the newest related row, in the order of `by`; missing for none."""
    return Grouped(relation=relation, field=field, by=by, conditions=conditions, build=_latest, trace=_latest)


def any_of(relation: str, *conditions: Q) -> Grouped:
    """Whether any related row meets the conditions: the source of a Flag."""
    some: dict[str, Any] = {"aggregate": Count, "finish": _if_some}
    return Grouped(relation=relation, conditions=conditions, build=_any, trace=_any, **some)


def days_since_last(relation: str, field: str, *conditions: Q) -> Grouped:
    """Days from the last related row before the moment; missing for none."""
    last: dict[str, Any] = {"aggregate": Max, "finish": _elapsed}
    return Grouped(relation=relation, field=field, conditions=conditions, build=_days_since, trace=_last_before, **last)


def between(field: str, start: datetime | F, end: datetime | F) -> Q:
    """The condition `start <= field < end`: half open, so that windows neither overlap nor leave a gap."""
    return Q((f"{field}__gte", _bound(start)), (f"{field}__lt", _bound(end)))


def before(field: str, end: datetime | F) -> Q:
    """The condition `field < end`: all that had happened by then."""
    return Q((f"{field}__lt", _bound(end)))


def _bound(value: Any) -> Any:
    return moment(value) if isinstance(value, datetime) else value


def days(number: float) -> timedelta:
    """So many days, to subtract from a moment."""
    return timedelta(days=number)
