"""Django's `flush`, which also ends every transactional test, on a database whose log is append-only."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush

from crm_assist.journal import guards


class Command(flush.Command):
    """Flushes test databases with the guards lifted, and refuses any other."""

    def handle(self, **options: Any) -> None:
        """Lift, flush, restore; CommandError with the remedy where the guards stay."""
        if not guards.expected(options["database"]):
            super().handle(**options)
            return
        try:
            with guards.lifted(options["database"]):
                super().handle(**options)
        except guards.GuardsKept as refusal:
            raise CommandError(str(refusal)) from refusal
