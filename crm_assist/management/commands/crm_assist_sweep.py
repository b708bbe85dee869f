"""Find changes of customers that no signal told, and bring stored scores up to date."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.customers import CustomerAdapter
from crm_assist.management.progress import Progress


class Command(BaseCommand):
    """`crm_assist_sweep [MODEL ...]`: run it each night, or after bulk updates."""

    help = "Find customers that were changed or deleted without a signal, and re-score or retire them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which models and tenant."""
        parser.add_argument("models", nargs="*", help="labels such as crm.Customer; all when none is named")
        parser.add_argument("--tenant", default=None, help="one tenant; all that the adapter names by default")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep each model and tenant in turn."""
        known = customers.adapters()
        unknown = set(options["models"]) - set(known)
        if unknown:
            raise CommandError(
                f"Not registered: {', '.join(sorted(unknown))}; registered: {', '.join(known) or 'none'}."
            )
        for label in options["models"] or known:
            tenants = known[label].all_tenants() if options["tenant"] is None else [options["tenant"]]
            for tenant in tenants:
                self._sweep(known[label], tenant)

    def _sweep(self, adapter: CustomerAdapter, tenant: str) -> None:
        now = timezone.now()
        rows = adapter.queryset().filter(adapter.tenant_filter(tenant))
        with adapter.tenant_context(tenant):
            total = rows.count()
        progress = Progress(f"{adapter.model_label} {tenant}".strip(), total, self.stderr)
        seen = changed = gone = 0
        for step in customers.sweep(adapter, now=now, tenant=tenant):
            for _ in flow.rescore(adapter, now=now, keys=step.changed) if step.changed else ():
                pass
            if step.gone:
                flow.customers_gone(adapter.model_label, keys=list(step.gone), tenant=tenant, now=now)
            seen, changed, gone = seen + step.seen, changed + len(step.changed), gone + len(step.gone)
            progress(seen)
        progress.finish(seen)
        self.stdout.write(f"{adapter.model_label}: {changed} changed, {gone} gone.")
