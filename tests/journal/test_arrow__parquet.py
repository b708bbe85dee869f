"""Parquet and Arrow: typed columns, moments in UTC without a zone, the same by COPY and record by record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from crm_assist import journal
from crm_assist.flow.export_decisions import DECISIONS
from crm_assist.flow.export_narrow import NARROW
from crm_assist.journal import arrow, views
from crm_assist.journal.export_file import Question, write_file
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.settled import select
from tests.journal.odd_decisions import decided

pytestmark = pytest.mark.django_db(transaction=True)
PARQUET = Question(view="narrow", form="parquet")


def whole(question: Question, path: Path, *, resume: bool = False) -> pyarrow.Table:
    for _ in write_file(question, path, resume=resume):
        pass
    return parquet.read_table(path)


def by_records() -> pyarrow.Table:
    selection = select(NARROW.model, tenant="")
    return arrow.table(NARROW, NARROW.records(selection.take(None, 1_000, NARROW.related), Names()))


def test_parquet__narrow__is_the_table_of_the_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(views._views, "narrow", replace(NARROW, rows=7))
    decided(200)
    found = whole(PARQUET, tmp_path / "a.parquet")
    assert found.equals(by_records())
    assert found.schema.field("at").type == pyarrow.timestamp("us")
    assert found.schema.field("revision").type == pyarrow.int64()
    assert found.schema.field("probability").metadata[b"meaning"].startswith(b"the raw calibrated score")
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_parquet__interrupted__is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(views._views, "narrow", replace(NARROW, rows=7))
    decided(40)
    for place in range(3):
        told = write_file(PARQUET, tmp_path / "a", resume=place > 0)
        next(told), next(told)
        told.close()  # type: ignore[attr-defined]
    assert whole(PARQUET, tmp_path / "a", resume=True).equals(by_records())


def test_parquet__empty_log__has_the_columns(tmp_path: Path) -> None:
    found = whole(PARQUET, tmp_path / "a")
    assert (found.num_rows, found.column_names) == (0, NARROW.names)


def test_parquet__nested__is_json_text(tmp_path: Path) -> None:
    decided(3)
    found = whole(Question(view="decisions", form="parquet"), tmp_path / "a")
    assert found.column_names == DECISIONS.names
    assert [json.loads(text) for text in found["slate"].to_pylist()] == [[], ["deposit"], ["deposit", "=card"]]


def test_arrow__of_columns__is_the_table_of_the_file(tmp_path: Path) -> None:
    decided(50)
    assert journal.read_decisions().arrow().equals(whole(PARQUET, tmp_path / "a"))
