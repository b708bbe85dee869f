"""An export killed again and again, with SIGKILL, ends in the very file of one that nobody disturbed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from crm_assist.flow.export_narrow import NARROW
from crm_assist.journal import views
from crm_assist.journal.cursors import cursor_of
from tests.docs.follow import ROOT
from tests.journal.odd_decisions import decided

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("killed")]
ROWS = 1_200
PATIENCE_S = 60.0
CHILD = """
import os, sys
from dataclasses import replace
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["EXPORTED_DATABASE"]
import django
django.setup()
from django.core.management import call_command
from crm_assist.flow.export_narrow import NARROW
from crm_assist.journal import views
views.register(replace(NARROW, rows=4))
call_command("crm_assist_export", view="narrow", out=sys.argv[1], resume=sys.argv[2] == "resume")
"""


def begun(path: Path, *, resume: bool) -> subprocess.Popen[bytes]:
    """The export in a process of its own."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "EXPORTED_DATABASE": str(connection.settings_dict["NAME"]),
    }
    command = [sys.executable, "-c", CHILD, str(path), "resume" if resume else "anew"]
    with said(path).open("wb") as log:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


def said(path: Path) -> Path:
    """Where the process says what is wrong."""
    return path.parent.with_name(f"{path.name}.log")


def told(path: Path) -> int:
    """How many rows are safe, by the cursor."""
    try:
        return int(json.loads(cursor_of(path).read_text())["rows"])
    except FileNotFoundError:
        return 0


def killed(path: Path, at: int, *, resume: bool) -> int:
    """Kill the export once so many rows are safe; how many were in the end."""
    child, deadline = begun(path, resume=resume), time.monotonic() + PATIENCE_S
    while told(path) < at:
        assert child.poll() is None, said(path).read_text()
        assert time.monotonic() < deadline, f"only {told(path)} rows after {PATIENCE_S} s"
        time.sleep(0.001)
    child.kill()
    child.wait(20)
    return told(path)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_export__killed_three_times__is_gone_on_with_to_the_same_file(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(ROWS)
    path, whole = tmp_path / f"cut.{form}", tmp_path / f"whole.{form}"
    call_command("crm_assist_export", view="narrow", out=str(whole))
    safe = 0
    for time_of_death in range(3):
        safe = killed(path, safe + ROWS // 6, resume=time_of_death > 0)
        assert safe < ROWS, "killed too late to show anything"
        assert not path.exists()
    monkeypatch.setitem(views._views, "narrow", replace(NARROW, rows=100))
    call_command("crm_assist_export", view="narrow", out=str(path), resume=True)
    assert path.read_bytes() == whole.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == [path.name, whole.name]
