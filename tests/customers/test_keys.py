"""Every kind of key as one text, there and back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.customers import BadKey, keys
from tests.hosts.desk.models import Client
from tests.hosts.guild.models import Member
from tests.hosts.shapes.models import Dossier, Person, Policy, Seat

CLIENT = keys.key_field_of(Client, None)
MEMBER = keys.key_field_of(Member, None)
PERSON = keys.key_field_of(Person, None)
POLICY = keys.key_field_of(Policy, None)
SEAT = keys.key_field_of(Seat, None)
DOSSIER = keys.key_field_of(Dossier, "reference")

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40)


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_whole_number__there_and_back__is_the_same(value: int) -> None:
    assert keys.value_of(CLIENT, keys.text_of(CLIENT, value)) == value


@given(st.uuids())
def test_uuid__there_and_back__is_the_same(value: UUID) -> None:
    assert keys.value_of(MEMBER, keys.text_of(MEMBER, value)) == value
    assert keys.value_of(DOSSIER, keys.text_of(DOSSIER, str(value))) == value


@given(texts)
def test_text__there_and_back__is_the_same(value: str) -> None:
    assert keys.value_of(POLICY, keys.text_of(POLICY, value)) == value


@given(texts, st.integers(min_value=-(2**31), max_value=2**31 - 1))
def test_two_columns__there_and_back__are_the_same(row: str, number: int) -> None:
    assert keys.value_of(SEAT, keys.text_of(SEAT, (row, number))) == (row, number)


@given(st.one_of(texts, st.text(max_size=300), st.binary(max_size=20).map(repr)))
def test_value_of__any_text_at_all__gives_the_exact_value_or_bad_key(text: str) -> None:
    for field in (CLIENT, MEMBER, PERSON, POLICY, SEAT, DOSSIER):
        with suppress(BadKey):
            assert keys.text_of(field, keys.value_of(field, text)) == text


@pytest.mark.parametrize(
    "text",
    ["", " 7", "07", "+7", "7.0", "1_000", "٣", "x", "\x00", "7\x00", "1" * 256, str(2**63), "None", "\ud800"],
)
def test_value_of__what_only_looks_like_a_number__is_bad(text: str) -> None:
    with pytest.raises(BadKey):
        keys.value_of(CLIENT, text)


@pytest.mark.parametrize("text", ["[]", "{}", '["A"]', '["A","3","4"]', '["A", "3"]', '["A",3]', "[", "null"])
def test_value_of__malformed_composite__is_bad(text: str) -> None:
    with pytest.raises(BadKey):
        keys.value_of(SEAT, text)


def test_value_of__uuid_spelled_otherwise__is_bad_so_that_one_customer_has_one_key() -> None:
    value = UUID(int=10**37)
    for text in (value.hex, str(value).upper(), f"{{{value}}}"):
        with pytest.raises(BadKey):
            keys.value_of(MEMBER, text)


@pytest.mark.parametrize(("field", "value"), [(CLIENT, None), (SEAT, ("A", None))])
def test_text_of__unsaved_record__is_bad(field: Any, value: Any) -> None:
    with pytest.raises(BadKey, match="save it first"):
        keys.text_of(field, value)


def test_key_field_of__parent_link__is_the_key_of_the_parent() -> None:
    assert isinstance(PERSON, models.BigAutoField)


def test_typed__each_kind__fills_its_own_column_only() -> None:
    uuid = UUID(int=5)
    assert keys.typed(5) == {"key_int": 5, "key_uuid": None}
    assert keys.typed(uuid) == {"key_int": None, "key_uuid": uuid}
    for other in ("5", (5, 6), True, 2**63):
        assert keys.typed(other) == {"key_int": None, "key_uuid": None}


def test_typed_column__each_kind__names_the_column_that_joins_without_a_cast() -> None:
    columns = [keys.typed_column(field) for field in (CLIENT, PERSON, MEMBER, DOSSIER, POLICY, SEAT)]
    assert columns == ["key_int", "key_int", "key_uuid", "key_uuid", "key", "key"]
