"""Background work done by a command: asked for, carried on here with a bar, and left resumable by Ctrl-C."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crm_assist import flow
from crm_assist.flow import RunView
from crm_assist.flow.background import TOLD
from crm_assist.management.progress import Progress
from crm_assist.types import Step

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended."""


def work(
    command: BaseCommand,
    kind: str,
    *,
    about: str = "",
    tenant: str = "",
    by: str = "command",
    options: Mapping[str, Any] | None = None,
    title: str,
    past: flow.Past | None = None,
) -> list[RunView]:
    """Ask for these runs and do them one after another; CommandError when one fails, after the others."""
    asked = flow.ask_runs(kind, about=about, tenant=tenant, by=by, options=options, now=timezone.now())
    return [carry_on(command, run_id, title=title, about=about, past=past) for run_id in asked]


def carry_on(
    command: BaseCommand, run_id: int, *, title: str, about: str = "", past: flow.Past | None = None
) -> RunView:
    """Do one run here, with a bar; CommandError with the fault, or when Ctrl-C left it to be resumed."""
    bar = Bar(command, title)
    try:
        view = flow.carry_on(run_id, watch=bar, past=past)
    except KeyboardInterrupt as interrupt:
        message = "Stopped; the same command, or crm_assist_runs --resume, goes on from here."
        raise CommandError(message, returncode=INTERRUPTED) from interrupt
    except TOLD as error:
        raise CommandError(f"{title} {about}".strip() + f": {error}") from error
    name = " ".join(part for part in (title, view.about, view.tenant) if part)
    if not view.verdict.open:
        total = f" of {view.total:,}" if view.total else ""
        command.stdout.write(f"{name}: {view.verdict.message} {view.done:,}{total} done.")
        return view
    bar.finish(name, view.done)
    if view.note:
        command.stdout.write(f"{name}: {view.note}")
    return view


class Bar:
    """The bar of a run, which learns from the steps how much there is to do."""

    def __init__(self, command: BaseCommand, title: str) -> None:
        self.progress = Progress(title, 0, command.stderr)

    def __call__(self, step: Step) -> None:
        """One more step is safe."""
        self.progress.total = max(step.total or 0, step.done)
        self.progress(step.done)

    def finish(self, name: str, done: int) -> None:
        """One line at the end."""
        self.progress.label = name
        self.progress.finish(done)
