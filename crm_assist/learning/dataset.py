"""Rows to learn from: what was known of a customer at a past moment, and what the customer did within the horizon.

Nothing of the time after a moment may enter its row; an outcome that is not yet known makes no row at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm_assist.labels import Label, label

NOTHING: Mapping[str, Sequence[datetime]] = {}

Reader = Callable[[datetime], Iterable[tuple[str, Mapping[str, Any]]]]
"""Gives key and features of every customer of the population as of a moment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingSet:
    """n rows: a column per feature, the outcome 0 or 1, the moment and the customer's key, all of length n."""

    X: dict[str, list[Any]]
    y: list[int]
    at: list[datetime]
    keys: list[str]

    def at_places(self, places: Sequence[int]) -> TrainingSet:
        """The rows at these places, in their order."""
        return TrainingSet(
            X={name: [values[place] for place in places] for name, values in self.X.items()},
            y=[self.y[place] for place in places],
            at=[self.at[place] for place in places],
            keys=[self.keys[place] for place in places],
        )


NUMBERS = {Label.YES: 1, Label.NO: 0, Label.UNKNOWN: None}


def label_of(
    moment: datetime,
    occurred: Sequence[datetime],
    *,
    horizon: timedelta,
    until: datetime,
    unsure: Sequence[datetime] = (),
) -> int | None:
    """1 if it happened in (moment, moment + horizon], 0 if that time is over without it, None where no row is due.

    No row is due while the horizon is open without an outcome, nor where it may have happened (`unsure`): unknown is
    never a no. Who did it before may do it again: where that cannot be, the target's population leaves them out.
    """
    end = moment + horizon
    found = label(start=moment, end=end, happened=occurred, unsure=unsure, now=until, complete_until=until)
    return NUMBERS[found.label]


def training_set(
    reader: Reader,
    moments: Iterable[datetime],
    *,
    outcomes: Mapping[str, Sequence[datetime]],
    horizon: timedelta,
    until: datetime,
    most: int,
    random: Random,
    unsure: Mapping[str, Sequence[datetime]] = NOTHING,
) -> TrainingSet:
    """The rows of all moments, oldest first; more than `most` are thinned out evenly, whatever their outcome.

    A moment whose horizon is not over by `until` is left out whole: of its customers only those who did it would be
    known, and all of them would look like buyers.
    """
    kept: list[tuple[datetime, str, Mapping[str, Any], int]] = []
    seen = 0
    for moment in sorted(one for one in moments if one + horizon <= until):
        for key, values in reader(moment):
            number = label_of(moment, outcomes.get(key, ()), horizon=horizon, until=until, unsure=unsure.get(key, ()))
            if number is None:
                continue
            seen += 1
            if len(kept) < most:
                kept.append((moment, key, values, number))
            elif (place := random.randrange(seen)) < most:
                kept[place] = (moment, key, values, number)
    kept.sort(key=lambda row: (row[0], row[1]))
    names = list(kept[0][2]) if kept else []
    return TrainingSet(
        X={name: [values[name] for _, _, values, _ in kept] for name in names},
        y=[number for *_, number in kept],
        at=[moment for moment, *_ in kept],
        keys=[key for _, key, *_ in kept],
    )
