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
from crm_assist.features import Age, Category, Feature, Flag, Grouped, Number
from crm_assist.features.kinds import NAME

PROBE = datetime(2026, 1, 1, tzinfo=UTC)
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
    """E030 to E038 and W007: names, sources and marks of every feature."""
    return [message for adapter in customers.adapters().values() for message in _faults_of(adapter)]


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
    try:
        source = feature.source_at(PROBE)
    except Exception as error:
        hint = "The source may be a function of one moment, such as lambda at: f.count(...)."
        yield _error(adapter, name, "E036", f"has a function that fails: {_words(error)}", hint)
        return
    if isinstance(source, Grouped) and _ignores_moment(feature, source):
        hint = "Give lambda at: with a condition on the time of the rows, or say history=False."
        text = "counts all rows there are, whatever the moment, but claims to know the past."
        yield Warning(f"Feature {name!r} {text}", hint=hint, obj=_of(adapter), id="crm_assist.W007")
    yield from _source_faults(adapter, feature)


def _ignores_moment(feature: Feature, source: Grouped) -> bool:
    return feature.history and not feature.looks_at_moment and not source.looks_at_moment


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
