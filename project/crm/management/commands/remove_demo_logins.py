"""`manage.py remove_demo_logins`: take the known password away."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Delete the demo's log-ins; their customers stay, without an adviser until one is named."""

    help = __doc__
    # The check that asks for this command must not keep it from running.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete every user marked as a demo log-in."""
        users = User.objects.filter(agent_profile__is_demo_login=True)
        count = users.count()
        users.delete()
        self.stdout.write(f"Demo log-ins removed: {count}.")
