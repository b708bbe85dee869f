"""`manage.py load_bank_marketing FILE`: the UCI Bank Marketing file as prospects and past calls, and its card."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from crm_assist.management.progress import Progress
from project.campaigns import card
from project.campaigns.loading import Loaded, load_file
from project.campaigns.reading import CampaignFileError

ROWS_OF_THE_ORIGINAL = 41_188
DEFAULT_STEP = 1_000
PUBLISHED_STEP = 250


class Command(BaseCommand):
    """Load the UCI Bank Marketing file (bank-additional-full.csv, plain or .gz) in time order and fit its card."""

    help = __doc__
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, how much of it, whether it may take the place of another, and how to evaluate."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--limit", type=int, help="load only the first rows")
        parser.add_argument("--replace", action="store_true", help="remove the prospects of another file first")
        parser.add_argument("--no-card", action="store_true", help="load the rows, fit and evaluate nothing")
        parser.add_argument(
            "--step",
            type=int,
            default=DEFAULT_STEP,
            help=f"evaluate with a refit every so many calls (published: {PUBLISHED_STEP}); 0: do not evaluate",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then evaluate in time order, then put the card in force."""
        for name, least in (("limit", 1), ("step", 0)):
            if options[name] is not None and options[name] < least:
                raise CommandError(f"--{name} {options[name]}: give {least} or more.")
        loaded = self._load(options)
        if options["no_card"] or (loaded.already_there and not options["step"]):
            return
        try:
            past = card.history()
        except card.TooFewRows as few:
            self.stdout.write(f"No card: {few}")
            return
        if options["step"]:
            self._evaluate(past, options["step"])
        if not loaded.already_there:
            self._publish(past)

    def _load(self, options: dict[str, Any]) -> Loaded:
        limit, path = options["limit"], options["file"]
        bar = Progress("Rows", limit or ROWS_OF_THE_ORIGINAL, self.stdout)
        begun = time.monotonic()
        try:
            loaded = load_file(path, now=timezone.now(), limit=limit, replace=options["replace"], on_progress=bar)
        except CampaignFileError as error:
            raise CommandError(f"{error} Nothing was loaded.") from error
        if loaded.already_there:
            self.stdout.write(f"{path.name} is loaded already: {loaded.rows:,} rows.")
            return loaded
        bar.total = loaded.rows
        bar.finish()
        self.stdout.write(
            f"{loaded.rows:,} rows, {loaded.subscribed:,} subscribed ({loaded.subscribed / loaded.rows:.1%}), "
            f"{time.monotonic() - begun:.1f} seconds."
        )
        return loaded

    def _evaluate(self, past: card.History, step: int) -> None:
        bar = Progress("Refits", card.refit_count(past, step=step), self.stdout)
        found = card.accuracy(past, step=step, on_progress=bar)
        bar.finish()
        self.stdout.write(
            f"In time order: AUC {found.auc:.3f}, ECE {found.ece:.3f} on {found.calls:,} calls, "
            f"refitted every {step:,} calls on the {card.WINDOW:,} before them. {_protocol(step)}"
        )

    def _publish(self, past: card.History) -> None:
        version = card.publish(past, by="load_bank_marketing", now=timezone.now())
        self.stdout.write(f"The card is in force (version {version}).")
        bar = Progress("Scores", card.prospect_count(), self.stdout)
        card.store_scores(now=timezone.now(), on_progress=bar)
        bar.finish()


def _protocol(step: int) -> str:
    """How the figure compares with published ones: the fewer the refits, the older what is known of the market."""
    if step == PUBLISHED_STEP:
        return "This is the published protocol."
    return f"The published protocol refits every {PUBLISHED_STEP} calls: --step {PUBLISHED_STEP}."
