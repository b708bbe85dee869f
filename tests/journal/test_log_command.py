from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from crm_assist.journal.models import Seal
from crm_assist.journal.sealing import seal
from crm_assist.rollout.models import PhaseChange

Log = Callable[..., list[PhaseChange]]
pytestmark = pytest.mark.django_db(transaction=True)


def said(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("crm_assist_log", *arguments, stdout=out, no_color=True, **options)
    return out.getvalue()


def test_seal_then_verify__untouched_log__is_said_to_be_whole(log: Log) -> None:
    log(3)
    assert "all tenants: 3 rows sealed in 1 seals" in said("seal")
    text = said("verify")
    assert "checked 1 seals, 3 rows, 3 payloads; 0 payloads were erased" in text
    assert "no tenant: 0 rows not sealed yet" in text
    assert text.endswith("no fault found\n")


def test_verify__rows_not_sealed_yet__states_the_window(log: Log, now: datetime) -> None:
    log(2)
    assert "no tenant: 2 rows not sealed yet, the oldest of 2026-03-01 09:30:00 UTC" in said("verify")


def test_verify__tampered_log__has_a_line_for_each_fault_and_status_1(log: Log, tamper: Callable[..., None]) -> None:
    rows = log(3)
    said("seal")
    tamper("UPDATE crm_assist_phasechange SET reason = 'x' WHERE id = %s", rows[0].pk)
    tamper("DELETE FROM crm_assist_phasechange WHERE id = %s", rows[1].pk)
    out = io.StringIO()
    with pytest.raises(CommandError, match="2 faults") as refused:
        call_command("crm_assist_log", "verify", stdout=out, no_color=True)
    assert refused.value.returncode == 1
    lines = out.getvalue().splitlines()
    assert f"changed crm_assist.phasechange {rows[0].pk} (tenant ''): is not as seal 1 has it" in lines
    assert f"missing crm_assist.phasechange {rows[1].pk} (tenant ''): seal 1 has it, the table does not" in lines


def test_tenant__one_of_two__is_the_only_one_touched(log: Log) -> None:
    log(1, tenant="north")
    log(2, tenant="south")
    assert "tenant south: 2 rows sealed" in said("seal", "--tenant", "south")
    assert set(Seal.objects.values_list("tenant", flat=True)) == {"south"}
    assert "north" not in said("verify", tenant="south")
    assert "tenant north: head none" in said("status")


def test_status__head_that_is_handed_in_again__is_checked(log: Log, tamper: Callable[..., None]) -> None:
    log(2)
    said("seal")
    text = said("status")
    assert "guards: all in place" in text
    head = text.split("head ")[1].split()[0]
    assert "no fault found" in said("verify", "--tenant", "", "--head", head)
    tamper("DELETE FROM crm_assist_seal")
    with pytest.raises(CommandError, match="1 faults"):
        said("verify", "--tenant", "", "--head", head)


def test_status__guard_missing__says_so(db: None) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER crm_assist_seal_no_update")
        else:
            cursor.execute("ALTER TABLE crm_assist_seal DISABLE TRIGGER crm_assist_no_update")
    assert "on crm_assist_seal is missing: run migrate" in said("status")


@pytest.mark.parametrize("head", ["", "7:", "x:" + "0" * 64, "7:short"])
def test_head__not_as_status_prints_it__is_refused(head: str) -> None:
    with pytest.raises(CommandError, match="number:hash"):
        said("verify", "--tenant", "", "--head", head)


def test_head__without_tenant__is_refused() -> None:
    with pytest.raises(CommandError, match="--tenant"):
        said("verify", "--head", "1:" + "0" * 64)


def test_head__file__is_appended_to_by_seal_and_status_and_compared_by_verify(
    log: Log, tamper: Callable[..., None], tmp_path: Path
) -> None:
    file = str(tmp_path / "heads.jsonl")
    log(2)
    assert f"{file}: 1 heads written" in said("seal", "--head", file)
    assert f"{file}: 0 heads written" in said("status", "--head", file)
    log(1, tenant="north")
    said("seal")
    assert f"{file}: 1 heads written" in said("status", "--head", file)
    text = said("verify", "--head", file)
    assert f"{file}: 2 lines read" in text
    assert "no tenant: as the file has it up to seal 1" in text
    assert "tenant north: as the file has it up to seal 1" in text
    tamper("DELETE FROM crm_assist_seal WHERE tenant = 'north'")
    with pytest.raises(CommandError, match="1 faults"):
        said("verify", "--head", file, "--tenant", "north")


def test_head__file_that_is_not_there__is_told_in_one_line(tmp_path: Path) -> None:
    for action in ("verify", "seal", "status"):
        with pytest.raises(CommandError, match="No such file"):
            said(action, "--head", str(tmp_path / "nowhere" / "heads"))


def test_seal__head_file_in_the_settings__gets_the_heads_by_itself(log: Log, tmp_path: Path, settings: Any) -> None:
    file = tmp_path / "heads.jsonl"
    settings.CRM_ASSIST = {"HEAD_FILE": str(file)}
    log(2)
    said("seal")
    log(1)
    said("seal", "--tenant", "")
    assert [json.loads(line)["sequence"] for line in file.read_text().splitlines()] == [1, 2]
    assert f"heads are kept in {file}" in said("status")
    assert "no fault found" in said("verify", "--head", str(file))


def test_seal__head_file_that_cannot_be_written__rows_are_sealed_and_the_run_says_why(
    log: Log, tmp_path: Path, settings: Any
) -> None:
    file = tmp_path / "later" / "heads.jsonl"
    settings.CRM_ASSIST = {"HEAD_FILE": str(file)}
    log(2)
    with pytest.raises(CommandError, match="No such file"):
        said("seal")
    assert Seal.objects.count() == 1
    file.parent.mkdir()
    assert "0 rows sealed" in said("seal")
    assert len(file.read_text().splitlines()) == 1


def test_since__day_or_seal__says_what_was_not_looked_at(log: Log) -> None:
    log(2)
    said("seal")
    log(1)
    said("seal")
    assert "not looked at: 1 seals with 2 rows before --since" in said("verify", "--tenant", "", "--since", "2")
    assert "not looked at" not in said("verify", "--since", "2026-03-01")
    assert "checked 0 seals" in said("verify", "--since", "2199-01-01T10:00")


@pytest.mark.parametrize("since", ["", "yesterday", "2026-02-31", "-1", "7"])
def test_since__neither_day_nor_number_of_a_tenants_seal__is_refused(since: str) -> None:
    with pytest.raises(CommandError, match="--since"):
        said("verify", f"--since={since}")
    with pytest.raises(CommandError, match="--since"):
        said("status", "--since", "2026-03-01")


def test_clock__that_went_back__is_shown_by_verify_and_status(log: Log, now: datetime) -> None:
    log(1)
    seal(tenant="", now=now)
    log(1)
    seal(tenant="", now=now - timedelta(minutes=5))
    assert "no tenant: 1 seals dated before the one before" in said("status")
    text = said("verify")
    assert "clock: 1 seals are dated before the one before" in text
    assert "clock: 1 rows are dated after their own seal" in text
    assert "no fault found" in text


@pytest.mark.parametrize("watched", [True, False])
def test_verify__work_that_lasts__is_drawn_on_a_terminal_alone_and_cleared(
    log: Log, monkeypatch: pytest.MonkeyPatch, watched: bool
) -> None:
    log(3)
    said("seal")
    monkeypatch.setattr("crm_assist.management.progress.QUIET_SECONDS", -1.0)
    errors = io.StringIO()
    monkeypatch.setattr(errors, "isatty", lambda: watched, raising=False)
    assert said("verify", stderr=errors).endswith("no fault found\n")
    drawn = errors.getvalue()
    assert ("] 3/3 " in drawn, drawn.endswith(" \r")) == (watched, watched)
