"""A statement made once: each use puts its own texts and moments into the places, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_assist.moments import any_moment
from crm_assist.statements import Slot, statement

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_filled__texts_and_moments__stand_in_their_places() -> None:
    at = any_moment(AT, "at")
    made = statement("..", ["x", Slot("key"), at - timedelta(days=1), 7, Slot("key"), at, None])
    later = AT + timedelta(days=100)
    assert made.filled({"key": "%s'", "at": later}) == ["x", "%s'", later - timedelta(days=1), 7, "%s'", later, None]
    assert len(made.stand_ins) == 3
    assert [type(one) for one in made.filled({"key": "k", "at": AT})][1:3] == [str, datetime]


def test_filled__a_value_is_missing__is_an_error_and_no_stand_in_gets_out() -> None:
    with pytest.raises(KeyError):
        statement("..", [Slot("tenant")]).filled({"key": "1"})


def test_filled__slot_named_like_a_text__is_told_apart_from_it() -> None:
    assert statement("..", ["key", Slot("key")]).filled({"key": "1"}) == ["key", "1"]
