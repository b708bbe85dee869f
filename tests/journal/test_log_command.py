from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from crm_assist.journal.models import Seal
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


@pytest.mark.parametrize("head", ["", "7", "x:" + "0" * 64, "7:short"])
def test_head__not_as_status_prints_it__is_refused(head: str) -> None:
    with pytest.raises(CommandError, match="number:hash"):
        said("verify", "--tenant", "", "--head", head)


def test_head__without_tenant__is_refused() -> None:
    with pytest.raises(CommandError, match="--tenant"):
        said("verify", "--head", "1:" + "0" * 64)


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
