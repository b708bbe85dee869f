"""Fit the cards of declared targets and publish them, or fit one on a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError, CommandParser

from crm_assist import flow
from crm_assist.flow.soundness import keys_found
from crm_assist.learning.models import Target
from crm_assist.management.arguments import whole
from crm_assist.management.cards.fitting import fit_file
from crm_assist.management.migrated import MigratedCommand
from crm_assist.management.working import work
from crm_assist.runs.models import Kind
from crm_assist.types import Use

WAYS = {"up": 1, "down": -1}


class Command(MigratedCommand):
    """`crm_assist_fit [TARGET ...]`: learn from recorded outcomes; run it outside the web process."""

    help = "Fit the cards of targets on recorded outcomes; each serves if it is better than the one that serves now."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which targets, how many moments, and who publishes why."""
        parser.add_argument("targets", nargs="*", help="names of targets; all when none is named")
        parser.add_argument("--tenant", default="", help="the tenant whose targets are meant")
        parser.add_argument(
            "--moments", type=whole(1, 120), default=6, help="how many moments in the past, 30 days apart"
        )
        parser.add_argument(
            "--rows", type=whole(100, 10_000_000), default=20_000, help="about how many rows to learn from"
        )
        parser.add_argument("--by", default="command", help="who publishes")
        parser.add_argument("--reason", default="Fitted by command", help="why; kept in the log")
        parser.add_argument(
            "--accept",
            action="append",
            default=[],
            metavar="FINDING=WHY",
            help="publish in spite of a finding that blocks, such as leak:balance='known before the offer'; kept too",
        )
        parser.add_argument(
            "--in-force",
            default="",
            metavar="WHY",
            help="put the new card in force even if it is not better than the one that serves; the reason is kept",
        )
        parser.add_argument(
            "--monotonic",
            action="append",
            default=[],
            metavar="NAME=up|down",
            help="points of this number never fall (up) or never rise (down); in this fit alone",
        )
        _add_file_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Fit each target in turn; one that cannot be fitted is named, and the others go on."""
        options["accepted"] = dict(_accepted(text) for text in options["accept"])
        options["monotonic"] = dict(_direction(text) for text in options["monotonic"])
        if _wants_file(options):
            fit_file(self, options)
            return
        tenant = options["tenant"]
        names = options["targets"] or list(Target.objects.filter(tenant=tenant).values_list("name", flat=True))
        if not names:
            raise CommandError("No target is declared; declare one with flow.declare_target first.")
        unknown = set(names) - set(Target.objects.filter(tenant=tenant).values_list("name", flat=True))
        if unknown:
            raise CommandError(f"Not declared: {', '.join(sorted(unknown))}; declare it or correct the name.")
        # One reading of the past for all: each further target costs its fit alone.
        past = flow.Past()
        failed = [name for name in names if not self._fit(name, options, past)]
        self._tell_slips(names, options)
        if failed:
            raise CommandError(f"Not fitted: {', '.join(failed)}.")

    def _tell_slips(self, names: Sequence[str], options: dict[str, Any]) -> None:
        """Say which of what was accepted no target's data showed."""
        found = {key for name in names for key in keys_found(name, tenant=options["tenant"])}
        for key in sorted(set(options["accepted"]) - found):
            self.stderr.write(f"--accept {key}: no such finding, so nothing was accepted by it.")

    def _fit(self, name: str, options: dict[str, Any], past: flow.Past) -> bool:
        told = {"moments": options["moments"], "most": options["rows"], "reason": options["reason"]}
        told |= {"accepted": options["accepted"], "in_force": options["in_force"].strip()}
        told["monotonic"] = options["monotonic"]
        try:
            views = work(
                self,
                Kind.REFIT,
                about=name,
                tenant=options["tenant"],
                by=options["by"],
                options=told,
                title="Card of",
                past=past,
            )
        except CommandError as error:
            if error.returncode != 1:
                raise
            self.stderr.write(str(error))
            return False
        if views[-1].state == "done":
            for found in flow.found_in_data(name, tenant=options["tenant"]):
                self.stdout.write(f"  {found}")
        return True


def _add_file_arguments(parser: CommandParser) -> None:
    file = parser.add_argument_group("from a file", "a card as JSON from CSV, without the database; not published")
    file.add_argument("--from", dest="source", default="", metavar="CSV", help="the file, gzip too, with a header")
    file.add_argument("--target", default="", metavar="COLUMN", help="the outcome: 0 and 1, yes and no")
    file.add_argument("--time", default="", metavar="COLUMN", help="the moment of each row: judged on later rows")
    file.add_argument("--out", default="", metavar="FILE", help="where the card is written")
    file.add_argument("--positive", default="", metavar="VALUE", help="the value of the target that counts as 1")
    file.add_argument("--leave-out", nargs="+", default=[], metavar="COLUMN", help="columns that are not learned from")
    file.add_argument("--texts", nargs="+", default=[], metavar="COLUMN", help="codes: categories though numbers")
    file.add_argument("--delimiter", default="", help="found when it is not given")
    file.add_argument("--purpose", choices=list(map(str, Use)), default="", help="said at publication when not given")
    file.add_argument("--seed", type=int, default=0, help="of the folds, where no --time is given")


def _wants_file(options: dict[str, Any]) -> bool:
    """Whether a file is to be learned from; CommandError when only half of what that needs is told."""
    needed = {name: options[name] for name in ("source", "target", "out")}
    if not any((*needed.values(), options["time"])):
        return False
    if not all(needed.values()):
        raise CommandError("From a file: give --from CSV, --target COLUMN and --out FILE together.")
    if options["targets"]:
        raise CommandError(
            f"{options['targets'][0]!r}: declared targets are learned from the database, without --from."
        )
    return True


def _direction(text: str) -> tuple[str, int]:
    name, _equals, way = (part.strip() for part in text.rpartition("="))
    if not name or way not in WAYS:
        raise CommandError(f"--monotonic {text!r}: write NAME=up or NAME=down, such as income=up.")
    return name, WAYS[way]


def _accepted(text: str) -> tuple[str, str]:
    key, _equals, why = (part.strip() for part in text.partition("="))
    if not key or not why:
        raise CommandError(
            f"--accept {text!r} gives no reason; write FINDING=WHY, such as leak:balance='known before'."
        )
    return key, why
