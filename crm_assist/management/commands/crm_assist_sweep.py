"""Find what the host changed without telling."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from crm_assist import customers
from crm_assist.management.migrated import MigratedCommand
from crm_assist.management.working import work
from crm_assist.registry import NotRegistered
from crm_assist.runs.models import Kind


class Command(MigratedCommand):
    """`crm_assist_sweep`: compares every customer with what was last seen, re-scores changes, retires the gone."""

    help = "Find customers that changed or vanished without a signal; run it every night."

    def add_arguments(self, parser: CommandParser) -> None:
        """The model to limit it to."""
        parser.add_argument("--model", default="", help="only this registered model, such as crm.Customer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep each adapter's customers in turn."""
        try:
            label = customers.adapter_for(options["model"]).model_label if options["model"] else ""
        except NotRegistered as error:
            raise CommandError(str(error)) from error
        work(self, Kind.SWEEP, about=label, title="Sweep of")
