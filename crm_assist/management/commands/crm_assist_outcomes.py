"""`manage.py crm_assist_outcomes import | status | ready | complete | settle`: what customers did, what is known."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from crm_assist import flow
from crm_assist.management.migrated import MigratedCommand
from crm_assist.management.outcomes import import_file
from crm_assist.types import Principal


class Command(MigratedCommand):
    """Takes outcomes in from a file, and says how they stand: by source, by target and month, what contradicts."""

    help = "Import outcomes, show how they stand, say until when a source is complete, settle a contradiction."

    def add_arguments(self, parser: CommandParser) -> None:
        """One command for each of them."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        file = actions.add_parser("import", help="a CSV file, gzip too; every line is checked before the first is kept")
        file.add_argument(
            "file", type=Path, help="columns key, product, kind, occurred_at, external_id; version, tenant"
        )
        file.add_argument("--model", default="", help="kind of customer as app.Model; needed where there are several")
        file.add_argument("--source", default="file", help="which of your systems tells it; part of each outcome's id")
        file.add_argument("--dry-run", action="store_true", help="check the file and write nothing")
        actions.add_parser("status", help="what was told by each source, and what contradicts itself")
        ready = actions.add_parser("ready", help="of how many the outcome is known, by target and month")
        ready.add_argument("targets", nargs="*", help="names of targets; all when none is named")
        ready.add_argument("--months", type=int, default=12, help="how many months back")
        complete = actions.add_parser("complete", help="a source has told everything until a moment")
        complete.add_argument("source", help="the source as it calls itself")
        complete.add_argument("until", help="the moment, as 2026-09-30T00:00:00Z")
        settle = actions.add_parser("settle", help="say which telling of a contradiction is right")
        settle.add_argument("telling", help="its id, as status shows it")
        for action in (ready, complete, settle, actions.choices["status"]):
            action.add_argument("--tenant", default="", help="the tenant, where there are several")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Do one of the five."""
        if action == "import":
            import_file(self, options)
            return
        operator = Principal(key="command", name="command", tenant=options["tenant"], is_superuser=True)
        try:
            getattr(self, f"_{action}")(operator, options)
        except (flow.BadAnswer, flow.TargetNotFound) as error:
            raise CommandError(_told(error)) from error

    def _status(self, operator: Principal, options: dict[str, Any]) -> None:
        stands = flow.outcome_sources(operator)
        for one in stands:
            until = f"complete until {_at(one.complete_until)}" if one.complete_until else "never said to be complete"
            self.stdout.write(
                f"{one.source or '(no source)'}: {one.told:,} told, {one.in_force:,} outcomes stand, "
                f"{one.contradicted:,} tellings contradict; {until}"
            )
        if not stands:
            self.stdout.write("No outcome was told yet.")
        elif standing := sum(one.in_force for one in stands):
            followed = flow.outcomes_followed(operator)
            self.stdout.write(
                f"{followed:,} of {standing:,} outcomes follow from a suggestion; the others are matched to none"
            )
        for found in flow.contradictions(operator):
            self.stdout.write(
                self.style.WARNING(f"contradiction {found.mark[:12]} of {found.source or '(no source)'}:")
            )
            for row in found.tellings:
                says = f"{row.product or '(no product)'} {row.kind} {_at(row.occurred_at)}"
                self.stdout.write(f"  {row.pk}  {says}, customer {row.subject.key}, told {_at(row.at)}")

    def _ready(self, operator: Principal, options: dict[str, Any]) -> None:
        names = options["targets"] or list(flow.targets(operator).values_list("name", flat=True))
        for name in names:
            found = flow.readiness(operator, name, months=options["months"], now=timezone.now())
            self.stdout.write(f"{name}: {_complete(found.complete)}")
            for month in found.months:
                parts = [
                    _share(share, what)
                    for share, what in ((month.scored, "scored"), (month.suggested, "suggested"))
                    if share.seen
                ]
                self.stdout.write(f"  {month.month:%Y-%m}: {'; '.join(parts)}")
            if not found.months:
                self.stdout.write("  nothing was scored or suggested in this time")

    def _complete(self, operator: Principal, options: dict[str, Any]) -> None:
        try:
            until = datetime.fromisoformat(options["until"])
        except ValueError as error:
            raise CommandError(f"{options['until']!r} is not a moment; write it as 2026-09-30T00:00:00Z.") from error
        told = flow.tell_complete(operator, until, source=options["source"], now=timezone.now())
        self.stdout.write(f"{told.source}: complete until {_at(told.complete_until)}")

    def _settle(self, operator: Principal, options: dict[str, Any]) -> None:
        try:
            wanted = UUID(options["telling"])
        except ValueError as error:
            raise CommandError(f"{options['telling']!r} is not an id; status shows them.") from error
        row = flow.settle_contradiction(operator, wanted, now=timezone.now())
        self.stdout.write(
            f"settled: {row.product} {row.kind} {_at(row.occurred_at)} stands, as version {row.version:,}"
        )


def _told(error: Exception) -> str:
    if isinstance(error, flow.BadAnswer):
        return f"{error.field}: {error.message}"
    return f"{error} is not a target; crm_assist_outcomes ready shows all."


def _share(share: flow.Ready, what: str) -> str:
    if share.seen < share.count:
        return f"about {share.percent} % of {share.count:,} {what} known ({share.seen:,} looked at)"
    return f"{share.percent} % of {share.count:,} {what} known, {share.yes:,} yes"


def _complete(complete: Any) -> str:
    if not complete.is_said:
        return "no source said until when it is complete: only the horizon is waited for"
    if complete.until is None:
        return "a source it needs never said until when it is complete: no outcome counts as a no"
    return f"outcomes complete until {_at(complete.until)}"


def _at(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"
