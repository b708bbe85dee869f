"""Show background work, go on with what was interrupted, or end it for good."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from crm_assist import flow
from crm_assist.flow import RunView
from crm_assist.management.migrated import MigratedCommand
from crm_assist.management.working import carry_on
from crm_assist.types import Principal

OPERATOR = Principal(key="command", name="command", is_superuser=True)
"""Whoever may run commands may do this."""


class Command(MigratedCommand):
    """`crm_assist_runs`: the newest run of each kind; `--resume` does what waits, `--give-up ID` ends one."""

    help = "Show background work, go on with what was interrupted, or end a run for good."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do besides showing."""
        parser.add_argument("--resume", action="store_true", help="carry on, here, whatever waits or was interrupted")
        parser.add_argument("--give-up", type=int, metavar="ID", help="end this run for good")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is asked, then show how everything stands."""
        if options["give_up"] is not None:
            self._give_up(options["give_up"])
        failed = self._resume() if options["resume"] else []
        shown = flow.runs(OPERATOR, now=timezone.now())
        for view in shown:
            self.stdout.write(line(view))
        if not shown:
            self.stdout.write("Nothing was run yet.")
        if failed:
            raise CommandError("; ".join(failed))

    def _give_up(self, run_id: int) -> None:
        try:
            flow.give_up(OPERATOR, run_id, reason="", now=timezone.now())
        except flow.RunNotFound as error:
            raise CommandError(f"There is no run {run_id}; crm_assist_runs shows them.") from error

    def _resume(self) -> list[str]:
        """Each run that waits, in turn; one that fails does not keep the others from going on."""
        failed = []
        for run_id, kind in flow.stale_runs(now=timezone.now()):
            try:
                carry_on(self, run_id, title=kind)
            except CommandError as error:
                if error.returncode != 1:
                    raise
                failed.append(str(error))
        return failed


def line(view: RunView) -> str:
    """One run on one line."""
    total = f"/{view.total:,}" if view.total else ""
    age = f"{view.beat_age.total_seconds():.0f} s ago" if view.beat_age is not None else "never"
    name = " ".join(part for part in (view.kind, view.about, view.tenant) if part)
    told = view.fault or view.note
    rest = f" ({told})" if told else ""
    return f"{view.id:>6}  {view.state:<8} {name}: {view.done:,}{total}, attempt {view.attempt}, heart-beat {age}{rest}"
