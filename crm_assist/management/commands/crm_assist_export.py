"""`manage.py crm_assist_export --out FILE`: a view of the log as CSV, JSON lines or Parquet, resumed after a crash."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from crm_assist import flow
from crm_assist.decisions.models import Decision
from crm_assist.journal.cursors import CannotWrite, Cursor
from crm_assist.journal.dictionary import dictionary
from crm_assist.journal.forms import FORMS
from crm_assist.journal.order import Mark, SealingError
from crm_assist.journal.pseudonyms import Names
from crm_assist.journal.settled import BadMark, read_mark
from crm_assist.journal.views import views
from crm_assist.management.migrated import MigratedCommand
from crm_assist.management.progress import Progress
from crm_assist.management.working import INTERRUPTED

MOMENT = "a day such as 2026-11-30, a moment such as 2026-11-30T09:00:00Z"


class Command(MigratedCommand):
    """Writes what is settled of a tenant's decisions; prints the mark from which the next export goes on."""

    help = "Take decisions out of the log into a file; customers and agents by pseudonym unless --names is given."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, in which form, of when and whom, and where to."""
        parser.add_argument("--out", metavar="FILE", default="", help="where to; it must not be there yet")
        parser.add_argument("--format", choices=list(FORMS), default="", help="by the end of FILE when not given")
        parser.add_argument("--view", choices=[one.name for one in views()], default="decisions", help="what a row is")
        parser.add_argument("--since", default="", help=f"{MOMENT}, or the mark that the last export printed")
        parser.add_argument("--until", default="", help=f"to the end of a day, or before a moment; {MOMENT}")
        parser.add_argument("--tenant", default="", help="the tenant whose decisions are meant")
        parser.add_argument("--names", action="store_true", help="keys of customers and agents, and comments, in clear")
        parser.add_argument("--resume", action="store_true", help="go on with an export that was interrupted")
        parser.add_argument("--dictionary", action="store_true", help="print what every column means, and do no more")

    def handle(self, *, out: str, resume: bool, **options: Any) -> None:
        """Write the file, or print the dictionary."""
        if options["dictionary"]:
            self.stdout.write(dictionary())
            return
        if not out:
            raise CommandError("--out: name the file to write, such as --out decisions.csv.")
        path, question = Path(out), _question(out, **options)
        _check_tenant(question.tenant)
        try:
            last = self._write(question, path, resume)
        except KeyboardInterrupt as interrupt:
            message = "Stopped; the same command with --resume goes on from here."
            raise CommandError(message, returncode=INTERRUPTED) from interrupt
        except (CannotWrite, BadMark, SealingError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        self._tell(path, question, last)

    def _write(self, question: flow.Question, path: Path, resume: bool) -> Cursor:
        bar = Progress("Decisions", 0, self.stderr)
        for cursor in flow.export_file(question, path, resume=resume):
            bar.total = cursor.total
            bar(cursor.rows)
        bar.clear()
        return cursor

    def _tell(self, path: Path, question: flow.Question, last: Cursor) -> None:
        self.stdout.write(f"{path}: {last.rows:,} decisions, {last.records:,} rows")
        if last.quarantined:
            causes = ", ".join(f"{cause} {count:,}" for cause, count in sorted(last.quarantined.items()))
            self.stdout.write(self.style.WARNING(f"in quarantine: {sum(last.quarantined.values()):,} rows ({causes})"))
        by = "keys of customers and agents in clear" if question.clear else f"pseudonyms by the key {Names().mark}"
        self.stdout.write(by)
        if question.until is not None:
            self.stdout.write("no mark to go on from: with --until, rows that are settled were left out")
        elif last.upto:
            self.stdout.write(f"next time: --since {last.upto}")


def _question(out: str, *, format: str, view: str, since: str, until: str, **options: Any) -> flow.Question:
    form = format or Path(out).suffix.lstrip(".").lower()
    if form not in FORMS:
        raise CommandError(f"--format: {out!r} does not say which; give one of {', '.join(FORMS)}.")
    return flow.Question(
        view=view,
        form=form,
        tenant=options["tenant"],
        since=_since(since),
        until=_moment(until, days=1),
        clear=options["names"],
    )


def _since(text: str) -> datetime | Mark | None:
    found = _moment(text)
    if found is not None or not text:
        return found
    try:
        return read_mark(text)
    except BadMark as error:
        raise CommandError(f"--since: {error}") from error


def _moment(text: str, *, days: int = 0) -> datetime | None:
    """The moment behind a text; the start of a day, so many days further on."""
    if not text:
        return None
    try:
        # A mark is digits too, and eight of them would be read as a day.
        day, moment = parse_date(text) if text.count("-") == 2 else None, parse_datetime(text) if ":" in text else None
    except ValueError:
        day, moment = None, None
    if day is not None and 1900 < day.year < 9000:
        return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))
    if moment is not None and 1900 < moment.year < 9000:
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    if days:
        raise CommandError(f"--until {text!r}: give {MOMENT}.")
    return None


def _check_tenant(tenant: str) -> None:
    """A tenant of which nothing is logged is a slip, if others are."""
    mine = Decision.objects.filter(tenant=tenant)
    if mine.exists():
        return
    others = list(Decision.objects.order_by().values_list("tenant", flat=True).distinct()[:20])
    if others:
        known = ", ".join(repr(one) for one in sorted(others))
        raise CommandError(f"--tenant {tenant!r}: nothing is logged of it; there are {known}.")
