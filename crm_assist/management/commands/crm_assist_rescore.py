"""Bring the stored scores up to date."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from crm_assist import customers
from crm_assist.management.migrated import MigratedCommand
from crm_assist.management.working import work
from crm_assist.registry import NotRegistered
from crm_assist.runs.models import Kind


class Command(MigratedCommand):
    """`crm_assist_rescore [--model app.Model]`: every customer's stored score, computed by the database."""

    help = "Bring the stored scores of every customer up to date; an interrupted run goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """The model to limit it to, and how to do it."""
        parser.add_argument("--model", default="", help="only this registered model, such as crm.Customer")
        ways = ["auto", "swap", "in_place", "numpy"]
        parser.add_argument("--way", default="auto", choices=ways, help="how the scores are computed and written")

    def handle(self, *args: Any, **options: Any) -> None:
        """Score each adapter's customers in turn."""
        try:
            label = customers.adapter_for(options["model"]).model_label if options["model"] else ""
        except NotRegistered as error:
            raise CommandError(str(error)) from error
        work(self, Kind.RESCORE, about=label, options={"way": options["way"]}, title="Scores of")
