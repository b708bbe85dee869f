"""Count suggestions and their answers, so that results can be looked at."""

from __future__ import annotations

from typing import Any

from crm_assist.management.migrated import MigratedCommand
from crm_assist.management.working import work
from crm_assist.runs.models import Kind


class Command(MigratedCommand):
    """`crm_assist_count`: what was offered, seen and answered, by day; what was counted already is left alone."""

    help = "Count suggestions and their answers by day, for the pages of results."

    def handle(self, *args: Any, **options: Any) -> None:
        """Count each day that anything happened to since the last time."""
        work(self, Kind.COUNT, title="Counts")
