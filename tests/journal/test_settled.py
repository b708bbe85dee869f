"""What is settled, from a mark on: each row once, in one order, whatever the size of the chunks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from crm_assist.decisions.models import Decision
from crm_assist.journal.order import ZERO, Mark
from crm_assist.journal.settled import BadMark, Selection, read_mark, select, written
from tests.journal.odd_decisions import NOW, decided

pytestmark = pytest.mark.django_db(transaction=True)


def taken(selection: Selection, most: int) -> list[str]:
    """The teams of all rows, taken so many at a time."""
    found, after = [], selection.after
    while rows := selection.take(after, most, ()):
        after = selection.place_of(rows[-1])
        found += [str(row.revision) for row in rows]
    return found


@pytest.mark.parametrize("most", [1, 3, 100])
def test_take__any_chunk__gives_each_row_once_in_order(most: int) -> None:
    decided(5)
    decided(5, start=5)
    selection = select(Decision, tenant="")
    assert taken(selection, most) == [str(number) for number in range(10)]
    assert selection.count() == 10


def test_select__since_the_mark_of_before__gives_what_is_new_alone() -> None:
    decided(3)
    before = select(Decision, tenant="").upto
    assert before is not None
    assert taken(select(Decision, tenant="", after=before), 2) == []
    decided(2, start=3)
    later = select(Decision, tenant="", after=read_mark(written(before)))
    assert taken(later, 2) == ["3", "4"]


def test_select__upto__holds_what_comes_later_back() -> None:
    decided(2)
    selection = select(Decision, tenant="")
    decided(2, start=2)
    assert taken(selection, 10) == ["0", "1"]


def test_select__times__are_from_the_first_and_before_the_last() -> None:
    decided(6)
    since, until = (NOW + timedelta(microseconds=1_500 * number) for number in (2, 4))
    assert taken(select(Decision, tenant="", since=since, until=until), 10) == ["2", "3"]


def test_select__other_tenant__is_not_among_them() -> None:
    decided(2)
    decided(2, tenant="north")
    assert len(taken(select(Decision, tenant="north"), 10)) == 2
    assert taken(select(Decision, tenant="south"), 10) == []


def test_select__empty_log__gives_nothing_and_no_mark() -> None:
    selection = select(Decision, tenant="")
    assert (selection.upto, selection.count(), taken(selection, 5)) == (None, 0, [])
    assert written(None) == ""


def test_select__mark_that_lies_ahead__is_refused() -> None:
    decided(1)
    upto = select(Decision, tenant="").upto
    assert upto is not None
    ahead: Mark = (upto[0] + 10**9, upto[1])
    with pytest.raises(BadMark, match="restored from a backup"):
        select(Decision, tenant="", after=ahead)


def test_select__mark_of_the_other_kind_of_database__is_refused() -> None:
    [row] = decided(1)
    other: Mark = (0, ZERO) if connection.vendor == "postgresql" else (0, row.pk)
    with pytest.raises(BadMark, match="another database"):
        select(Decision, tenant="", after=other)


@given(st.integers(0, 2**59), st.uuids() | st.just(ZERO))
def test_mark__written__is_read_as_it_was(number: int, row_id: object) -> None:
    assert read_mark(written((number, row_id))) == (number, row_id)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "x", "12.", "1.abc", "-1", "1" * 30, "1.0" + "0" * 40, "١٢"])
def test_mark__that_is_none__is_refused_by_name(text: str) -> None:
    with pytest.raises(BadMark, match="give a mark that an export printed"):
        read_mark(text)
