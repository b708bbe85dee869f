"""The demo bank as it would be deployed: Django's own deployment checks find nothing, and help is watched."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIVE = {"DEBUG": "0", "HTTPS": "1", "ALLOWED_HOSTS": "crm.example", "DJANGO_SETTINGS_MODULE": "project.settings"}
ASK = """
import django; django.setup()
from django.test import Client
for address in ("/assist/health/", "/assist/phases/"):
    print(Client().get(address, headers={"host": "crm.example"}).status_code)
"""


def python(*arguments: str) -> str:
    environment = {**os.environ, **LIVE, "SECRET_KEY": secrets.token_urlsafe(60), "PYTHONPATH": str(ROOT)}
    environment.pop("DATABASE_URL", None)
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # set while a browser is driven from this process
    command = [sys.executable, "-W", "error", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_check_deploy__debug_off_with_https__finds_nothing() -> None:
    said = python("-m", "django", "check", "--deploy", "--fail-level", "WARNING")
    assert "no issues" in said


def test_https__everything_but_health__is_redirected_to_it() -> None:
    assert python("-c", ASK).split() == ["200", "301"]
