"""Identifiers that sort by time, without a clock or a random source of their own."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime, timedelta

FIRST_YEAR = 1971
LAST = datetime(9000, 1, 1, tzinfo=UTC)
"""Moments before and behind these have no ids of their own; people may ask for them all the same."""


def uuid7(now: datetime, random: bytes | None = None) -> uuid.UUID:
    """A UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random bits.

    `random` is 10 bytes; without it the operating system's source is used. `now` is aware and after 1970.
    """
    noise = int.from_bytes(os.urandom(10) if random is None else random, "big")
    value = (int(now.timestamp() * 1000) & (2**48 - 1)) << 80 | noise & (2**80 - 1)
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return uuid.UUID(int=value)


def lowest_of_month(moment: datetime) -> uuid.UUID:
    """The lowest id of the calendar month of a moment in UTC: no row of that moment or later has a lower one."""
    if moment.year < FIRST_YEAR:
        return uuid.UUID(int=0)
    utc = min(moment, LAST).astimezone(UTC)
    return uuid7(datetime(utc.year, utc.month, 1, tzinfo=UTC), bytes(10))


def behind_month(until: datetime) -> uuid.UUID:
    """The lowest id behind the month in which `until` is reached: every row of before then has a lower one."""
    if until.year < FIRST_YEAR:
        return uuid.UUID(int=0)
    if until > LAST:
        return uuid.UUID(int=2**128 - 1)
    utc = (until - timedelta(microseconds=1)).astimezone(UTC)
    year, month = divmod(utc.year * 12 + utc.month, 12)
    return uuid7(datetime(year, month + 1, 1, tzinfo=UTC), bytes(10))


def moment_of(row_id: uuid.UUID) -> datetime:
    """When a row with this id was written; an id that is no UUIDv7 of ours stands for the end of time."""
    milliseconds = min(row_id.int >> 80, int(LAST.timestamp() * 1000))
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
