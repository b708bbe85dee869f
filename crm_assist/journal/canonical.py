"""One text for one value: the canonical JSON that payloads are stored in and that hashes are taken of.

Keys are sorted, no spaces, ASCII alone (so that no encoding can change it). Beyond JSON's own types:

* floats by `repr`; those that JSON cannot write as `{"$float": "nan"}`, `"inf"` or `"-inf"`;
* decimals as `{"$decimal": "12.50"}`; both come back from `parse` as they went in;
* aware datetimes as ISO text in UTC to the microsecond, dates as ISO text, UUIDs as text, enums as their
  value, translated strings as text in the language in force, tuples as lists, sets as lists sorted by their
  canonical text: these come back as text and lists.

Keys that begin with `$` are ours. Whatever else is met is refused with the path that leads to it.
"""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from django.utils.functional import Promise

MAX_BYTES = 1_000_000
"""The longest canonical text of one payload."""

MAX_DEPTH = 40
"""How deep values may be nested."""


class UnfitPayload(ValueError):
    """A value cannot be logged; the message names the path to it, what it is and what to do."""


def canonical(value: Any) -> str:
    """The canonical text of `value`; UnfitPayload for a type, key or depth that has none."""
    return _dump(_plain(value, "payload", 0))


def parse(text: str) -> Any:
    """The value behind a canonical text, with floats and decimals as they went in."""
    return json.loads(text, object_hook=_untag)


def digest_of(text: str) -> str:
    """SHA-256 of a canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _dump(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _untag(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        if "$float" in found:
            return float(found["$float"])
        if "$decimal" in found:
            return Decimal(found["$decimal"])
    return found


def _plain(value: Any, path: str, depth: int) -> Any:
    """`value` in JSON's own types."""
    if depth > MAX_DEPTH:
        raise UnfitPayload(f"{path}: nested deeper than {MAX_DEPTH} levels; flatten it, or look for a cycle.")
    if value is None or type(value) in (str, int, bool):
        return value
    for kinds, convert in CONVERSIONS:
        if isinstance(value, kinds):
            return convert(value, path, depth)
    raise UnfitPayload(
        f"{path}: {type(value).__module__}.{type(value).__qualname__} cannot be logged; "
        "turn it into text, numbers, lists or dictionaries first."
    )


def _mapping(value: Mapping[Any, Any], path: str, depth: int) -> dict[str, Any]:
    plain = {}
    for key, item in value.items():
        if not isinstance(key, str) or key.startswith("$"):
            raise UnfitPayload(f"{path}: key {key!r} must be text that does not begin with $.")
        name = str(key.value) if isinstance(key, Enum) else str(key)
        plain[name] = _plain(item, f"{path}.{name}", depth + 1)
    return plain


def _sequence(value: Any, path: str, depth: int) -> list[Any]:
    return [_plain(item, f"{path}[{place}]", depth + 1) for place, item in enumerate(value)]


def _set(value: Any, path: str, depth: int) -> list[Any]:
    return sorted((_plain(item, f"{path}{{}}", depth + 1) for item in value), key=_dump)


def _float(value: float, path: str, depth: int) -> Any:
    return float(value) if math.isfinite(value) else {"$float": repr(float(value))}


def _datetime(value: datetime, path: str, depth: int) -> str:
    if value.utcoffset() is None:
        raise UnfitPayload(f"{path}: datetime {value.isoformat()} has no time zone; make it aware.")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


Conversion = Callable[[Any, str, int], Any]

# In this order: a datetime is a date too, an enum may be text or a number.
CONVERSIONS: tuple[tuple[type | tuple[type, ...], Conversion], ...] = (
    (Enum, lambda value, path, depth: _plain(value.value, path, depth + 1)),
    (Promise, lambda value, path, depth: str(value)),
    (str, lambda value, path, depth: str(value)),
    (int, lambda value, path, depth: int(value)),
    (float, _float),
    (Decimal, lambda value, path, depth: {"$decimal": str(value)}),
    (datetime, _datetime),
    (date, lambda value, path, depth: value.isoformat()),
    (uuid.UUID, lambda value, path, depth: str(value)),
    (Mapping, _mapping),
    ((list, tuple), _sequence),
    ((set, frozenset), _set),
)
