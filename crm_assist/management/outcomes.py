"""A file of outcomes taken in by a command: checked with a bar, reported by line, then recorded with another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.management.progress import Progress

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended."""


def import_file(command: BaseCommand, options: dict[str, Any]) -> None:
    """Check, report and record; CommandError when anything in the file cannot be taken, and nothing is written."""
    path, source, model = options["file"], options["source"], _model(options["model"])
    try:
        checked = _checked(command, path, model, source)
        for fault in checked.faults:
            command.stderr.write(f"  {fault}")
        if checked.bad:
            rest = checked.bad - len(checked.faults)
            more = f" The first {len(checked.faults)} are shown." if rest else ""
            raise CommandError(
                f"{checked.bad:,} of {checked.good + checked.bad:,} lines cannot be taken; nothing was written.{more}"
            )
        if options["dry_run"]:
            command.stdout.write(f"{checked.good:,} lines can be taken; nothing was written.")
            return
        told = _recorded(command, path, model, source, total=checked.good)
    except flow.BadFile as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt as interrupt:
        message = "Stopped; the same command goes on: what is in the log already is not written again."
        raise CommandError(message, returncode=INTERRUPTED) from interrupt
    command.stdout.write(
        f"{told.recorded:,} new, {told.corrected:,} corrected, {told.known:,} known already, "
        f"{told.overtaken:,} older than what is known, {told.contradicted:,} contradict"
    )
    if told.contradicted:
        command.stdout.write(command.style.WARNING("What contradicts counts for nothing: crm_assist_outcomes status"))


def _checked(command: BaseCommand, path: Path, model: str, source: str) -> flow.CheckedFile:
    size = path.stat().st_size if path.is_file() else 0
    bar = Progress("Bytes checked", size, command.stderr)
    found = flow.check_outcomes(path, model=model, source=source, now=timezone.now(), watch=bar)
    bar.clear()
    return found


def _recorded(command: BaseCommand, path: Path, model: str, source: str, *, total: int) -> flow.Told:
    bar = Progress("Outcomes", total, command.stderr)
    told = flow.import_outcomes(
        path, model=model, source=source, now=timezone.now(), watch=lambda done: bar(done.total)
    )
    bar.finish()
    return told


def _model(label: str) -> str:
    """The kind of customer that is meant; CommandError where it must be named."""
    known = list(customers.adapters())
    if label in known:
        return label
    if not label and len(known) == 1:
        return known[0]
    what = f"--model {label!r} is not registered" if label else "Say whose outcomes they are"
    raise CommandError(f"{what}; use --model with one of {', '.join(known) or 'none: no adapter is registered'}.")
