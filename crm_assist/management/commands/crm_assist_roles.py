"""`manage.py crm_assist_roles [--prefix TEXT] [--remove]`: a group for each role, with its permissions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from crm_assist.management.migrated import MigratedCommand
from crm_assist.roles import PREFIX, RoleGroup, RolesError, make_groups, remove_groups


class Command(MigratedCommand):
    """Creates or completes the groups of the seven roles, says what it did, and takes nothing away."""

    help = "Create or complete the groups of the seven roles; nothing that you added is taken away."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        """What the groups' names begin with, and whether they are to go."""
        parser.add_argument("--prefix", default=PREFIX, help=f"what the names begin with (default {PREFIX!r})")
        parser.add_argument("--remove", action="store_true", help="delete these groups, before an uninstall")

    def handle(self, *, prefix: str, remove: bool, **options: Any) -> None:
        """Make the groups, or remove them, and tell of each."""
        try:
            groups = (remove_groups if remove else make_groups)(prefix=prefix)
        except RolesError as refusal:
            raise CommandError(str(refusal)) from refusal
        for group in groups:
            self.stdout.write(told_removed(group) if remove else told(group))


def told(group: RoleGroup) -> str:
    """One line on one group."""
    if group.created:
        state = f"created with {', '.join(group.added)}" if group.added else "created; needs no permission"
    else:
        state = f"added {', '.join(group.added)}" if group.added else "complete"
    beside = f"; also holds {', '.join(group.beside)}" if group.beside else ""
    return f"{group.name}: {state}{beside}"


def told_removed(group: RoleGroup) -> str:
    """One line on one group that was to go."""
    return f"{group.name}: kept, since it holds {', '.join(group.beside)}" if group.beside else f"{group.name}: removed"
