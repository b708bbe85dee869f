"""What customers did: checked field by field before it may become a row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm_assist.customers.models import Subject
from crm_assist.decisions.answers import BadAnswer
from crm_assist.decisions.outcomes import AHEAD, MOST_VERSION, NEXT, checked_kind
from crm_assist.types import OutcomeKind
from tests.decisions.conftest import NOW, row


@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_kind__each_known__is_taken(kind: OutcomeKind) -> None:
    assert checked_kind(kind.value) is kind


def test_row__unknown_kind_or_future__is_refused_by_field(subject: Subject) -> None:
    with pytest.raises(BadAnswer, match="“bought” is not an outcome; use one of ordered") as kind:
        row(subject, kind="bought")
    with pytest.raises(BadAnswer, match="cannot lie in the future") as moment:
        row(subject, occurred_at=NOW + AHEAD + timedelta(microseconds=1))
    assert (kind.value.field, moment.value.field) == ("kind", "occurred_at")


def test_row__of_a_clock_that_goes_a_little_ahead__is_taken(subject: Subject) -> None:
    assert row(subject, occurred_at=NOW + AHEAD).occurred_at == NOW + AHEAD


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("product", "p" * 61),
        ("source", "s" * 41),
        ("external_id", "e" * 101),
        ("external_id", "\x00"),
        ("occurred_at", NOW.replace(tzinfo=None)),
    ],
)
def test_outcome__what_no_column_can_hold__is_refused_by_name(subject: Subject, field: str, value: Any) -> None:
    with pytest.raises(BadAnswer) as caught:
        row(subject, **{field: value})
    assert caught.value.field == field


@pytest.mark.parametrize(("version", "external_id"), [(-1, "o-1"), (MOST_VERSION + 1, "o-1"), (1, "")])
def test_row__version_out_of_bounds_or_without_an_id__is_refused_by_name(
    subject: Subject, version: int, external_id: str
) -> None:
    with pytest.raises(BadAnswer) as caught:
        row(subject, version=version, external_id=external_id)
    assert caught.value.field == "version"


def test_row__without_a_version__takes_the_next(subject: Subject) -> None:
    assert row(subject).version == NEXT
    assert row(subject, version=MOST_VERSION, external_id="o-1").version == MOST_VERSION
