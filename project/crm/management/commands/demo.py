"""`manage.py demo`: prepare the demo bank and serve it."""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from project.demo import steps
from project.demo.cards import FitFailed
from project.demo.logins import LOGINS, PASSWORD, DemoLoginsRefused

LAST_PORT = 65_535


class Command(BaseCommand):
    """Migrate, fill the bank, say where it is and who may log in, then serve it with uvicorn."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Only whether to serve."""
        parser.add_argument("--prepare", action="store_true", help="prepare, but do not serve")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, print and hand the process over to uvicorn."""
        port = port_of(os.environ.get("PORT", ""))
        if not options["prepare"]:
            refuse_busy(port)
        wanted = steps.Wanted(now=timezone.localtime())
        try:
            steps.migrate(wanted, self.stdout)
            steps.load(wanted, self.stdout)
        except (DemoLoginsRefused, FitFailed) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(welcome(port))
        if options["prepare"]:
            return
        self.stdout.flush()
        serve = ["-m", "uvicorn", "project.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
        os.execv(sys.executable, [sys.executable, *serve, "--log-level", "warning"])


def port_of(text: str) -> int:
    """The port to serve on, 8000 when none is given."""
    if not text:
        return 8000
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LAST_PORT):
        raise CommandError(f"PORT={text}: not a port; give a number from 1 to 65535.")
    return int(text)


def refuse_busy(port: int) -> None:
    """CommandError at once, before anything is prepared or promised, where another program has the port."""
    with socket.socket() as probe:
        # As the server does: a port that was let go a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            free = port + 1 if port < LAST_PORT else port - 1
            remedy = f"Stop what runs there, or take another one: PORT={free} make demo"
            raise CommandError(f"Port {port} cannot be had: {error.strerror}. {remedy}") from error


def welcome(port: int) -> str:
    """Where the bank is and who may log in."""
    lines = [
        f"\nBanque Horizon (simulated customers): http://127.0.0.1:{port}/",
        f"Password of all log-ins: {PASSWORD}",
    ]
    lines += [f"  {login.username:<11} {login.role}" for login in LOGINS]
    return "\n".join([*lines, "Stop with Ctrl-C.\n"])
