"""`manage.py crm_assist_roles [--prefix TEXT]`: a group for each role, with its permissions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm_assist.roles import PREFIX, RoleGroup, RolesError, make_groups


class Command(BaseCommand):
    """Creates or completes the groups of the seven roles, says what it did, and takes nothing away."""

    help = "Create or complete the groups of the seven roles; nothing that you added is taken away."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        """What the groups' names begin with."""
        parser.add_argument("--prefix", default=PREFIX, help=f"what the names begin with (default {PREFIX!r})")

    def handle(self, *, prefix: str, **options: Any) -> None:
        """Make the groups and tell of each."""
        try:
            made = make_groups(prefix=prefix)
        except RolesError as refusal:
            raise CommandError(str(refusal)) from refusal
        for group in made:
            self.stdout.write(told(group))


def told(group: RoleGroup) -> str:
    """One line on one group."""
    if group.created:
        state = f"created with {', '.join(group.added)}" if group.added else "created; needs no permission"
    else:
        state = f"added {', '.join(group.added)}" if group.added else "complete"
    beside = f"; also holds {', '.join(group.beside)}" if group.beside else ""
    return f"{group.name}: {state}{beside}"
