"""The test suite's settings with the host that figures are measured on."""

from __future__ import annotations

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS as TESTED

INSTALLED_APPS = [*TESTED, "benchmarks.host"]
