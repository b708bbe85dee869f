"""`manage.py load_demo`: fill the demo bank, once."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date

from fixtures.bank import DEFAULT_CUSTOMERS, DEFAULT_SEED
from project.demo import steps
from project.demo.cards import FitFailed
from project.demo.logins import DemoLoginsRefused


class Command(BaseCommand):
    """Fill the demo bank with simulated customers and open its log-ins; a second run adds nothing."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Size, seed, last day and whether log-ins are wanted."""
        parser.add_argument("--customers", type=int, default=DEFAULT_CUSTOMERS, help="how many customers")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the same seed gives the same bank")
        parser.add_argument("--today", help="YYYY-MM-DD, the last day of the 18 months; the present by default")
        parser.add_argument("--no-logins", action="store_true", help="groups only, no log-ins with a known password")
        parser.add_argument("--no-cards", action="store_true", help="do not fit the first cards")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the loading steps."""
        if options["customers"] < 1:
            raise CommandError(f"--customers {options['customers']}: give 1 or more.")
        wanted = steps.Wanted(
            now=moment_of(options["today"]),
            customers=options["customers"],
            seed=options["seed"],
            logins=not options["no_logins"],
            cards=not options["no_cards"],
        )
        try:
            steps.migrate(wanted, self.stdout)
            steps.load(wanted, self.stdout)
        except (DemoLoginsRefused, FitFailed) as refusal:
            raise CommandError(str(refusal)) from refusal


def moment_of(day: str | None) -> datetime:
    """The present, or 18:00 of the day given."""
    if not day:
        return timezone.localtime()
    try:
        parsed = parse_date(day)
    except ValueError:
        parsed = None
    if parsed is None:
        raise CommandError(f"--today {day}: not a date; write it as YYYY-MM-DD, such as 2026-01-31.")
    return timezone.make_aware(datetime.combine(parsed, time(18)))
