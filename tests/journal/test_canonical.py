from __future__ import annotations

import json
import math
import uuid
from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.journal.canonical import MAX_DEPTH, UnfitPayload, canonical, digest_of, parse
from crm_assist.types import Phase

KEYS = st.text().filter(lambda key: not key.startswith("$"))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.decimals(allow_nan=False)
    | st.text(st.characters(exclude_categories=[]))
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


@given(VALUES)
def test_canonical__any_value__comes_back_equal_and_of_the_same_types(value: Any) -> None:
    assert repr(parse(canonical(value))) == repr(_sorted(value))


@given(VALUES)
def test_canonical__what_came_back__has_the_same_text(value: Any) -> None:
    text = canonical(value)
    assert canonical(parse(text)) == text
    assert text.isascii()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@given(st.dictionaries(KEYS, LEAVES, min_size=2))
def test_canonical__same_mapping_in_other_order__has_the_same_text(value: dict[str, Any]) -> None:
    assert canonical(value) == canonical(OrderedDict(reversed(value.items())))


@given(st.sets(st.integers() | st.text()))
def test_canonical__set__is_sorted_whatever_its_order(value: set[Any]) -> None:
    assert canonical(value) == canonical(frozenset(sorted(value, key=repr)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": (1.0, True, None)}, '{"a":[1.0,true,null],"b":1}'),
        (-0.0, "-0.0"),
        (1e300, "1e+300"),
        (math.nan, '{"$float":"nan"}'),
        (-math.inf, '{"$float":"-inf"}'),
        (Decimal("12.50"), '{"$decimal":"12.50"}'),
        ("é\x00", r'"\u00e9\u0000"'),
        (Phase.OFF, '"off"'),
        ({Phase.SCORE: 1}, '{"score":1}'),
        (date(2026, 3, 1), '"2026-03-01"'),
        (uuid.UUID(int=7), '"00000000-0000-0000-0000-000000000007"'),
        (datetime(2026, 3, 1, 9, tzinfo=UTC), '"2026-03-01T09:00:00.000000+00:00"'),
    ],
)
def test_canonical__each_type__has_its_documented_text(value: Any, text: str) -> None:
    assert canonical(value) == text


def test_canonical__same_moment_in_two_zones__has_the_same_text() -> None:
    here = datetime(2026, 3, 1, 11, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert canonical(here) == canonical(here.astimezone(UTC))


def test_canonical__nan__comes_back_as_nan() -> None:
    assert math.isnan(parse(canonical({"x": math.nan}))["x"])


def test_canonical__translated_text__is_written_in_the_language_in_force() -> None:
    with translation.override("fr"):
        assert canonical([gettext_lazy("Yes")]) == '["Oui"]'


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ({"a": [1, {"b": object()}]}, "payload.a[1].b: builtins.object"),
        ({"a": {1: 2}}, "payload.a: key 1"),
        ({"$float": "nan"}, "key '$float'"),
        ([datetime(2026, 3, 1)], "payload[0]: datetime 2026-03-01T00:00:00 has no time zone"),
        (b"bytes", "payload: builtins.bytes"),
    ],
)
def test_canonical__what_has_no_text__is_refused_with_its_path(value: Any, part: str) -> None:
    with pytest.raises(UnfitPayload) as refused:
        canonical(value)
    assert part in str(refused.value)


def test_canonical__cycle__is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(UnfitPayload, match=f"deeper than {MAX_DEPTH}"):
        canonical(loop)


def test_digest_of__known_text__is_its_sha256() -> None:
    assert digest_of("{}") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
