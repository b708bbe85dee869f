"""`crm_assist_export`: a file with a mark to go on from, or a sentence that says what is wrong."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import Decision
from crm_assist.events import listen, stop_listening
from crm_assist.journal.cursors import part_of
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record
from docs.reference_pages import PAGES
from tests.journal.odd_decisions import NOW, decided

pytestmark = pytest.mark.django_db(transaction=True)


def export(path: Path | str, **options: Any) -> list[str]:
    said = StringIO()
    call_command("crm_assist_export", out=str(path), stdout=said, stderr=StringIO(), **{"view": "narrow", **options})
    return said.getvalue().splitlines()


def mark_in(lines: list[str]) -> str:
    [line] = [line for line in lines if line.startswith("next time: --since ")]
    return line.rpartition(" ")[2]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_export__whole_then_since_its_mark__each_decision_once(tmp_path: Path) -> None:
    decided(5)
    first = export(tmp_path / "a.csv")
    assert first[0] == f"{tmp_path / 'a.csv'}: 5 decisions, 5 rows"
    decided(3, start=5)
    second = export(tmp_path / "b.csv", since=mark_in(first))
    third = export(tmp_path / "c.csv", since=mark_in(second))
    assert [len(rows_of(tmp_path / f"{name}.csv")) for name in "abc"] == [5, 3, 0]
    assert mark_in(third) == mark_in(second)
    exported = [row["id"] for name in "ab" for row in rows_of(tmp_path / f"{name}.csv")]
    assert sorted(exported) == sorted(str(pk) for pk in Decision.objects.values_list("pk", flat=True))


def test_export__days__are_from_the_first_to_the_end_of_the_last(tmp_path: Path) -> None:
    decided(2)
    for name, since, until, count in (
        ("a", "2026-03-01", "2026-03-01", 2),
        ("b", "2026-03-02", "", 0),
        ("c", "", "2026-02-28", 0),
        ("d", "2026-03-01T09:30:00Z", "2026-03-01T09:30:00.001Z", 1),
    ):
        lines = export(tmp_path / f"{name}.csv", since=since, until=until)
        assert lines[0].endswith(f": {count} decisions, {count} rows"), name
        assert ("no mark to go on from" in lines[-1]) == bool(until)


def test_export__people__by_pseudonym_or_in_clear_and_told_as_an_event(tmp_path: Path) -> None:
    decided(1)
    heard: list[tuple[str, dict[str, Any]]] = []
    listener = lambda name, fields: heard.append((name, dict(fields)))  # noqa: E731
    listen(listener)
    try:
        plain, named = export(tmp_path / "a.csv"), export(tmp_path / "b.csv", names=True)
    finally:
        stop_listening(listener)
    assert rows_of(tmp_path / "a.csv")[0]["customer"].startswith("c")
    assert rows_of(tmp_path / "b.csv")[0]["customer"] == "42"
    assert "pseudonyms by the key" in plain[1]
    assert "in clear" in named[1]
    assert [name for name, _ in heard] == ["export.started", "export.started", "export.named"]


def test_export__form__by_the_end_of_the_name(tmp_path: Path) -> None:
    decided(2)
    export(tmp_path / "a.jsonl")
    assert len([json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]) == 2
    export(tmp_path / "b.txt", format="csv")
    assert len(rows_of(tmp_path / "b.txt")) == 2


def test_export__quarantined__are_counted_by_cause(tmp_path: Path, subject: Subject) -> None:
    given = {"agent_key": "7", "phase": "recommend", "admission": "x", "code_version": "1", "slate": "a,b"}
    for offered in ("a", "c"):
        payload = {"inputs": {"features": {}}, "result": {"candidates": [_candidate(offered, 0.0)]}}
        record(Decision(id=uuid7(NOW), at=NOW, subject=subject, **given), payload)
    lines = export(tmp_path / "a.csv", view="bandit")
    assert lines[:2] == [
        f"{tmp_path / 'a.csv'}: 2 decisions, 4 rows",
        "in quarantine: 4 rows (no_probability 1, not_a_candidate 3)",
    ]
    assert [row["quarantine"] for row in rows_of(tmp_path / "a.csv")].count("") == 0


def _candidate(product: str, probability: float) -> dict[str, Any]:
    figures = {"propensity": 0.5, "value": 1.0, "priority": 0.5, "offer_probability": probability}
    return {"product": product, "product_version": 1, "card": "", "verdicts": [], **figures}


@pytest.mark.parametrize(
    ("out", "options", "words"),
    [
        ("", {}, "--out: name the file"),
        ("a", {}, "--format: .* does not say which; give one of csv, jsonl, parquet"),
        ("a.csv", {"since": "yesterday"}, "--since: mark 'yesterday' is none"),
        ("a.csv", {"since": "2026-13-01"}, "--since: mark '2026-13-01' is none"),
        ("a.csv", {"until": "2026-13-01"}, "--until '2026-13-01': give a day such as"),
        ("a.csv", {"until": "12.34"}, "--until '12.34': give a day such as"),
        ("a.csv", {"tenant": "nroth"}, "--tenant 'nroth': nothing is logged of it; there are '', 'north'"),
        ("a.csv", {"since": f"{10**12}.{'7' * 32}"}, "lies ahead of this database's log"),
        ("a.csv", {"resume": True}, "leave out --resume"),
    ],
)
def test_export__what_cannot_be_done__is_a_sentence_and_leaves_nothing(
    tmp_path: Path, out: str, options: dict[str, Any], words: str
) -> None:
    decided(1)
    decided(1, tenant="north")
    with pytest.raises(CommandError, match=words):
        export(tmp_path / out if out else "", **options)
    assert list(tmp_path.iterdir()) == []


def test_export__interrupted_by_hand__says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decided(3)
    path = tmp_path / "a.csv"

    def stop(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("crm_assist.management.progress.Progress.__call__", stop)
    with pytest.raises(CommandError, match="with --resume goes on") as stopped:
        export(path)
    assert stopped.value.returncode == 130
    assert part_of(path).exists()
    monkeypatch.undo()
    export(path, resume=True)
    assert len(rows_of(path)) == 3


def test_export__dictionary__is_the_page_of_the_reference() -> None:
    said = StringIO()
    call_command("crm_assist_export", dictionary=True, stdout=said)
    assert (PAGES / "data-dictionary.md").read_text().endswith(said.getvalue().strip() + "\n")
