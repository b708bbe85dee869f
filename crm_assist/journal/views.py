"""What may be taken out of the log: views, each a table with columns that say what they mean.

The journal writes and reads views without knowing decisions; who knows them declares a view and registers it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm_assist.journal.pseudonyms import Names

if TYPE_CHECKING:
    from crm_assist.journal.models import LogRow
    from crm_assist.journal.settled import Selection

Record = Mapping[str, Any]


class Kind(StrEnum):
    """What a column holds; a code is a text of our own, which no host and no person chose."""

    TEXT = "text"
    CODE = "code"
    ID = "id"
    WHOLE = "whole number"
    NUMBER = "number"
    MOMENT = "moment"
    YES_NO = "yes or no"
    NESTED = "nested"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of a view; None in it is not known, never no and never 0."""

    name: str
    kind: Kind
    meaning: str


PEOPLE = ("model", "customer", "agent")
"""The columns that say who is meant; in a view that is copied they stand behind the first, which is an id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """How PostgreSQL gives a view by COPY: each column but those of people as SQL, and how customers are called.

    `customers` gives id, model and name of those subjects.
    """

    columns: Mapping[str, str]
    customers: Callable[[Selection, Names, list[int]], Iterator[tuple[int, str, str]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One way to look at the log: what a row is, its columns, and how records are made of rows, some at a time.

    `quarantine` names the column that says why a record cannot be used as it stands; empty where it can. What is `deep`
    is left out of cells, that is of CSV.
    """

    name: str
    meaning: str
    model: type[LogRow]
    columns: tuple[Column, ...]
    records: Callable[[Sequence[Any], Names], Iterable[Record]]
    related: tuple[str, ...] = ()
    rows: int = 2_000
    quarantine: str = ""
    deep: tuple[str, ...] = ()
    copied: Copied | None = None

    @property
    def names(self) -> list[str]:
        """The columns by name."""
        return [column.name for column in self.columns]

    @property
    def cells(self) -> list[str]:
        """The columns that CSV has."""
        return [name for name in self.names if name not in self.deep]


class UnknownView(ValueError):
    """No view or no column has this name; the message tells those that there are."""


_views: dict[str, View] = {}


def register(view: View) -> None:
    """Make a view known; the same name again takes its place."""
    _views[view.name] = view


def views() -> list[View]:
    """Every view, by name."""
    return [_views[name] for name in sorted(_views)]


def view_named(name: str) -> View:
    """The view of that name, or UnknownView."""
    if name not in _views:
        raise UnknownView(f"view {name!r}: there is none of that name; use one of {', '.join(sorted(_views))}.")
    return _views[name]
