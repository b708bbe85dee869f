"""Django for figures that need it: a scratch database on PostgreSQL or in memory, gone afterwards."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from tests.servers import start_postgresql

# What a production server of modest size has; durability stays on, since what is timed includes commits.
SERVER_SETTINGS = {
    "shared_buffers": "1GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "jit": "off",
}


@contextmanager
def prepared(needs: Collection[str]) -> Iterator[str]:
    """Set Django up for figures with those needs; gives one line that says on which database."""
    if "postgresql" in needs:
        with _scratch_database() as version:
            _set_up_django()
            yield version
    elif "django" in needs:
        os.environ["TEST_DB"] = "sqlite"
        _set_up_django()
        yield "SQLite in memory"
    else:
        yield "no database"


@contextmanager
def _scratch_database() -> Iterator[str]:
    """A database of our own on the server of DATABASE_URL, or on one that lives as long as the block."""
    import psycopg  # optional: [postgres]

    given = os.environ.get("DATABASE_URL")
    server = None if given else start_postgresql(settings=SERVER_SETTINGS)
    url = given or (server.url if server else "")
    name = f"crm_assist_bench_{os.getpid()}"
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            version = f"PostgreSQL {connection.info.parameter_status('server_version')}"
            connection.execute(f'CREATE DATABASE "{name}"')
        os.environ["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        os.environ["TEST_DB"] = "postgresql"
        yield version
    finally:
        if server is not None:
            server.stop()
        else:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _set_up_django() -> None:
    """Configure Django with the test suite's settings and the host for figures, and create every table."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django  # not at the top: settings must be chosen first
    from django.core.management import call_command

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
