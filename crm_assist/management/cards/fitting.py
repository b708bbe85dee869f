"""A card fitted on a file: read, fit, write, report; each that lasts is seen to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from crm_assist.flow.soundness import UnsoundData, in_words, refuse_unsound
from crm_assist.learning import FitError, check_training, fit_scorecard
from crm_assist.learning.cells import Records, read_records
from crm_assist.learning.delimited import read_delimited
from crm_assist.learning.findings import Finding
from crm_assist.management.cards.drawing import facts_lines, joined
from crm_assist.management.cards.writing import NotWritable, checked_place, write_whole
from crm_assist.management.progress import Progress
from crm_assist.scorecards import Scorecard
from crm_assist.web.model_card import Subject, model_card


def fit_file(command: BaseCommand, options: dict[str, Any]) -> None:
    """Fit a card on the file that the options name and write it to `out`; CommandError leaves `out` as it was."""
    source, out = Path(options["source"]), Path(options["out"])
    try:
        place = checked_place(out)
        if source.exists() and place.exists() and place.samefile(source):
            raise CommandError(f"--out {out} is the file that is read; name another.")
        records = _read(command, source, options)
        card = _fitted(command, records, options)
        findings = check_training(records.X, records.y, time=records.time, seed=options["seed"])
        _tell(command, findings, options["accepted"])
        refuse_unsound(findings, options["accepted"])
        write_whole(place, card.dumps())
    except UnsoundData as error:
        keys = ", ".join(found.key for found in error.findings)
        remedy = f"If it is right all the same, fit again with --accept {error.findings[0].key}=WHY."
        raise CommandError(f"Nothing was written: {keys}. {remedy}") from error
    except (FitError, ImproperlyConfigured, NotWritable) as error:
        raise CommandError(f"{source}: {error}" if isinstance(error, FitError) else str(error)) from error
    except KeyboardInterrupt as interrupt:
        raise CommandError("Stopped; nothing was written.", returncode=130) from interrupt
    command.stdout.write(joined(facts_lines(model_card(Subject(card=card, declared={})))))
    command.stdout.write(f"Written to {out}. Read it with: manage.py crm_assist_card show {out}")


def _tell(command: BaseCommand, findings: Sequence[Finding], accepted: Mapping[str, str]) -> None:
    """What was found in the rows, and what was accepted of it; a key that names no finding is a slip."""
    for found in findings:
        command.stdout.write(f"  [{found.key}] {in_words(found)}")
    unknown = sorted(set(accepted) - {found.key for found in findings})
    if unknown:
        known = ", ".join(found.key for found in findings if found.severity == "blocks") or "nothing"
        raise CommandError(f"--accept {unknown[0]}: no such finding; to be accepted is {known}.")


def _read(command: BaseCommand, source: Path, options: dict[str, Any]) -> Records:
    size = source.stat().st_size if source.is_file() else 0
    bar = Progress("Bytes read", size, command.stderr)
    file = read_delimited(source, delimiter=options["delimiter"], watch=bar)
    bar.clear()
    bar.label = "Rows read"
    bar.finish(len(file.lines))
    return read_records(
        file,
        target=options["target"],
        time=options["time"],
        positive=options["positive"],
        leave_out=options["leave_out"],
        texts=options["texts"],
    )


def _fitted(command: BaseCommand, records: Records, options: dict[str, Any]) -> Scorecard:
    bar = Progress("Columns fitted", len(records.X), command.stderr)
    if command.stderr.isatty():
        command.stderr.write(f"Fitting {len(records.y):,} rows of {len(records.X)} columns ...", style_func=str)
    wishes = {"monotonic": options["monotonic"], "seed": options["seed"]}
    card = fit_scorecard(records.X, records.y, time=records.time, **wishes)
    bar.finish()
    return card.with_purpose(replace(card.purpose, label=options["target"], use=options["purpose"]))
