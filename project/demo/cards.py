"""The demo's first cards, fitted in processes of their own while a bar shows how many are done."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import IO

from django.conf import settings

WATCH_SECONDS = 0.5


class FitFailed(Exception):
    """A fitting process ended badly; the message is what it said."""


def fit(names: Sequence[str], *, missing: Callable[[], list[str]], on_progress: Callable[[int], None]) -> None:
    """Fit the targets `names` in at most two processes; `missing` tells which cards are still to come.

    Fitting loads scikit-learn, which the process that serves the bank never does.
    """
    shares = [names[place :: _processes()] for place in range(_processes())]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        running = [_start(share, said) for share in shares if share]
        try:
            while any(process.poll() is None for process in running):
                time.sleep(WATCH_SECONDS)
                on_progress(len(names) - len(missing()))
        finally:
            for process in running:
                if process.poll() is None:
                    process.terminate()
                    process.wait()
        if any(process.returncode for process in running):
            said.seek(0)
            raise FitFailed(f"The first cards could not be fitted. {said.read()[-2000:].strip()}")


def _start(names: Sequence[str], said: IO[str]) -> subprocess.Popen[bytes]:
    manage = str(settings.ROOT / "manage.py")
    return subprocess.Popen(
        [
            sys.executable,
            manage,
            "crm_assist_fit",
            *names,
            "--rows",
            "9000",
            "--by",
            "demo",
            "--reason",
            "First card of the demo bank",
        ],
        cwd=settings.ROOT,
        stdout=said,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )


def _processes() -> int:
    return max(1, min(2, os.cpu_count() or 1))
