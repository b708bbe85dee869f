"""Columns for notebooks: the same whichever way they came, by pseudonym, and gone on with by a mark."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy
import pandas
import pytest

from crm_assist import journal
from crm_assist.flow.export_narrow import NARROW
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.settled import BadMark
from crm_assist.journal.views import UnknownView
from tests.journal.odd_decisions import NOW, decided

pytestmark = pytest.mark.django_db(transaction=True)


def test_read__narrow__has_every_column_of_the_rows_as_they_are() -> None:
    rows = decided(40)
    found = journal.read_decisions()
    assert list(found) == NARROW.names
    assert found["id"] == [str(row.pk) for row in rows]
    for name in ("at", "team", "target", "probability", "revision", "slate", "latency_ms"):
        assert found[name] == [getattr(row, name) for row in rows], name
    assert {type(value) for value in found["probability"]} == {float, type(None)}


def test_read__people__are_pseudonyms_the_merged_one_that_stays_and_nobody_once_erased() -> None:
    decided(4)
    found, names = journal.read_decisions(), Names()
    stays = names.customer(model_label="bank.customer", tenant="", key="42")
    firm = names.customer(model_label="bank.firm", tenant="", key="=A,1")
    assert found["customer"] == [stays, stays, firm, ""]
    assert found["agent"][0] == names.agent(tenant="", key="7")
    assert journal.read_decisions(names=True)["customer"] == ["42", "42", "=A,1", ""]
    assert journal.read_decisions(names=True)["agent"][0] == "7"


def test_read__mark__goes_on_exactly_there() -> None:
    decided(3)
    first = journal.read_decisions(columns=["revision"])
    decided(2, start=3)
    second = journal.read_decisions(columns=["revision"], since=first.mark)
    assert (first["revision"], second["revision"]) == ([0, 1, 2], [3, 4])
    assert journal.read_decisions(columns=["revision"], since=second.mark)["revision"] == []


def test_read__until__gives_no_mark_since_something_was_left_out() -> None:
    decided(3)
    found = journal.read_decisions(since=NOW, until=NOW + timedelta(microseconds=2_000))
    assert (len(found["id"]), found.mark) == (2, "")


def test_read__columns__are_those_asked_for_in_their_order() -> None:
    decided(1)
    assert list(journal.read_decisions(columns=["team", "id"])) == ["team", "id"]


def test_read__what_cannot_be_used__is_named_with_the_remedy() -> None:
    with pytest.raises(UnknownView, match=r"'wide'.*bandit, decisions, narrow"):
        journal.read_decisions(view="wide")
    with pytest.raises(UnknownView, match=r"'nmae'.*agent"):
        journal.read_decisions(columns=["nmae"])
    with pytest.raises(ValueError, match="until=2026-01-01T00:00:00 has no time zone"):
        journal.read_decisions(until=datetime(2026, 1, 1))
    with pytest.raises(BadMark, match="'yesterday' is none"):
        journal.read_decisions(since="yesterday")


def test_read__empty_log__has_its_columns() -> None:
    found = journal.read_decisions()
    assert (set(map(len, found.values())), found.mark) == ({0}, "")
    assert found.numpy()["at"].dtype == "datetime64[us]"


def test_numpy__kinds__and_what_is_not_known_is_nan() -> None:
    decided(4)
    arrays = journal.read_decisions().numpy()
    assert arrays["at"].dtype == "datetime64[us]"
    assert arrays["at"][0] == numpy.datetime64(NOW.astimezone(UTC).replace(tzinfo=None))
    assert arrays["revision"].dtype == "int64"
    assert numpy.isnan(arrays["probability"][0])
    assert arrays["team"].dtype == object


def test_frame__of_the_columns__is_one_of_pandas() -> None:
    decided(4)
    frame = pandas.DataFrame(dict(journal.read_decisions()))
    assert frame.shape == (4, len(NARROW.columns))
    assert frame["at"].dt.tz is not None


def test_read__many_chunks__are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    decided(11)
    monkeypatch.setattr("crm_assist.journal.views._views", {"narrow": replace(NARROW, rows=3)})
    assert journal.read_decisions(columns=["revision"])["revision"] == list(range(11))
