"""Walk an integrator through what is missing, in order, with the next thing to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm_assist.management.doctor import calmly, examine
from crm_assist.management.doctor.finding import Finding
from crm_assist.management.doctor.walk import walk


class Command(BaseCommand):
    """`crm_assist_doctor`, or for one real record `--model crm.Customer --key 42 --user ann`."""

    help = "Say what is installed, what is missing, and what to do next; exit status 1 when something blocks."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Nothing for the whole installation; three names for one record."""
        parser.add_argument("--model", default="", help="label of a registered model, such as crm.Customer")
        parser.add_argument("--key", default="", help="key of a customer")
        parser.add_argument("--user", default="", help="user name or primary key of a person")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every finding, then the first thing to do."""
        names = {name: options[name] for name in ("model", "key", "user")}
        if any(names.values()) and not all(names.values()):
            raise CommandError("Give --model, --key and --user together, or none of them.")
        now = timezone.now()
        findings = calmly(walk(**names, now=now)) if names["model"] else examine(now)
        first = self._print(findings)
        if first is not None:
            raise CommandError(f"Next: {first.todo}")
        self.stdout.write("Nothing blocks.")

    def _print(self, findings: Iterable[Finding]) -> Finding | None:
        first = None
        for finding in findings:
            self.stdout.write(f"{finding.mark:>5}  {finding.text}")
            if finding.todo:
                self.stdout.write(f"       {finding.todo}")
            if finding.blocks and first is None:
                first = finding
        return first
