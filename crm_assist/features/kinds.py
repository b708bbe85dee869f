"""The four kinds of feature, each a named function of a moment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    F,
    IntegerField,
    Model,
    Q,
)
from django.db.models.functions import Cast

from crm_assist.features import display as words
from crm_assist.features.elapsed import ElapsedDays
from crm_assist.features.grouped import Grouped
from crm_assist.features.plain import PlainNumber, PlainText

NAME = re.compile(r"[a-z](?:_?[a-z0-9]+)*\Z")
"""Small letters, digits and single underscores: it becomes a column alias and a name in the log."""

Source = Any
"""A field path, a Django expression, a condition, a sum-up, or a function of the moment to one of these."""


@dataclass(frozen=True, slots=True)
class Feature:
    """What is known of a customer at a moment: one declaration for record, list, batch and learning."""

    name: str
    source: Source
    label: Any = field(kw_only=True)
    """What people call it, in reasons too."""
    unit: str = field(default="", kw_only=True)
    """Of a number: a currency such as EUR, the percent sign, or what is counted."""
    rules: bool = field(default=False, kw_only=True)
    """Whether business rules may use it."""
    history: bool | None = field(default=None, kw_only=True)
    """Whether the value of a past moment is known; None: not said, which counts as yes."""
    changeable: bool | None = field(default=None, kw_only=True)
    """Whether the customer or an agent can do something about it; None: not said, so that nothing is promised."""
    sensitive: bool = field(default=False, kw_only=True)
    """Whether it is kept out of every card."""
    missing: Any = field(default="", kw_only=True)
    """What people call a value that is not there, where it is not that nobody knows it: "none"."""

    kind: ClassVar[str] = "number"

    def expression(self, model: type[Model], at: datetime) -> Any:
        """The Django expression of the value as of the moment, for queries on `model`."""
        return self.shaped(self.built(model, at), model, at)

    def trace(self, model: type[Model], at: datetime) -> Any:
        """An expression that changes when the host's data do, rather than by time passing alone."""
        return self.expression(model, at)

    def built(self, model: type[Model], at: datetime) -> Any:
        """The source as an expression, before it takes the shape of the kind."""
        source = self.source_at(at)
        if isinstance(source, Grouped):
            return source.expression(model, at)
        if isinstance(source, str):
            return F(source)
        return ExpressionWrapper(source, output_field=BooleanField()) if isinstance(source, Q) else source

    def source_at(self, at: datetime) -> Any:
        """What the source is as of the moment: functions are called, all else stands."""
        if callable(self.source) and not hasattr(self.source, "resolve_expression"):
            return self.source(at)
        return self.source

    @property
    def looks_back(self) -> bool:
        """Whether it may be learned from as of past moments: unless the host says that the past is unknown."""
        return self.history is not False

    @property
    def can_change(self) -> bool:
        """Whether a reason may be told to rest on something that can change: only where the host says so."""
        return self.changeable is True

    @property
    def looks_at_moment(self) -> bool:
        """Whether the moment can change the value."""
        return callable(self.source) and not hasattr(self.source, "resolve_expression")

    @property
    def moves_with_time(self) -> bool:
        """Whether the value can change although the host changes nothing."""
        return self.looks_at_moment or (isinstance(self.source, Grouped) and self.source.looks_at_moment)

    def shaped(self, expression: Any, model: type[Model], at: datetime) -> Any:
        """The expression as the kind needs it."""
        return expression

    def value(self, raw: Any) -> Any:
        """The plain Python value of what the database gave; NaN is missing."""
        return None if isinstance(raw, float) and raw != raw else raw

    def display(self, value: Any) -> str:
        """The value in words, in the language in force."""
        return self.absent() if value is None else words.number(value, self.unit)

    def absent(self) -> str:
        """The words for a value that is not there."""
        return str(self.missing) or words.unknown()

    def sentence(self, value: Any) -> str:
        """The whole of a reason in words; empty where label and value say it well."""
        return ""


class Number(Feature):
    """A number of any kind; a duration becomes days."""

    __slots__ = ()

    def shaped(self, expression: Any, model: type[Model], at: datetime) -> Any:
        """Durations as days, so that every later step sees plain numbers."""
        return PlainNumber(expression)

    def trace(self, model: type[Model], at: datetime) -> Any:
        """For days since an event: the event."""
        source = self.source_at(at)
        return source.trace(source, model, at) if isinstance(source, Grouped) else self.expression(model, at)


class Age(Feature):
    """Days between a stored date, or date and time, and the moment; negative for the future."""

    __slots__ = ()

    @property
    def moves_with_time(self) -> bool:
        """Always."""
        return True

    def shaped(self, expression: Any, model: type[Model], at: datetime) -> Any:
        """The days elapsed."""
        return ElapsedDays(expression, at=at)

    def trace(self, model: type[Model], at: datetime) -> Any:
        """The stored date, which stays when time passes."""
        return self.built(model, at)

    def display(self, value: Any) -> str:
        """Years, months or days, whichever a person would say."""
        return self.absent() if value is None else words.age(value)


@dataclass(frozen=True, slots=True)
class Flag(Feature):
    """Yes or no, as 1 or 0; the source may be a condition such as `Q(segment="private")`.

    `yes` and `no` are what a reason says, where "label: no" would read badly.
    """

    yes: Any = field(default="", kw_only=True)
    no: Any = field(default="", kw_only=True)

    def shaped(self, expression: Any, model: type[Model], at: datetime) -> Any:
        """0 or 1 on every database; unknown stays missing."""
        return Cast(expression, IntegerField())

    def display(self, value: Any) -> str:
        """Yes or no."""
        return self.absent() if value is None else words.yes_no(value)

    def sentence(self, value: Any) -> str:
        """What the host says for yes and for no."""
        return "" if value is None else str(self.yes if value else self.no)


@dataclass(frozen=True, slots=True)
class Category(Feature):
    """One of some names; `labels` says how people call them."""

    labels: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    kind: ClassVar[str] = "category"

    def shaped(self, expression: Any, model: type[Model], at: datetime) -> Any:
        """Text on every database."""
        return PlainText(expression)

    def display(self, value: Any) -> str:
        """The label of the name, or the name."""
        return self.absent() if value is None else words.name(value, self.labels)
