"""Commands on a database without our tables say so in a sentence, instead of failing on the first that is missing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError, connections, router
from django.db.migrations.executor import MigrationExecutor

from crm_assist.customers.models import Subject


def waiting_migrations() -> int:
    """How many of our migrations the database has not seen; DatabaseError where it cannot be asked."""
    executor = MigrationExecutor(connections[router.db_for_write(Subject)])
    ours = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "crm_assist"]
    return len(executor.migration_plan(ours))


class MigratedCommand(BaseCommand):
    """A command that needs our tables: CommandError with the remedy where they are missing."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it; a fault of the database is asked once whether migrations are the reason."""
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            if waiting_migrations():
                raise CommandError("The tables of crm_assist are missing. Run: manage.py migrate") from error
            raise
