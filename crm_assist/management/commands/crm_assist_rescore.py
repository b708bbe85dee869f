"""Bring the stored scores up to date."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.management.progress import Progress
from crm_assist.registry import NotRegistered


class Command(BaseCommand):
    """`crm_assist_rescore [--model app.Model]`: every customer's stored score, computed by the database."""

    help = "Bring the stored scores of every customer up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        """The model to limit it to."""
        parser.add_argument("--model", help="only this registered model, such as crm.Customer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Score each adapter's customers in turn."""
        try:
            chosen = [customers.adapter_for(options["model"])] if options["model"] else customers.adapters().values()
        except NotRegistered as error:
            raise CommandError(str(error)) from error
        for adapter in chosen:
            progress = Progress(f"Scores of {adapter.model_label}", adapter.queryset().count(), self.stderr)
            done = 0
            for step in flow.rescore(adapter, now=timezone.now()):
                progress(done := step.done)
            progress.finish(done)
