"""Fields that take exactly what their schema says and nothing that merely looks like it: `"1"` is no number."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_date
from django.utils.timezone import get_current_timezone, make_aware
from django.utils.translation import gettext as _
from drf_spectacular.drainage import set_override
from rest_framework.serializers import Field, ValidationError

from crm_assist.web.bodies import keepable

MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
KEEPABLE = r"^[^\u0000]*$"
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Beyond these a moment cannot be told in every time zone: what lies further out is taken for the edge."""


class Described(Field[Any, Any, Any, Any]):
    """A field that carries its own JSON schema."""

    def __init__(self, schema: Mapping[str, Any], **options: Any) -> None:
        super().__init__(**options)
        set_override(self, "field", dict(schema))

    def to_internal_value(self, data: Any) -> Any:
        """As it came."""
        return data

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value


class Text(Described):
    """A text within its bounds; blanks around it belong to it."""

    def __init__(self, longest: int = 0, *, shortest: int = 0, pattern: str = "", **options: Any) -> None:
        self.longest, self.shortest, self.pattern = longest, shortest, re.compile(pattern) if pattern else None
        # What is taken in must be kept by every database, which none does with a zero character.
        bounds = {"minLength": shortest, "maxLength": longest, "pattern": pattern or (KEEPABLE if longest else "")}
        super().__init__({"type": "string", **{name: value for name, value in bounds.items() if value}}, **options)

    def to_internal_value(self, data: Any) -> str:
        """The text, or a fault that says what would do."""
        if not isinstance(data, str):
            raise ValidationError(_("This must be a text."))
        if self.longest and len(data) > self.longest:
            raise ValidationError(
                _("This text is too long: use at most %(longest)d characters.") % {"longest": self.longest}
            )
        if len(data) < self.shortest:
            raise ValidationError(_("This must not be empty."))
        if not keepable(data):
            raise ValidationError(_("This text holds a character that cannot be kept."))
        if self.pattern is not None and not self.pattern.search(data):
            raise ValidationError(_("“%(value)s” is not written as it must be.") % {"value": data[:60]})
        return data

    def to_representation(self, value: Any) -> str:
        """The text."""
        return str(value)


class Code(Described):
    """One of the codes that there are."""

    def __init__(self, codes: Iterable[str], **options: Any) -> None:
        self.codes = tuple(str(code) for code in codes)
        super().__init__({"type": "string", "enum": list(self.codes)}, **options)

    def to_internal_value(self, data: Any) -> str:
        """The code, or a fault that names those there are."""
        if not isinstance(data, str) or data not in self.codes:
            words = {"value": str(data)[:40], "known": ", ".join(self.codes)}
            raise ValidationError(_("“%(value)s” cannot be used; use one of %(known)s.") % words)
        return data

    def to_representation(self, value: Any) -> str:
        """The code."""
        return str(value)


class Whole(Described):
    """A whole number within its bounds; in an address its digits."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        super().__init__({"type": "integer", "minimum": least, "maximum": most}, **options)

    def to_internal_value(self, data: Any) -> int:
        """The number, or a fault that names the bounds."""
        if (
            isinstance(data, str)
            and getattr(self.parent, "from_address", False)
            and re.fullmatch(r"-?\d{1,19}", data, re.ASCII)
        ):
            data = int(data)
        whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not whole or not self.least <= data <= self.most:
            words = {"value": str(data)[:40], "least": self.least, "most": self.most}
            raise ValidationError(_("“%(value)s” is not a whole number from %(least)d to %(most)d.") % words)
        return int(data)


class YesNo(Described):
    """True or false; in an address these words."""

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "boolean"}, **options)

    def to_internal_value(self, data: Any) -> bool:
        """True or false, or a fault."""
        if getattr(self.parent, "from_address", False):
            data = {"true": True, "false": False}.get(str(data), data)
        if not isinstance(data, bool):
            raise ValidationError(_("This must be true or false."))
        return data


class Number(Described):
    """A finite number, given out only."""

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "number"}, **options)

    def to_representation(self, value: Any) -> float | None:
        """The number; JSON knows no infinite one."""
        return float(value) if math.isfinite(value) else None


class Identity(Described):
    """The id of a row of ours: a UUID in its usual form."""

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "string", "format": "uuid"}, **options)

    def to_internal_value(self, data: Any) -> UUID:
        """The id, or a fault."""
        if not isinstance(data, str) or not UUID_FORM.fullmatch(data):
            raise ValidationError(_("“%(value)s” is not an id.") % {"value": str(data)[:40]})
        return UUID(data)

    def to_representation(self, value: Any) -> str:
        """The id."""
        return str(value)


class Moment(Described):
    """A moment with its time zone (RFC 3339), given out in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "string", "format": "date-time"}, **options)

    def to_internal_value(self, data: Any) -> datetime:
        """The moment, one at the edge of the calendar drawn in; or a fault."""
        found = MOMENT.fullmatch(data) if isinstance(data, str) else None
        try:
            moment = _moment(*found.groups(default="")) if found else None
        except ValueError:
            moment = None
        if moment is None:
            words = {"value": str(data)[:40]}
            raise ValidationError(_("“%(value)s” is not a moment; write it as 2026-11-30T09:00:00Z.") % words)
        return moment

    def to_representation(self, value: datetime) -> str:
        """The moment in UTC."""
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(day: str, minute: str, second: str, fraction: str, zone: str) -> datetime:
    # A leap second is the last one of its minute.
    seconds = f"{min(int(second), 59):02d}" if int(second) <= 60 else second
    offset = "+00:00" if zone in "Zz" else zone
    moment = datetime.fromisoformat(f"{day}T{minute}:{seconds}{fraction[:7]}{offset}")
    if not EARLIEST.year < moment.year < LATEST.year:
        return EARLIEST if moment.year <= EARLIEST.year else LATEST
    return moment.astimezone(UTC)


class Day(Described):
    """A day, taken as its start in the time zone in force."""

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "string", "format": "date"}, **options)

    def to_internal_value(self, data: Any) -> datetime:
        """The start of the day, one at the edge of the calendar drawn in; or a fault."""
        try:
            day = parse_date(data) if isinstance(data, str) and re.fullmatch(r"[\d-]{10}", data, re.ASCII) else None
        except ValueError:
            day = None
        if day is None:
            words = {"value": str(data)[:40]}
            raise ValidationError(_("“%(value)s” is not a day; write it as 2026-11-30.") % words)
        return _start_of(min(max(day, EARLIEST.date()), LATEST.date()))


def _start_of(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min), get_current_timezone())


def day_after(start: datetime) -> datetime:
    """The start of the day after the one that begins at `start`."""
    return _start_of(start.date() + timedelta(days=1))
