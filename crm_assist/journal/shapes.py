"""Objects of payloads that come again and again, written as arrays: a shape names the fields and their places.

A shape is never changed and its number never given again, for what was written by it is in the log for years. A new
set of fields is a new shape at the end of the table; until it has one, an object is written whole and is only larger.
The table holds names of ours alone: nothing that a host declares, and no customer's data.

An object of shape 3 is `{"$3": [..]}`, a list of such objects `{"$3s": [[..], ..]}`. Values at the end of an array
that are what they nearly always are (`DEFAULTS`) are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

SHAPES: tuple[tuple[str, ...], ...] = (
    ("code", "open", "message", "rule", "rule_version"),
    ("feature", "points", "label", "value", "sentence", "beside"),
    (
        "product",
        "product_version",
        "card",
        "propensity",
        "value",
        "priority",
        "offer_probability",
        "verdicts",
        "rank",
        "reasons",
    ),
    ("code", "version", "target", "valid_from", "value", "group", "adapter", "currency", "valid_until"),
    ("product", "state", "opened_at", "answered_at", "until", "reason"),
)
"""The fields in the order of the arrays: of a verdict, a reason, a candidate, a product, a suggestion of before."""

DEFAULTS: tuple[Mapping[str, Any], ...] = (
    {"open": True, "message": "", "rule": "", "rule_version": 0},
    {"beside": ""},
    {"rank": None, "reasons": []},
    {"valid_until": None},
    {"until": None, "reason": ""},
)
"""What is left out at the end of an array of each shape; no floats, of which equal ones may differ in their text."""

_NUMBERS = {frozenset(names): number for number, names in enumerate(SHAPES)}
_WIDTHS = frozenset(map(len, SHAPES))
_VALUES = tuple(itemgetter(*names) for names in SHAPES)
_EDGES = tuple(
    tuple((type(given[name]), given[name]) for name in reversed(names) if name in given)
    for names, given in zip(SHAPES, DEFAULTS, strict=True)
)
_DEEP = frozenset({dict, list})


def compact(value: Any) -> Any:
    """A value in JSON's own types with every object that has a shape as an array; `EXPANDING` gives it back."""
    if type(value) is dict:
        number = _number(value)
        if number is not None:
            return {f"${number}": _array(number, value)}
        if _DEEP.isdisjoint(map(type, value.values())):
            return value
        return {name: compact(item) if type(item) in _DEEP else item for name, item in value.items()}
    if type(value) is not list or not value:
        return value
    number = _common(value)
    return _list(value) if number is None else {f"${number}s": [_array(number, item) for item in value]}


def is_shaped(tag: str) -> bool:
    """Whether a tag is that of a shape, be it in the table or not."""
    return tag[:1] == "$" and tag[1:2].isdigit()


def _number(value: dict[str, Any]) -> int | None:
    return _NUMBERS.get(frozenset(value)) if len(value) in _WIDTHS else None


def _common(items: list[Any]) -> int | None:
    """The shape that all of these have; None where there is none."""
    first = items[0]
    number = _number(first) if type(first) is dict else None
    if number is None or len(items) == 1:
        return number
    keys = first.keys()
    return number if all(type(item) is dict and item.keys() == keys for item in items) else None


def _array(number: int, value: dict[str, Any]) -> list[Any]:
    found = list(_VALUES[number](value))
    for kind, usual in _EDGES[number]:
        # 0, False and 0.0 are equal and are not the same.
        if type(found[-1]) is not kind or found[-1] != usual:
            break
        found.pop()
    return _list(found)


def _list(items: list[Any]) -> list[Any]:
    if _DEEP.isdisjoint(map(type, items)):
        return items
    return [compact(item) if type(item) in _DEEP else item for item in items]


def _object(number: int) -> Callable[[Sequence[Any]], dict[str, Any]]:
    names, given = SHAPES[number], DEFAULTS[number]
    least = len(names) - len(_EDGES[number])
    # By name, as an object that was written whole comes back.
    places = [(name, names.index(name), given.get(name)) for name in sorted(names)]

    def expand(array: Sequence[Any]) -> dict[str, Any]:
        count = len(array)
        if not least <= count <= len(names):
            raise ValueError(f"shape {number} has {least} to {len(names)} values, not {count}: the text was damaged.")
        return {name: array[place] if place < count else [] if usual == [] else usual for name, place, usual in places}

    return expand


def _objects(number: int) -> Callable[[Sequence[Sequence[Any]]], list[dict[str, Any]]]:
    one = _object(number)
    return lambda arrays: [one(array) for array in arrays]


EXPANDING: Mapping[str, Callable[[Any], Any]] = {
    **{f"${number}": _object(number) for number in range(len(SHAPES))},
    **{f"${number}s": _objects(number) for number in range(len(SHAPES))},
}
"""What gives an object or a list back, by the tag it was written with; the values within are expanded already."""
