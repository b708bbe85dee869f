"""A web process whose project has loaded Celery tells workers of a run at once, without importing anything more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import celery, django, sys
django.setup()
print("crm_assist.tasks.celery" in sys.modules)
"""


def listening(code: str) -> str:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_process__celery_loaded__has_the_tasks() -> None:
    assert listening(ASK) == "True"


def test_process__celery_not_loaded__stays_without_it() -> None:
    assert listening(ASK.replace("import celery, django", "import django")) == "False"
