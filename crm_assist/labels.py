"""What tellings of outcomes come to: which of them stand, and which label that gives, whatever order they arrived in.

Of one outcome the highest version stands; of the same version told with different contents none does, until a higher
one settles it. `unknown` is a label of its own and never a no. Standard library only: no database, no clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

UNSAID = "unknown"
"""The kind of outcome by which a host says that it does not know what the customer did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """One telling of one outcome: by which id of which source, in which version, and what it says.

    An outcome that was told without an id has a place of its own.
    """

    place: Hashable
    version: int
    customer: Hashable
    product: str
    kind: str
    occurred_at: datetime

    @property
    def says(self) -> tuple[Hashable, str, str, datetime]:
        """The content, by which two tellings of the same version agree or contradict each other."""
        return self.customer, self.product, self.kind, self.occurred_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The tellings that stand, one for each outcome, and those that contradict each other, of which none stands."""

    in_force: frozenset[Telling]
    contradicted: frozenset[Telling]


def standing(tellings: Iterable[Telling]) -> Standing:
    """What these tellings come to: a law of the set of them, so that neither order nor repetition changes it."""
    highest: dict[Hashable, dict[Hashable, Telling]] = {}
    for one in tellings:
        known = highest.get(one.place)
        version = next(iter(known.values())).version if known else None
        if known is None or version is None or one.version > version:
            highest[one.place] = {one.says: one}
        elif one.version == version:
            known[one.says] = one
    alone = frozenset(next(iter(told.values())) for told in highest.values() if len(told) == 1)
    several = frozenset(one for told in highest.values() if len(told) > 1 for one in told.values())
    return Standing(in_force=alone, contradicted=several)


class Label(StrEnum):
    """Whether the customer did it."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A label and the moment from which it is known; None while it is not."""

    label: Label
    since: datetime | None = None


NOT_KNOWN = Known(label=Label.UNKNOWN)


def label(
    *,
    start: datetime,
    end: datetime,
    happened: Iterable[datetime],
    unsure: Iterable[datetime] = (),
    now: datetime,
    complete_until: datetime,
    with_start: bool = False,
) -> Known:
    """Yes from the moment it happened in (start, end], no once that is over and reported, else unknown.

    `unsure` are the moments of what may have happened: told as unknown, or contradicted. One of them within the time
    keeps the label from being no. `with_start` counts what happened at the very start too.
    """

    def within(moment: datetime) -> bool:
        return (start < moment or (with_start and moment == start)) and moment <= end

    first = min((moment for moment in happened if within(moment) and moment <= now), default=None)
    if first is not None:
        return Known(label=Label.YES, since=first)
    if end > min(now, complete_until) or any(map(within, unsure)):
        return NOT_KNOWN
    return Known(label=Label.NO, since=end)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Did this customer do it with one of these products (none named: with any) between start and end?"""

    id: Hashable
    customer: Hashable
    products: frozenset[str]
    start: datetime
    end: datetime


def labels(
    questions: Iterable[Question], told: Standing, *, kind: str, now: datetime, complete_until: datetime
) -> Mapping[Hashable, Known]:
    """The label of each question by its id; what happened at its very start counts."""
    happened, unsure = _by_customer(told, kind)
    return {
        one.id: label(
            start=one.start,
            end=one.end,
            happened=_of(happened[one.customer], one.products) if one.customer in happened else (),
            unsure=_of(unsure[one.customer], one.products) if one.customer in unsure else (),
            now=now,
            complete_until=complete_until,
            with_start=True,
        )
        for one in questions
    }


Moments = Mapping[Hashable, list[tuple[str, datetime]]]


def _by_customer(told: Standing, kind: str) -> tuple[Moments, Moments]:
    """Product and moment of what happened, and of what may have, by customer."""
    happened: dict[Hashable, list[tuple[str, datetime]]] = defaultdict(list)
    unsure: dict[Hashable, list[tuple[str, datetime]]] = defaultdict(list)
    for one in told.in_force:
        if one.kind in (kind, UNSAID):
            (unsure if one.kind == UNSAID else happened)[one.customer].append((one.product, one.occurred_at))
    for one in told.contradicted:
        if one.kind in (kind, UNSAID):
            unsure[one.customer].append((one.product, one.occurred_at))
    return happened, unsure


def _of(moments: Iterable[tuple[str, datetime]], products: frozenset[str]) -> list[datetime]:
    return [moment for product, moment in moments if not products or product in products]
