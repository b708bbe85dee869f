"""A view of the log as columns in memory, for notebooks: lists, and of them NumPy arrays or an Arrow table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from crm_assist.journal import arrow
from crm_assist.journal.copying import Lines, can_copy, places
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.settled import Selection, read_mark, select, written
from crm_assist.journal.views import Column, Kind, UnknownView, View, view_named
from crm_assist.packages import remedy


class Columns(Mapping[str, list[Any]]):
    """Columns by name, each a list of the same length; None is not known. `pandas.DataFrame(dict(it))` takes them.

    `mark` says up to where the log was read: give it as `since` to go on from there; empty after an `until`.
    """

    def __init__(self, view: View, lists: Mapping[str, list[Any]], mark: str) -> None:
        self.view, self.mark, self._lists = view, mark, lists

    def __getitem__(self, name: str) -> list[Any]:
        return self._lists[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lists)

    def __len__(self) -> int:
        return len(self._lists)

    def numpy(self) -> dict[str, Any]:
        """As NumPy arrays: what is not known is NaN or NaT, moments are UTC; ImproperlyConfigured without NumPy."""
        try:
            import numpy  # optional: [learn]
        except ImportError as error:
            raise ImproperlyConfigured(f"arrays need NumPy: {remedy('learn')}") from error
        kinds = {column.name: column.kind for column in self.view.columns}
        return {name: _array(numpy, kinds[name], values) for name, values in self._lists.items()}

    def arrow(self) -> Any:
        """As an Arrow table with the types of the Parquet file; ImproperlyConfigured without pyarrow."""
        pa, types = arrow.require(), arrow.schema(self.view)
        plain = {column.name: arrow.PLAIN[column.kind] for column in self.view.columns}
        fields = [types.field(name) for name in self._lists]
        columns = [
            pa.array([plain[field.name](value) for value in self._lists[field.name]], type=field.type)
            for field in fields
        ]
        return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def read(
    *,
    view: str,
    since: datetime | str | None,
    until: datetime | None,
    tenant: str,
    columns: Sequence[str] | None,
    names: bool,
) -> Columns:
    """See `crm_assist.journal.read_decisions`."""
    wanted = view_named(view)
    kept = _chosen(wanted, columns)
    after, start = (read_mark(since), None) if isinstance(since, str) else (None, since)
    for name, moment in (("since", start), ("until", until)):
        if moment is not None and moment.utcoffset() is None:
            raise ValueError(f"{name}={moment.isoformat()} has no time zone; give an aware moment.")
    selection = select(wanted.model, tenant=tenant, after=after, since=start, until=until)
    lists: dict[str, list[Any]] = {column.name: [] for column in kept}
    called = Names(clear=names)
    pieces = _copied if can_copy(wanted, selection.using) else _recorded
    for piece in pieces(wanted, selection, called, kept):
        for name, values in piece.items():
            lists[name] += values
    return Columns(wanted, lists, "" if until is not None else written(selection.upto or after))


def _chosen(view: View, columns: Sequence[str] | None) -> list[Column]:
    if columns is None:
        return list(view.columns)
    known = {column.name: column for column in view.columns}
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise UnknownView(f"columns={unknown[0]!r}: view {view.name} has none of that name; it has {', '.join(known)}.")
    return [known[name] for name in columns]


def _recorded(
    view: View, selection: Selection, names: Names, kept: Sequence[Column]
) -> Iterator[Mapping[str, list[Any]]]:
    after = selection.after
    while rows := selection.take(after, view.rows, view.related):
        after = selection.place_of(rows[-1])
        records = list(view.records(rows, names))
        yield {column.name: [_plain(column, record.get(column.name)) for record in records] for column in kept}


def _plain(column: Column, value: Any) -> Any:
    return str(value) if column.kind is Kind.ID and value is not None else value


def _copied(
    view: View, selection: Selection, names: Names, kept: Sequence[Column]
) -> Iterator[Mapping[str, list[Any]]]:
    place = {name: number for number, name in enumerate(view.names)}
    lines = Lines(view=view, selection=selection, names=names, safe=False)
    for after, upto in places(selection, view.rows):
        text = io.StringIO(lines.between(after, upto).text.decode(), newline="")
        by_column = list(zip(*csv.reader(text), strict=True)) or [()] * len(place)
        yield {one.name: [READ[one.kind](cell) for cell in by_column[place[one.name]]] for one in kept}


READ: Mapping[Kind, Callable[[str], Any]] = {
    Kind.TEXT: str,
    Kind.CODE: str,
    Kind.ID: str,
    Kind.WHOLE: lambda cell: int(cell) if cell else None,
    Kind.NUMBER: lambda cell: float(cell) if cell else None,
    Kind.MOMENT: lambda cell: datetime.fromisoformat(cell) if cell else None,
}
"""What stands behind a cell that COPY gave."""


def _array(numpy: Any, kind: Kind, values: list[Any]) -> Any:
    if kind is Kind.MOMENT:
        return numpy.array([arrow.naive(value) for value in values], dtype="datetime64[us]")
    if kind not in (Kind.NUMBER, Kind.WHOLE, Kind.YES_NO):
        found = numpy.empty(len(values), dtype=object)
        found[:] = values
        return found
    if kind is Kind.NUMBER or None in values:
        return numpy.array([float("nan") if value is None else value for value in values], dtype="float64")
    return numpy.array(values, dtype="int64" if kind is Kind.WHOLE else "bool")
