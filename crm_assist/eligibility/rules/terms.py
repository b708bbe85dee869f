"""What a rule may speak of: the features of one kind of customer as values, with the words that people use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What the values of a feature are, which decides what they can be compared with."""

    NUMBER = "number"
    AGE = "age"
    YES_NO = "yes_no"
    NAME = "name"


class Barred(StrEnum):
    """Why a feature that exists may not stand in a rule."""

    NOT_DECLARED = "not_declared"
    """The host has not said that rules may use it."""
    SENSITIVE = "sensitive"
    COMPUTED = "computed"
    """It is a function in Python: the whole base cannot be asked in one query."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """One feature as rules see it; `words` puts a value into words in the language in force."""

    name: str
    kind: Kind
    label: Any
    words: Callable[[Any], str]
    names: Mapping[str, Any] = field(default_factory=dict)
    """Of a feature of names: the known ones and what people call them; empty where the host does not list them."""
    barred: Barred | None = None


Terms = Mapping[str, Term]
"""The features by name."""


def safe(terms: Terms) -> tuple[str, ...]:
    """The names that a rule may use, in their order."""
    return tuple(sorted(name for name, term in terms.items() if term.barred is None))
