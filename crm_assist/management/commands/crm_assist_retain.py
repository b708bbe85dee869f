"""Empty the payloads that are older than retention allows."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from crm_assist.conf import settings
from crm_assist.customers.models import Subject
from crm_assist.flow.months import keep_ahead
from crm_assist.management.migrated import MigratedCommand
from crm_assist.management.working import work
from crm_assist.runs.models import Kind


class Command(MigratedCommand):
    """`crm_assist_retain`: what customers' log rows hold of them goes after `RETENTION_DAYS`; rows and seals stay."""

    help = "Empty the payloads of log rows about customers that are older than RETENTION_DAYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Drop or empty them chunk by chunk, or say that everything is kept; months of the log are made ahead."""
        if settings.RETENTION_DAYS <= 0 and not Subject.objects.due_for_erasure().exists():
            keep_ahead(now=timezone.now())
            self.stdout.write("RETENTION_DAYS is 0: every payload is kept.")
            return
        work(self, Kind.RETAIN, title="Retention")
