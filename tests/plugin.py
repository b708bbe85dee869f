"""Pytest plugin of the suite: starts PostgreSQL before Django reads its settings, says what is not collected.

It starts at import: pytest-django configures Django before any fixture runs.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.conditions import conditions_now, needs_of
from tests.servers import Server, ServerError, start_postgresql

ROOT = Path(__file__).resolve().parents[1]
OURS = "CRM_ASSIST_TEST_SERVER"
"""Set where the address in DATABASE_URL is that of a server which this plugin started."""
pytest_plugins = ["tests.browser"]

# A busy machine is no fault of the example at hand.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def _start() -> Server | None:
    """Start PostgreSQL when asked for and not given; each of xdist's children starts one of its own.

    The log is sealed up to the oldest transaction of the whole server: tests of another process would hold it up.
    """
    database = os.environ.setdefault("TEST_DB", "sqlite")
    if database not in ("sqlite", "postgresql"):
        raise pytest.UsageError(f"TEST_DB={database!r}: choose sqlite or postgresql")
    given = os.environ.get("DATABASE_URL") and OURS not in os.environ
    if database == "sqlite" or given:
        return None
    try:
        server = start_postgresql()
    except ServerError as error:
        raise pytest.UsageError(f"TEST_DB=postgresql: {error}") from error
    os.environ["DATABASE_URL"] = server.url
    os.environ[OURS] = "1"
    return server


SERVER = _start()
CONDITIONS = conditions_now(root=ROOT, environ=os.environ)


def pytest_configure(config: pytest.Config) -> None:
    """In continuous integration nothing may be left out for want of a program."""
    missing = [c for c in CONDITIONS if c.loud and not c.met]
    if os.environ.get("CI") == "true" and missing:
        raise pytest.UsageError("; ".join(c.notice for c in missing))


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Files whose name ends in `__<condition>.py` are collected only when the condition is met."""
    return True if any(not need.met for need in needs_of(collection_path, CONDITIONS)) else None


def pytest_report_header() -> list[str]:
    """Which database, and one line for each thing that is absent."""
    version = SERVER.version if SERVER else "the server of DATABASE_URL"
    database = version if os.environ["TEST_DB"] == "postgresql" else "SQLite"
    return [f"database: {database}", *(c.notice for c in CONDITIONS if not c.met and c.notice)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Repeat loudly, where it is read, that a whole kind of tests did not run."""
    for condition in CONDITIONS:
        if condition.loud and not condition.met:
            terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
            terminalreporter.line(condition.notice)


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """Each test starts in the language of the settings: a request of the test before it may have left its own."""
    from django.utils import translation  # Django is set up by now

    translation.deactivate()


@pytest.fixture(autouse=True)
def _own_readiness() -> None:
    """Each test asks for itself whether help can be given: strangers are served an answer for a second."""
    from crm_assist.web import health  # Django is set up by now

    health.forget()


def pytest_unconfigure() -> None:
    """Stop what we started; the server also stops at exit, should pytest not get this far."""
    if SERVER is not None:
        SERVER.stop()
