"""A guest project with settings of its own, tested by Django's own runner in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.story import fitted

ROOT = Path(__file__).resolve().parents[2]


def run_guest(name: str, folder: Path, *, warnings: str = "error", **more: str) -> str:
    """What the runner said; AssertionError with all of it when a test of the guest failed.

    `more` is put into its environment; `warnings` is for guests whose own dependencies warn.
    """
    card = folder / "card.json"
    card.write_text(fitted().dumps())
    environment = {**os.environ, **more, "GUEST_CARD": str(card), "PYTHONPATH": str(ROOT)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-W", warnings, "-m", "django", "test", f"tests.hosts.{name}", "--noinput"]
    done = subprocess.run(
        [*command, "--settings", f"tests.hosts.{name}.settings"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said
