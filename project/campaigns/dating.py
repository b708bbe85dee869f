"""Believable days for calls of which the file tells the month, the weekday and the order."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from project.campaigns.layout import MONTHS, WEEKDAYS

FIRST_YEAR = 2008
LISBON = ZoneInfo("Europe/Lisbon")
OPENING = time(9)
SECONDS_APART = 5


class CallDates:
    """Gives each call, in the order of the file, a moment later than the one before it.

    The day moves to the next day of the right weekday within the month; where the month has none left, the
    call stays on the last day reached. Without a period the year begins at 2008 and grows when months go back.
    """

    def __init__(self) -> None:
        self._year = FIRST_YEAR
        self._month = 0
        self._day = date.min
        self._calls = 0
        self._last = datetime.min.replace(tzinfo=LISBON)

    def next(self, *, month: str, weekday: str, period: str | None) -> datetime:
        """The moment of the next call."""
        number = MONTHS.index(month) + 1
        year = self._year_of(number, period)
        if (year, number) != (self._year, self._month):
            self._year, self._month = year, number
            self._move(date(year, number, 1))
        wanted = WEEKDAYS.index(weekday)
        ahead = self._day + timedelta(days=(wanted - self._day.weekday()) % 7)
        if ahead != self._day and ahead.month == self._day.month:
            self._move(ahead)
        opening = datetime.combine(self._day, OPENING, tzinfo=LISBON)
        moment = opening + timedelta(seconds=SECONDS_APART * self._calls)
        self._calls += 1
        self._last = max(moment, self._last + timedelta(seconds=1)) if self._last.year > 1 else moment
        return self._last

    def _year_of(self, number: int, period: str | None) -> int:
        if period is not None:
            return int(period[:4])
        return self._year + 1 if number < self._month else self._year

    def _move(self, day: date) -> None:
        if day != self._day:
            self._day, self._calls = day, 0
