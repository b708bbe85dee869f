"""What was known of customers at past moments, read once however many targets learn from the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_assist import features
from crm_assist.customers import CustomerAdapter
from crm_assist.flow.payload import plain

CHUNK = 500

Row = tuple[str, Mapping[str, Any]]
"""A customer's key, and the features of the customer by name."""


class Past:
    """Reads customers as of past moments and keeps what it read; drop it when the learning is done."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, datetime, tuple[Any, ...]], list[Row]] = {}

    def read(self, adapter: CustomerAdapter, pks: Sequence[Any], moment: datetime) -> list[Row]:
        """Key and features of those who were customers at the moment.

        What cannot look back or is sensitive is left out.
        """
        asked = (adapter.model_label, moment, tuple(pks))
        if asked not in self._kept:
            self._kept[asked] = list(_read(adapter, pks, moment))
        return self._kept[asked]


def _read(adapter: CustomerAdapter, pks: Sequence[Any], moment: datetime) -> Iterator[Row]:
    declared = features.declared(adapter).values()
    names = [feature.name for feature in declared if feature.looks_back and not feature.sensitive]
    for start in range(0, len(pks), CHUNK):
        rows = adapter.queryset().filter(adapter.existed(moment), pk__in=pks[start : start + CHUNK]).order_by("pk")
        for obj in features.rows(rows, adapter, moment, names=names):
            values = features.values_of(adapter, obj, names=names)
            yield adapter.key(obj), {name: plain(value) for name, value in values.items()}
