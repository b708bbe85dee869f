"""The cursor of a batch: read back as it was given, anything else refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.flow.rescore_place import BadCursor, Place

TEXTS = st.text(max_size=40)


@given(TEXTS, TEXTS, st.integers(min_value=0, max_value=10**12), TEXTS)
def test_place__any__is_read_back_from_its_text(tenant: str, key: str, done: int, table: str) -> None:
    place = Place(tenant=tenant, key=key, done=done, table=table)
    assert Place.read(place.text()) == place


def test_read__empty__is_the_beginning() -> None:
    assert Place.read("") == Place()


@pytest.mark.parametrize("text", ["x", "[]", "3", '{"other": 1}', '{"key": 3}', '{"done": -1}', '{"done": true}'])
def test_read__foreign_text__is_refused(text: str) -> None:
    with pytest.raises(BadCursor, match="give the cursor of a step"):
        Place.read(text)


def test_key_in__another_tenant__begins_at_its_first_customer() -> None:
    place = Place(tenant="a", key="7")
    assert (place.key_in("a"), place.key_in("b")) == ("7", "")
