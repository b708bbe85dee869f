"""`manage.py load_bank_marketing FILE`: the UCI Bank Marketing file as prospects and past calls."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from project.campaigns.loading import load_file
from project.campaigns.reading import CampaignFileError
from project.demo.progress import Progress

ROWS_OF_THE_ORIGINAL = 41_188


class Command(BaseCommand):
    """Load the UCI Bank Marketing file (bank-additional-full.csv, plain or .gz) in time order."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, how much of it, and whether it may take the place of another."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--limit", type=int, help="load only the first rows")
        parser.add_argument("--replace", action="store_true", help="remove the prospects of another file first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many rows it took how long."""
        limit, path = options["limit"], options["file"]
        if limit is not None and limit < 1:
            raise CommandError(f"--limit {limit}: give 1 or more rows.")
        bar = Progress("Rows", limit or ROWS_OF_THE_ORIGINAL, self.stdout._out)
        begun = time.monotonic()
        try:
            loaded = load_file(
                path, now=timezone.now(), limit=limit, replace=options["replace"], on_progress=bar
            )
        except CampaignFileError as error:
            raise CommandError(f"{error} Nothing was loaded.") from error
        if loaded.already_there:
            self.stdout.write(f"{path.name} is loaded already: {loaded.rows:,} rows.")
            return
        bar.total = loaded.rows
        bar.finish()
        share = loaded.subscribed / loaded.rows
        self.stdout.write(
            f"{loaded.rows:,} rows, {loaded.subscribed:,} subscribed ({share:.1%}), "
            f"{time.monotonic() - begun:.1f} seconds."
        )
