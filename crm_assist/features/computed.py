"""Features that no database can give: a host's function of keys and a moment, for records and for batches alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import FloatField, Model, QuerySet, Value

from crm_assist.customers import CustomerAdapter
from crm_assist.features.elapsed import moment
from crm_assist.features.grouped import FeatureError
from crm_assist.features.kinds import Feature

PREFIX = "assist_x"


class Python(Feature):
    """A number that a function gives: `function(keys, at)` answers a mapping from key to value, absent for unknown.

    It is asked for one record, for a page of a list and for chunks of a batch. A list cannot be ordered by the live
    score of a card that uses it, and the sweep does not see it change: tell with `customers.notify_changed`.
    """

    __slots__ = ()

    @property
    def moves_with_time(self) -> bool:
        """Nobody but the function knows, so yes."""
        return True

    def expression(self, model: type[Model], at: datetime) -> Any:
        """FeatureError: no database can compute it."""
        raise FeatureError(
            f"feature {self.name!r} is computed in Python, so the database cannot score, sort or filter by it; "
            "score in batches (crm_assist_rescore) and order by the stored score."
        )

    def source_at(self, at: datetime) -> Any:
        """Nothing that a query could hold."""
        return None

    def built(self, model: type[Model], at: datetime) -> Any:
        """A value that is missing, where only the kind of the source is looked at."""
        return Value(None, output_field=FloatField())

    def trace(self, model: type[Model], at: datetime) -> Any:
        """The same for everybody, always."""
        return self.built(model, at)

    def values(self, keys: Sequence[str], at: datetime) -> dict[str, Any]:
        """What the function says of each customer that it knows."""
        return {key: self.value(value) for key, value in self.source(keys, at).items()}


def is_computed(adapter: CustomerAdapter, name: str) -> bool:
    """Whether a feature of the adapter is a function in Python."""
    return any(feature.name == name and isinstance(feature, Python) for feature in adapter.features)


def computed(adapter: CustomerAdapter, keys: Sequence[str], at: datetime, names: Collection[str]) -> dict[str, Any]:
    """The Python features among `names`: for each, the value of every customer that has one, by key."""
    found = [feature for feature in adapter.features if isinstance(feature, Python) and feature.name in names]
    return {feature.name: feature.values(keys, at) for feature in found}


def filled(objs: Iterable[Any], adapter: CustomerAdapter, at: datetime, *, prefix: str) -> list[Any]:
    """The records with the Python features beside the annotated ones, by one call of each function."""
    rows = list(objs)
    found = computed(adapter, [adapter.key(obj) for obj in rows], at, [feature.name for feature in adapter.features])
    for name, values in found.items():
        for obj in rows:
            setattr(obj, prefix + name, values.get(adapter.key(obj)))
    return rows


def table(
    rows: QuerySet[Any], adapter: CustomerAdapter, at: datetime, names: Sequence[str], *, limit: int
) -> tuple[list[str], dict[str, list[Any]], Any]:
    """At most `limit` customers in the order of `rows`: keys, features column by column, and the last raw key."""
    known: Mapping[str, Any] = {feature.name: feature for feature in adapter.features}
    asked = [name for name in names if not isinstance(known[name], Python)]
    made = {f"{PREFIX}{n}": known[name].expression(adapter.model, moment(at)) for n, name in enumerate(asked)}
    page = list(rows.annotate(**made).values_list(adapter.key_path, *made)[:limit])
    keys = [adapter.key_text(row[0]) for row in page]
    columns = {name: [known[name].value(row[n]) for row in page] for n, name in enumerate(asked, start=1)}
    python = computed(adapter, keys, at, names) if keys else {}
    columns |= {name: [values.get(key) for key in keys] for name, values in python.items()}
    return keys, {name: columns.get(name, []) for name in names}, page[-1][0] if page else None
