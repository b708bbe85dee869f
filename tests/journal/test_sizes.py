"""What the log takes of the disk: asked of the database, and told by the command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from crm_assist.decisions.models import Decision
from crm_assist.journal.canonical import canonical
from crm_assist.journal.models import Payload
from crm_assist.journal.sizes import payload_size, table_size
from crm_assist.journal.writer import SALT, erase, record

pytestmark = pytest.mark.django_db
NewDecision = Callable[..., Decision]
FINE = {"code": "ok", "open": True, "message": "", "rule": "", "rule_version": 0}


def told(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("crm_assist_log", "size")
    return capsys.readouterr().out


def test_table_size__rows_written__are_counted_and_have_bytes(new_decision: NewDecision) -> None:
    for _ in range(3):
        record(new_decision(), {"a": 1})
    found = table_size(Decision)
    assert found is not None
    assert found.rows == 3
    assert min(found.of_a_row) > 0


def test_payload_size__verdicts__are_told_as_stored_and_written_whole(new_decision: NewDecision) -> None:
    payload = {"verdicts": [FINE] * 20}
    row = record(new_decision(), payload)
    found, body = payload_size(Decision), Payload.objects.get(row_id=row.pk).body
    assert body is not None
    assert (found.count, found.text) == (1, len(body))
    assert found.whole == len(canonical({SALT.lstrip("$"): "0" * 32, **payload})) + len("$")
    assert found.whole > 5 * found.text
    assert found.stored > 0


def test_payload_size__payload_erased__is_not_among_them(new_decision: NewDecision, now: Any) -> None:
    row = record(new_decision(), {"a": 1})
    assert row.subject_id is not None
    erase([row.subject_id], now=now)
    assert payload_size(Decision).count == 0


def test_size__decisions__says_what_one_takes(new_decision: NewDecision, capsys: pytest.CaptureFixture[str]) -> None:
    record(new_decision(), {"verdicts": [FINE]})
    lines = told(capsys)
    assert "decisions: 1 rows" in lines
    assert "payloads of the latest 1 decisions" in lines
    assert "a decision: " in lines


def test_size__empty_log__says_so(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == "no decisions yet\n"


def test_size__database_that_tells_no_sizes__says_so(
    db: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "vendor", "oracle")
    assert table_size(Decision) is None
    assert told(capsys) == "this database does not tell how large its tables are\n"


@pytest.mark.parametrize("option", [{"tenant": "north"}, {"since": "2026-01-01"}, {"head": "heads.jsonl"}])
def test_size__option_that_it_does_not_take__is_refused(option: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="size is about the log of all tenants"):
        call_command("crm_assist_log", "size", **option)
