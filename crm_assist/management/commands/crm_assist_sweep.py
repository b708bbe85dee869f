"""Find what the host changed without telling."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.management.progress import Progress


class Command(BaseCommand):
    """`crm_assist_sweep`: compares every customer with what was last seen, re-scores changes, retires the gone."""

    help = "Find customers that changed or vanished without a signal; run it every night."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep each adapter's customers in turn."""
        for adapter in customers.adapters().values():
            progress = Progress(f"Sweep of {adapter.model_label}", adapter.queryset().count(), self.stderr)
            found = (0, 0, 0)
            for found in flow.sweep(adapter, now=timezone.now()):
                progress(found[0])
            progress.finish(found[0])
            self.stdout.write("{}: {} seen, {} changed, {} gone".format(adapter.model_label, *found))
