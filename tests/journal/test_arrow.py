"""Without pyarrow nothing is written, and the remedy is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from crm_assist import journal
from crm_assist.journal.export_file import Question, write_file
from tests.journal.odd_decisions import decided

pytestmark = pytest.mark.django_db


def test_parquet__pyarrow_missing__is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(1)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install .pyarrow>="):
        next(write_file(Question(view="narrow", form="parquet"), tmp_path / "a.parquet"))
    assert list(tmp_path.iterdir()) == []
    found = journal.read_decisions()
    with pytest.raises(ImproperlyConfigured, match=r"\[parquet\]"):
        found.arrow()
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ImproperlyConfigured, match=r"\[learn\]"):
        found.numpy()
