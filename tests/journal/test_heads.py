"""One line of a head file: signed, read again, and refused when anything in it is not as it was signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.journal.heads import FIELDS, BadHead, Head, keys, read, signed

MOMENT = datetime(2026, 3, 1, 9, 30, 0, 5, tzinfo=UTC)
HEAD = Head(tenant="north", sequence=7, hash="ab" * 32, rows=35_000, sealed_at=MOMENT, at=MOMENT)
OTHER = "another secret of more than 32 characters"
texts = st.text(max_size=30)


@given(
    st.builds(
        Head,
        tenant=texts,
        sequence=st.integers(min_value=1, max_value=2**63 - 1),
        hash=texts,
        rows=st.integers(min_value=0, max_value=2**63 - 1),
        sealed_at=st.datetimes(timezones=st.just(UTC)),
        at=st.datetimes(timezones=st.just(UTC)),
        previous=texts,
        torn=st.booleans(),
    )
)
def test_head__any__is_one_line_that_reads_as_it_was_signed(head: Head) -> None:
    line = signed(head, keys()[0])
    assert line.isascii()
    assert "\n" not in line
    assert read(line, keys()) == head


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"version", "torn"}))
def test_line__any_field_changed__is_refused(field: str) -> None:
    body = json.loads(signed(HEAD, keys()[0]))
    body[field] = body[field] + 1 if isinstance(body[field], int) else f"{body[field]}0"
    with pytest.raises(BadHead):
        read(json.dumps(body), keys())


@pytest.mark.parametrize(
    "line", ["", "lost", "[]", "null", "{}", '{"tenant": ""}', "\x00", "9" * 5000, '{"version": {}}', "[" * 3000]
)
def test_line__that_is_no_head__is_refused_in_words(line: str) -> None:
    with pytest.raises(BadHead, match="is no head"):
        read(line, keys())


@pytest.mark.parametrize(
    ("field", "value"), [("sequence", "7"), ("sequence", True), ("tenant", None), ("torn", 0), ("signature", 5)]
)
def test_line__field_of_another_type__is_named(field: str, value: Any) -> None:
    body = json.loads(signed(HEAD, keys()[0]))
    body[field] = value
    with pytest.raises(BadHead, match=field):
        read(json.dumps(body), keys())


def test_line__of_a_later_version__says_so_instead_of_forged() -> None:
    body = json.loads(signed(HEAD, keys()[0]))
    body["version"] = 2
    with pytest.raises(BadHead, match="version 2"):
        read(json.dumps(body), keys())


def test_key__without_one_of_ours__comes_from_django_and_its_fallbacks() -> None:
    line = signed(HEAD, keys()[0])
    with override_settings(SECRET_KEY=OTHER):
        with pytest.raises(BadHead, match="key that is not known"):
            read(line, keys())
        with override_settings(SECRET_KEY_FALLBACKS=["test-key-of-before"]):
            assert len(keys()) == 2


def test_key__changed__lines_of_before_are_read_with_the_fallbacks_alone() -> None:
    with override_settings(CRM_ASSIST={"SEAL_KEY": "k" * 32}):
        before = signed(HEAD, keys()[0])
    with override_settings(CRM_ASSIST={"SEAL_KEY": OTHER, "SEAL_KEY_FALLBACKS": ("k" * 32,)}):
        assert read(before, keys()) == HEAD
        assert signed(HEAD, keys()[0]) != before
    with override_settings(CRM_ASSIST={"SEAL_KEY": OTHER}), pytest.raises(BadHead, match="not known"):
        read(before, keys())


def test_key__of_ours__makes_djangos_own_worthless(settings: Any) -> None:
    """Who has the web server's secret alone must not be able to sign heads once there is a key for them."""
    forged = signed(HEAD, keys()[0])
    settings.CRM_ASSIST = {"SEAL_KEY": OTHER}
    with pytest.raises(BadHead, match="not known"):
        read(forged, keys())
    settings.CRM_ASSIST = {"SEAL_KEY": OTHER, "SEAL_KEY_FALLBACKS": (settings.SECRET_KEY,)}
    assert read(forged, keys()) == HEAD


def test_line__key_of_another_name_put_in__is_refused() -> None:
    with override_settings(CRM_ASSIST={"SEAL_KEY": OTHER}):
        body, theirs = json.loads(signed(HEAD, keys()[0])), keys()[0].name
    assert theirs != keys()[0].name
    body["key"] = keys()[0].name
    with pytest.raises(BadHead, match="forged"):
        read(json.dumps(body), keys())
