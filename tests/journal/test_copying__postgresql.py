"""By COPY a view has the same bytes as record by record, whatever stands in it."""

from __future__ import annotations

import struct

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from crm_assist import journal
from crm_assist.decisions.models import Decision
from crm_assist.flow.export_narrow import NARROW
from crm_assist.journal import copying
from crm_assist.journal.copying import Lines, can_copy, places
from crm_assist.journal.export import number_text
from crm_assist.journal.forms import Csv
from crm_assist.journal.pseudonyms import Names, export_key
from crm_assist.journal.settled import select
from tests.journal.odd_decisions import NUMBERS, TEXTS, decided

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("rows", [1, 7, 1_000])
def test_lines__odd_rows__are_those_of_the_records(clear: bool, rows: int) -> None:
    decided(2 * len(TEXTS) * len(NUMBERS) // 3)
    selection, names = select(Decision, tenant=""), Names(clear=clear)
    assert can_copy(NARROW, selection.using)
    lines = Lines(view=NARROW, selection=selection, names=names, safe=True)
    copied = [lines.between(after, upto).text for after, upto in places(selection, rows)]
    records = NARROW.records(selection.take(None, 10_000, NARROW.related), names)
    assert b"".join(copied).decode() == Csv().body(NARROW, records).decode()


@pytest.mark.parametrize("start", [0, 5])
def test_lines__since_a_mark__name_those_alone_who_are_met(start: int) -> None:
    decided(4)
    mark = select(Decision, tenant="").upto
    decided(3, start=start)
    selection, names = select(Decision, tenant="", after=mark), Names(clear=True)
    lines = Lines(view=NARROW, selection=selection, names=names, safe=True)
    copied = lines.between(selection.after, selection.upto).text
    records = NARROW.records(selection.take(mark, 100, NARROW.related), names)
    assert copied == Csv().body(NARROW, records)
    assert copied.count(b"\r\n") >= 3


def test_copy__key_of_the_names__is_in_no_statement() -> None:
    decided(3)
    with CaptureQueriesContext(connection) as captured:
        journal.read_decisions()
    text = "\n".join(query["sql"] for query in captured)
    assert "COPY" in text
    assert export_key().hex() not in text


def test_lines__more_customers_than_are_kept__are_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    decided(20)
    monkeypatch.setattr(copying, "MOST_KEPT", 2)
    selection = select(Decision, tenant="")
    lines = Lines(view=NARROW, selection=selection, names=Names(), safe=True)
    few = [lines.between(after, upto).text for after, upto in places(selection, 3)]
    records = NARROW.records(selection.take(None, 100, NARROW.related), Names())
    assert b"".join(few) == Csv().body(NARROW, records)


@given(st.floats() | st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0]))
def test_number_text__any_number__is_as_postgresql_writes_it(number: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::float8)::text", [number])
        (text,) = cursor.fetchone()
    # Beyond the whole numbers that it holds exactly, PostgreSQL may spend a digit more on the same number.
    same = text == number_text(number) if not 2**53 < abs(number) < float("inf") else float(text) == number
    assert same, f"{text} {number_text(number)}"
