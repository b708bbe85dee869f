"""One text for one value: the canonical JSON that payloads are stored in and that hashes are taken of.

Keys are sorted, no spaces, ASCII alone (so that no encoding can change it). Beyond JSON's own types:

* floats by `repr`; those that JSON cannot write as `{"$float": "nan"}`, `"inf"` or `"-inf"`;
* decimals as `{"$decimal": "12.50"}`; both come back from `parse` as they went in;
* aware datetimes as ISO text in UTC to the microsecond, dates as ISO text, UUIDs as text, enums as their
  value, translated strings as text in the language in force, tuples as lists, sets as lists sorted by their
  canonical text: these come back as text and lists.

Objects that come again and again may be written as arrays (`journal.shapes`). Keys that begin with `$` are ours.
Whatever else is met is refused with the path that leads to it.
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

from crm_assist.journal.shapes import EXPANDING, compact, is_shaped

MAX_BYTES = 1_000_000
"""The longest canonical text of one payload."""

MAX_DEPTH = 40
"""How deep values may be nested."""


class UnfitPayload(ValueError):
    """A value cannot be logged; the message names the path to it, what it is and what to do."""


class _Unfit(Exception):
    """Collects the path on its way up, so that a value that fits costs no path."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.path: list[str] = []


def canonical(value: Any) -> str:
    """The canonical text of `value`; UnfitPayload for a type, key or depth that has none."""
    return _dump(_fit(value))


def canonical_compact(payload: Mapping[str, Any]) -> str:
    """As `canonical`, but objects of a known shape within are arrays; what `parse` gives back is the same."""
    return _dump({name: compact(item) for name, item in _fit(payload).items()})


def _fit(value: Any) -> Any:
    try:
        return _plain(value, 0)
    except _Unfit as unfit:
        raise UnfitPayload(f"payload{''.join(reversed(unfit.path))}: {unfit}") from None


def parse(text: str) -> Any:
    """The value behind a canonical text, compact or not, with floats and decimals as they went in."""
    return json.loads(text, object_hook=_untag)


def digest_of(text: str) -> str:
    """SHA-256 of a canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


_dump = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def _untag(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        if "$float" in found:
            return float(found["$float"])
        if "$decimal" in found:
            return Decimal(found["$decimal"])
        (tag,) = found
        if tag in EXPANDING:
            return EXPANDING[tag](found[tag])
        if is_shaped(tag):
            raise ValueError(f"{tag}: no such shape is known; the text is of a newer version, or was damaged.")
    return found


def _plain(value: Any, depth: int) -> Any:
    """`value` in JSON's own types."""
    kind = type(value)
    if kind in AS_IT_IS:
        return value
    if depth > MAX_DEPTH:
        raise _Unfit(f"nested deeper than {MAX_DEPTH} levels; flatten it, or look for a cycle.")
    if kind in COMMON:
        return COMMON[kind](value, depth)
    for kinds, convert in CONVERSIONS:
        if isinstance(value, kinds):
            return convert(value, depth)
    raise _Unfit(
        f"{kind.__module__}.{kind.__qualname__} cannot be logged; "
        "turn it into text, numbers, lists or dictionaries first."
    )


def _mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    plain = {}
    for key, item in value.items():
        name = key if key in _names else _name(key)
        kind = type(item)
        if kind in AS_IT_IS or (kind is float and math.isfinite(item)):
            plain[name] = item
            continue
        try:
            plain[name] = _plain(item, depth + 1)
        except _Unfit as unfit:
            unfit.path.append(f".{name}")
            raise
    return plain


def _name(key: Any) -> str:
    if not isinstance(key, str) or key.startswith("$"):
        raise _Unfit(f"key {key!r} must be text that does not begin with $.")
    name = str(key.value) if isinstance(key, Enum) else str(key)
    if len(_names) < 10_000 and not name.startswith("$"):
        _names.add(name)
    return name


_names: set[str] = set()
"""Keys that were found to be fit: nearly every payload has the same ones."""


def _sequence(value: Any, depth: int) -> list[Any]:
    plain = []
    for place, item in enumerate(value):
        try:
            plain.append(item if type(item) in AS_IT_IS else _plain(item, depth + 1))
        except _Unfit as unfit:
            unfit.path.append(f"[{place}]")
            raise
    return plain


def _set(value: Any, depth: int) -> list[Any]:
    return sorted(_sequence(value, depth), key=_dump)


def _float(value: float, depth: int) -> Any:
    return float(value) if math.isfinite(value) else {"$float": repr(float(value))}


def _datetime(value: datetime, depth: int) -> str:
    if value.utcoffset() is None:
        raise _Unfit(f"datetime {value.isoformat()} has no time zone; make it aware.")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


Conversion = Callable[[Any, int], Any]

AS_IT_IS = frozenset({type(None), str, int, bool})
COMMON: dict[type, Conversion] = {float: _float, dict: _mapping, list: _sequence, tuple: _sequence}

# In this order: a datetime is a date too, an enum may be text or a number.
CONVERSIONS: tuple[tuple[type | tuple[type, ...], Conversion], ...] = (
    (Enum, lambda value, depth: _plain(value.value, depth + 1)),
    (Promise, lambda value, depth: str(value)),
    (str, lambda value, depth: str(value)),
    (int, lambda value, depth: int(value)),
    (float, _float),
    (Decimal, lambda value, depth: {"$decimal": str(value)}),
    (datetime, _datetime),
    (date, lambda value, depth: value.isoformat()),
    (uuid.UUID, lambda value, depth: str(value)),
    (Mapping, _mapping),
    ((list, tuple), _sequence),
    ((set, frozenset), _set),
)
