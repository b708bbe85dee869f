"""`manage.py crm_assist_dossier MODEL KEY`: everything about one customer, as a page or as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone, translation

from crm_assist import customers, flow
from crm_assist.management.migrated import MigratedCommand
from crm_assist.types import Principal
from crm_assist.web import dossier_files


class Command(MigratedCommand):
    """Puts a customer's dossier together: the data, the purposes, each decision with its reasons, and the rights."""

    help = "Write everything that is read and kept about one customer, in plain words."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose dossier, in which form and language, and where to."""
        parser.add_argument("model", help="the customer's model, such as crm.Customer")
        parser.add_argument("key", help="the customer's key")
        parser.add_argument("--format", choices=sorted(dossier_files.FORMATS), default="html")
        parser.add_argument("--language", help="such as fr; the language of the site otherwise")
        parser.add_argument("--out", help="the file to write, which must not exist; standard output otherwise")
        parser.add_argument("--tenant", default="", help="whose customer")
        parser.add_argument("--agents", action="store_true", help="name the agents instead of numbering them")
        parser.add_argument("--by", default="command", help="who asks, for the log of the process")

    def handle(self, *, model: str, key: str, out: str | None, **options: Any) -> None:
        """Write it piece by piece."""
        language = options["language"] or django_settings.LANGUAGE_CODE
        if not translation.check_for_language(language):
            raise CommandError(f"--language {language!r}: there is no such language here; try en or fr.")
        who = Principal(key=options["by"], tenant=options["tenant"], is_superuser=True)
        with translation.override(language):
            try:
                found = flow.dossier(who, model, key, now=timezone.now())
            except customers.CustomerNotFound:
                raise CommandError(
                    f"{model} {key!r}: neither the CRM nor we know such a customer; never met, or forgotten."
                ) from None
            if options["format"] == "json":
                pieces = dossier_files.as_json(found, named=options["agents"])
            else:
                pieces = dossier_files.as_html(found, dossier_files.alone, named=options["agents"])
            self._write(pieces, out)

    def _write(self, pieces: Iterable[str], out: str | None) -> None:
        if out is None:
            for piece in pieces:
                self.stdout.write(piece, ending="")
            return
        path = Path(out)
        try:
            # For the eyes of whoever runs this alone: it holds all that is known of somebody.
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.writelines(pieces)
        except OSError as error:
            raise CommandError(
                f"--out {out}: {error.strerror or error}; name a file that does not exist yet."
            ) from error
        self.stderr.write(f"{path}: written")
