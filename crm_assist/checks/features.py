"""Checks of declared features: each is built once, without touching the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning
from django.db import models

from crm_assist import customers
from crm_assist.customers import CustomerAdapter
from crm_assist.features import Age, Category, Feature, Flag, Grouped, Number, Python
from crm_assist.features.kinds import NAME

PROBE, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
"""Two moments: what is the same as of both does not look at the moment."""

LONGEST_NAME = 60
NUMBERS = (
    models.IntegerField,
    models.FloatField,
    models.DecimalField,
    models.BooleanField,
    models.DurationField,
)
FITTING: dict[type[Feature], tuple[tuple[type[models.Field[Any, Any]], ...], str]] = {
    Number: (NUMBERS, "Use f.Category for texts and f.Age for dates."),
    Age: ((models.DateField,), "Use f.Age for dates, and dates with a time, only."),
    Flag: ((models.BooleanField, models.IntegerField), "Give a condition: a boolean field, Q(...) or f.any_of(...)."),
    Category: (
        (models.CharField, models.TextField, models.IntegerField),
        "Use f.Flag for yes and no, f.Number for amounts.",
    ),
}
"""What the source of each kind may yield, and what to do otherwise."""


def check_features(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E030 to E039, W007, W009 and W010: names, sources and marks of every feature."""
    return [message for adapter in customers.adapters().values() for message in _found_in(adapter)]


def _found_in(adapter: CustomerAdapter) -> list[CheckMessage]:
    faults = list(_faults_of(adapter))
    # What can be built comes first; and one message for all of them, as most features of a first try are columns.
    return faults or list(_of_columns(adapter))


def _of_columns(adapter: CustomerAdapter) -> Iterator[CheckMessage]:
    """What is doubtful of the features that give today's value as of any moment."""
    columns: list[Any] = [feature for feature in adapter.features if _takes_today(feature)]
    unsaid = [repr(feature.name) for feature in columns if feature.history is None and not _stands_by_nature(feature)]
    if unsaid:
        text = f"{', '.join(unsaid)}: learned from with today's value, as if it had always been so."
        hint = "Say history=False where the host overwrites the value, history=True where it never changes."
        yield Warning(text, hint=hint, obj=_of(adapter), id="crm_assist.W009")
    torn = [repr(feature.name) for feature in columns if feature.history and feature.can_change]
    if torn:
        text = f"{', '.join(torn)}: said to be changeable, and by history=True never to change."
        hint = "Say history=False where the host overwrites the value, changeable=False where nobody can change it."
        yield Warning(text, hint=hint, obj=_of(adapter), id="crm_assist.W010")


def _takes_today(feature: Any) -> bool:
    """Whether it is learned from, or may be, with today's value whatever the moment."""
    if isinstance(feature, Python) or feature.sensitive:
        return False
    source = feature.source_at(PROBE)
    return not isinstance(source, Grouped) and bool(source == feature.source_at(LATER))


def _stands_by_nature(feature: Any) -> bool:
    """Whether its column needs no word: dates are those of birth or joining, unless somebody can change them."""
    return isinstance(feature, Age) and not feature.can_change


def _faults_of(adapter: CustomerAdapter) -> Iterator[CheckMessage]:
    if not isinstance(adapter.features, list | tuple):
        hint = "Write features = [f.Number(...), ...]."
        yield Error(f"features is {adapter.features!r}.", hint=hint, obj=_of(adapter), id="crm_assist.E038")
        return
    declared = [feature for feature in adapter.features if isinstance(feature, Feature)]
    for other in adapter.features:
        if not isinstance(other, Feature):
            hint = "Declare it with f.Number, f.Category, f.Flag or f.Age."
            yield Error(f"{other!r} is not a feature.", hint=hint, obj=_of(adapter), id="crm_assist.E038")
    for name, times in Counter(feature.name for feature in declared).items():
        if times > 1:
            hint = "Give each feature a name of its own."
            yield _error(adapter, name, "E031", f"is declared {times} times.", hint)
    for feature in declared:
        yield from _own_faults(adapter, feature)


def _own_faults(adapter: CustomerAdapter, feature: Feature) -> Iterator[CheckMessage]:
    name = str(feature.name)
    if not NAME.match(name) or len(name) > LONGEST_NAME:
        hint = f"Use small letters, digits and single underscores, at most {LONGEST_NAME}, a letter first."
        yield _error(adapter, name, "E030", "is not a name that can be used.", hint)
        return
    if feature.sensitive and feature.rules:
        hint = "Leave out rules=True: what is sensitive must not decide."
        yield _error(adapter, name, "E035", "is sensitive and offered to rules.", hint)
    said: Any = feature.changeable
    if said is not None and not isinstance(said, bool):
        hint = "Say True where the customer or an agent can do something about it, else False, or nothing."
        yield _error(adapter, name, "E039", f"has changeable={said!r}.", hint)
    try:
        source, later = feature.source_at(PROBE), feature.source_at(LATER)
    except Exception as error:
        hint = "The source may be a function of one moment, such as lambda at: f.count(...)."
        yield _error(adapter, name, "E036", f"has a function that fails: {_words(error)}", hint)
        return
    if feature.looks_back and isinstance(source, Grouped) and _is_same(source, later):
        hint = "Give lambda at: with a condition on the time of the rows that uses at, or say history=False."
        text = "counts all rows there are, whatever the moment, but claims to know the past."
        yield Warning(f"Feature {name!r} {text}", hint=hint, obj=_of(adapter), id="crm_assist.W007")
    yield from _source_faults(adapter, feature)


def _is_same(source: Grouped, later: Any) -> bool:
    """Whether a sum-up is made of the same rows as of both moments."""
    if source.looks_at_moment or not isinstance(later, Grouped):
        return False
    parts = ((one.relation, one.field, one.by, one.conditions) for one in (source, later))
    return next(parts) == next(parts)


def _source_faults(adapter: CustomerAdapter, feature: Feature) -> Iterator[CheckMessage]:
    rows = adapter.model._base_manager.all()
    try:
        query = rows.annotate(assist_probe=feature.built(adapter.model, PROBE)).query
        probe = query.annotations["assist_probe"]
        if not probe.contains_aggregate:
            yields = probe.output_field
            feature.trace(adapter.model, PROBE)
    except Exception as error:
        hint = f"Name fields and relations of {adapter.model_label}."
        yield _error(adapter, feature.name, "E032", f"cannot be built: {_words(error)}", hint)
        return
    if probe.contains_aggregate:
        hint = "Use f.count, f.total, f.average, f.largest or f.latest: each becomes a sub-select of its own."
        yield _error(adapter, feature.name, "E033", "aggregates over a join, which multiplies rows.", hint)
    elif _multiplies(query):
        hint = "Sum the rows up: f.count, f.total, f.latest, f.any_of."
        yield _error(adapter, feature.name, "E034", "follows a relation to many rows.", hint)
    else:
        fitting, hint = FITTING.get(type(feature), ((models.Field,), ""))
        if not isinstance(yields, fitting):
            text = f"is a {type(feature).__name__} of a {type(yields).__name__}."
            yield _error(adapter, feature.name, "E037", text, hint)


def _multiplies(query: Any) -> bool:
    """Whether any join of the query can give a customer twice."""
    joins = (getattr(table, "join_field", None) for table in query.alias_map.values())
    return any(join.one_to_many or join.many_to_many for join in joins if join is not None)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"


def _error(adapter: CustomerAdapter, name: str, code: str, text: str, hint: str) -> CheckMessage:
    return Error(f"Feature {name!r} {text}", hint=hint, obj=_of(adapter), id=f"crm_assist.{code}")


def _of(adapter: CustomerAdapter) -> str:
    return f"{type(adapter).__name__} ({adapter.model_label})"
