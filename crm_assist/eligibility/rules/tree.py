"""A business rule as a typed tree over features, and what it says of one customer. Pure.

A rule has three answers: it holds, it does not, or it cannot be told because a value is missing. `and`, `or` and `not`
are those of SQL (Kleene 1952, strong three-valued logic), so that one customer and a whole base get the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from crm_assist.scorecards.binning import read_category, read_number


class Unit(StrEnum):
    """The units in which a rule may tell how long ago something was."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


DAYS_OF = {Unit.DAYS: 1.0, Unit.WEEKS: 7.0, Unit.MONTHS: 365.2425 / 12, Unit.YEARS: 365.2425}
"""Days of each unit, of the Gregorian calendar's mean year: an age is a number of days."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as people say it: 2 years, 30 days."""

    amount: float
    unit: Unit

    @property
    def days(self) -> float:
        """The same in days."""
        return self.amount * DAYS_OF[self.unit]


class Comparison(StrEnum):
    """How a value may be compared with a constant."""

    EQUALS = "equals"
    DIFFERS = "differs"
    BELOW = "below"
    AT_MOST = "at_most"
    ABOVE = "above"
    AT_LEAST = "at_least"


OPPOSITE = {
    Comparison.EQUALS: Comparison.DIFFERS,
    Comparison.DIFFERS: Comparison.EQUALS,
    Comparison.BELOW: Comparison.AT_LEAST,
    Comparison.AT_LEAST: Comparison.BELOW,
    Comparison.ABOVE: Comparison.AT_MOST,
    Comparison.AT_MOST: Comparison.ABOVE,
}

Constant = float | bool | str | Span
"""What a value is compared with: a number, yes or no, a name, or a length of time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Compare:
    """One feature against one constant."""

    feature: str
    how: Comparison
    value: Constant


@dataclass(frozen=True, kw_only=True, slots=True)
class OneOf:
    """A category among some names; `within` False: known, and none of them."""

    feature: str
    names: tuple[str, ...]
    within: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Between:
    """A number from `low` to `high`, both included; `within` False: known, and outside."""

    feature: str
    low: float | Span
    high: float | Span
    within: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """Whether a value is not known; this alone can always be told. `missing` False: it is known."""

    feature: str
    missing: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Every:
    """All of the parts hold."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Either:
    """At least one of the parts holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    """The part does not hold."""

    part: Rule


Leaf = Compare | OneOf | Between | Missing
Rule = Leaf | Every | Either | Not


def holds(rule: Rule, values: Mapping[str, object]) -> bool | None:
    """Whether the rule holds for these values of features; None where it cannot be told, which counts as closed.

    Raises KeyError for a feature that is not among the values, CardError for a value that is not of its kind.
    """
    match rule:
        case Every(parts=parts):
            return _every(holds(part, values) for part in parts)
        case Either(parts=parts):
            return _negated(_every(_negated(holds(part, values)) for part in parts))
        case Not(part=part):
            return _negated(holds(part, values))
        case _:
            return _leaf_holds(rule, values[rule.feature])


def leaves(rule: Rule) -> Iterator[Leaf]:
    """The comparisons of the rule, in the order in which they are written."""
    match rule:
        case Every(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from leaves(part)
        case Not(part=part):
            yield from leaves(part)
        case _:
            yield rule


def features_of(rule: Rule) -> tuple[str, ...]:
    """The features that the rule looks at, each once, in the order in which they come."""
    return tuple(dict.fromkeys(leaf.feature for leaf in leaves(rule)))


def without_not(rule: Rule) -> Rule:
    """The same rule, each `not` carried down to the comparison that it turns round; the answers stay."""
    match rule:
        case Every(parts=parts):
            return Every(parts=tuple(without_not(part) for part in parts))
        case Either(parts=parts):
            return Either(parts=tuple(without_not(part) for part in parts))
        case Not(part=part):
            return _turned(part)
        case _:
            return rule


def number_of(constant: Constant) -> float:
    """A constant other than a name as the number with which values are compared: days, or 1 for yes and 0 for no."""
    return constant.days if isinstance(constant, Span) else float(constant)


def _turned(rule: Rule) -> Rule:
    match rule:
        case Every(parts=parts):
            return Either(parts=tuple(_turned(part) for part in parts))
        case Either(parts=parts):
            return Every(parts=tuple(_turned(part) for part in parts))
        case Not(part=part):
            return without_not(part)
        case Compare(how=how):
            return replace(rule, how=OPPOSITE[how])
        case Missing(missing=missing):
            return replace(rule, missing=not missing)
        case _:
            return replace(rule, within=not rule.within)


def _every(answers: Iterable[bool | None]) -> bool | None:
    """False beats unknown, and unknown beats true."""
    told: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            told = None
    return told


def _negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _leaf_holds(leaf: Leaf, value: object) -> bool | None:
    match leaf:
        case Missing(missing=missing):
            return _is_missing(value) is missing
        case OneOf(feature=feature, names=names, within=within):
            name = read_category(value, feature)
            return None if name is None else (name in names) is within
        case Between(feature=feature, low=low, high=high, within=within):
            number = read_number(value, feature)
            return None if number is None else (number_of(low) <= number <= number_of(high)) is within
        case Compare(feature=feature, how=how, value=str(wanted)):
            name = read_category(value, feature)
            return None if name is None else (name == wanted) is (how is Comparison.EQUALS)
        case Compare(feature=feature, how=how, value=constant):
            number = read_number(value, feature)
            return None if number is None else _compared(number, how, number_of(constant))


def _is_missing(value: object) -> bool:
    return value is None or value != value  # what is unequal to itself is no number


def _compared(number: float, how: Comparison, constant: float) -> bool:
    match how:
        case Comparison.EQUALS:
            return number == constant
        case Comparison.DIFFERS:
            return number != constant
        case Comparison.BELOW:
            return number < constant
        case Comparison.AT_MOST:
            return number <= constant
        case Comparison.ABOVE:
            return number > constant
        case Comparison.AT_LEAST:
            return number >= constant
