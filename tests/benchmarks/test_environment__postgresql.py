"""Figures on PostgreSQL get Django with every table in a scratch database, and leave none behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
from benchmarks.environment import prepared
with prepared({"postgresql"}) as version:
    from django.db import connection
    from crm_assist.models import Subject
    print(version.split()[0], connection.vendor, Subject.objects.count(), connection.settings_dict["NAME"])
"""


def test_prepared__given_server__gets_a_scratch_database_that_goes_away() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    kind, vendor, rows, name = done.stdout.split()
    assert (kind, vendor, rows) == ("PostgreSQL", "postgresql", "0")
    assert name.startswith("crm_assist_bench_")
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name]).fetchone()
    assert found == (0,)
