"""Objects as arrays: whatever went in comes back, and the table stays as it was written by."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.decisions.models import Decision
from crm_assist.journal.canonical import canonical, canonical_compact, digest_of, parse
from crm_assist.journal.models import Payload
from crm_assist.journal.shapes import DEFAULTS, SHAPES
from crm_assist.journal.writer import is_intact, payload_of, record
from crm_assist.types import Candidate, PastSuggestion, ProductFacts, Reason, Verdict

USUAL = [None, "", 0, 0.0, -0.0, False, True, 1, [], {}]
LEAVES = st.sampled_from(USUAL) | st.floats() | st.decimals(allow_nan=False) | st.text()
KEYS = st.sampled_from([name for names in SHAPES for name in names]) | st.text().filter(lambda key: key[:1] != "$")


def shaped(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects of one of the shapes, many of their values the usual ones."""

    def of(number: int) -> st.SearchStrategy[Any]:
        usual = DEFAULTS[number]
        return st.fixed_dictionaries(
            {name: st.just(usual[name]) | inner if name in usual else inner for name in SHAPES[number]}
        )

    one = st.integers(0, len(SHAPES) - 1).flatmap(of)
    return one | st.integers(0, len(SHAPES) - 1).flatmap(lambda number: st.lists(of(number))) | st.lists(one)


FROZEN = ["057c9a5719b2", "4c3ce16a67b4", "02f312393bd1", "a3b6c90a3d48", "8c2d6b30bed2"]
"""A digest of each shape with its usual values, in the order of the table."""

VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner) | shaped(inner), max_leaves=25
)
PAYLOADS = st.dictionaries(KEYS, VALUES) | shaped(VALUES).filter(lambda value: isinstance(value, dict))


@given(PAYLOADS)
def test_compact__any_payload__comes_back_as_from_the_whole_text(payload: dict[str, Any]) -> None:
    assert repr(parse(canonical_compact(payload))) == repr(parse(canonical(payload)))


@given(PAYLOADS)
def test_compact__what_came_back__has_the_same_text(payload: dict[str, Any]) -> None:
    text = canonical_compact(payload)
    assert canonical_compact(parse(text)) == text


@given(PAYLOADS)
def test_compact__any_payload__is_never_longer_than_whole(payload: dict[str, Any]) -> None:
    assert len(canonical_compact(payload)) <= len(canonical(payload))


def test_compact__verdicts_that_are_fine__are_one_word_each() -> None:
    fine = {"code": "ok", "open": True, "message": "", "rule": "", "rule_version": 0}
    shut = {**fine, "code": "held", "open": False}
    assert canonical_compact({"verdicts": [fine, shut]}) == '{"verdicts":{"$0s":[["ok"],["held",false]]}}'
    assert (
        canonical_compact({"customer": fine, "many": [fine, 1]})
        == '{"customer":{"$0":["ok"]},"many":[{"$0":["ok"]},1]}'
    )


def test_compact__usual_list__is_not_shared_by_those_who_read_it() -> None:
    candidate = dict.fromkeys(SHAPES[2], 1) | {"rank": None, "reasons": []}
    first, second = parse(canonical_compact({"candidates": [candidate, candidate]}))["candidates"]
    first["reasons"].append("mine")
    assert second["reasons"] == []


@pytest.mark.parametrize("kind", [Verdict, Reason, Candidate, ProductFacts, PastSuggestion])
def test_shapes__what_decisions_are_made_of__have_one(kind: Any) -> None:
    logged = {field.name for field in fields(kind) if field.metadata.get("logged", True)}
    assert logged in [set(names) for names in SHAPES]


def test_shapes__table__is_the_one_that_logs_were_written_by() -> None:
    # Never change what is here: append a shape to the tables, and a digest here.
    told = [
        digest_of(json.dumps([names, usual], sort_keys=True))[:12]
        for names, usual in zip(SHAPES, DEFAULTS, strict=True)
    ]
    assert told == FROZEN


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a":{"$99":[1]}}', r"\$99: no such shape is known"),
        ('{"a":{"$0":[]}}', "shape 0 has 1 to 5 values, not 0"),
        ('{"a":{"$1s":[[1,2,3,4,5,6,7]]}}', "shape 1 has 5 to 6 values, not 7"),
    ],
)
def test_parse__shape_that_cannot_be__is_told(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse(text)


@pytest.mark.django_db
@pytest.mark.parametrize("write", [canonical, canonical_compact], ids=["schema 1", "schema 2"])
def test_payload_of__either_schema__is_read_alike(
    new_decision: Callable[..., Decision], write: Callable[[Any], str]
) -> None:
    payload = {"verdicts": [{"code": "ok", "open": True, "message": "", "rule": "", "rule_version": 0}]}
    body = write(payload)
    row = new_decision(digest=digest_of(body))
    row.save()
    Payload.objects.create(row_id=row.pk, tenant=row.tenant, subject_id=row.subject_id, body=body)
    assert payload_of(row.pk) == payload
    assert is_intact(row)


@pytest.mark.django_db
def test_record__payload_that_is_itself_of_a_shape__comes_back(new_decision: Callable[..., Decision]) -> None:
    payload = {"code": "ok", "open": True, "message": "", "rule": "", "rule_version": 0}
    assert payload_of(record(new_decision(), payload).pk) == payload
