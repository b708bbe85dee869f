"""A guest must not make its host slow to start: Django's set-up with the app against without it."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.figure import Measured, Run, figure
from benchmarks.timing import duration, interleave, times

HOST = ("contenttypes", "auth", "sessions", "messages", "staticfiles", "admin")
SCRIPT = """
import django
from django.conf import settings
settings.configure(USE_TZ=True, INSTALLED_APPS={apps!r})
django.setup()
import sys
heavy = sorted({{"numpy", "sklearn", "scipy", "pandas"}} & set(sys.modules))
assert not heavy, f"the web process loaded {{heavy}}"
"""


def _start(apps: list[str]) -> None:
    subprocess.run([sys.executable, "-c", SCRIPT.format(apps=apps)], check=True, capture_output=True)


@figure("startup")
def startup(run: Run) -> Measured:
    """Wall time of `django.setup()` in a fresh process, with and without us; no heavy package is loaded."""
    bare = [f"django.contrib.{name}" for name in HOST]
    with_app, without = interleave(
        lambda: _start([*bare, "crm_assist"]), lambda: _start(bare), repeats=run.size(full=15, quick=7)
    )
    return Measured(
        value=times(with_app, without),
        reference=f"Django alone starts in {duration(without.median)}",
        detail={"with_s": with_app.median, "without_s": without.median, "spread": with_app.spread},
    )
