"""`manage.py crm_assist_log verify | seal | status`: is the log still what was written?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import router
from django.db.models import Sum
from django.utils import timezone

from crm_assist import flow
from crm_assist.flow.keeping import kept_from
from crm_assist.journal import guards
from crm_assist.journal.faults import Fault, Tally
from crm_assist.journal.models import Seal
from crm_assist.journal.order import SealingError
from crm_assist.journal.sealing import tenants, unsealed
from crm_assist.journal.verify import head_of, verify
from crm_assist.management.migrated import MigratedCommand
from crm_assist.management.progress import Progress
from crm_assist.management.working import work
from crm_assist.runs.models import Kind


class Command(MigratedCommand):
    """Seals the log, verifies it, and says how it stands; exit status 1 when anything is not as it was sealed."""

    help = "Seal the log, verify that nothing was changed, or show how it stands."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        """`verify`, `seal` or `status`, for all tenants or one."""
        parser.add_argument("action", choices=["verify", "seal", "status"])
        parser.add_argument("--tenant", help="only this tenant (empty text for rows without one)")
        parser.add_argument(
            "--head",
            help="with verify and --tenant: the head that status printed earlier, number:hash, kept elsewhere",
        )

    def handle(self, *, action: str, tenant: str | None, head: str | None, **options: Any) -> None:
        """Do one of the three."""
        if head is not None and (action != "verify" or tenant is None or not _is_head(head)):
            raise CommandError(f"--head {head!r}: give number:hash as status prints it, with verify and --tenant.")
        chosen = tenants() if tenant is None else [tenant]
        if action == "seal":
            self._seal(chosen, tenant)
        elif action == "status":
            self._status(chosen)
        else:
            self._verify(chosen, head)

    def _seal(self, chosen: list[str], tenant: str | None) -> None:
        """All tenants as a run, which one process does at a time; a single one right here."""
        if tenant is None:
            name, last = "all tenants", [(view.done, view.note) for view in work(self, Kind.SEAL, title="Sealing")]
        else:
            name, last = _named(tenant), self._sealed(tenant)
        for rows, links in last:
            self.stdout.write(f"{name}: {rows:,} rows sealed in {links or '0 seals'}")
        for one in chosen:
            self._window(one)

    def _sealed(self, tenant: str) -> list[tuple[int, str]]:
        try:
            steps = list(flow.seal(now=timezone.now(), tenant=tenant))
        except SealingError as error:
            raise CommandError(str(error)) from error
        return [(steps[-1].done, steps[-1].note) if steps else (0, "")]

    def _status(self, chosen: list[str]) -> None:
        for tenant in chosen:
            self.stdout.write(f"{_named(tenant)}: head {head_of(tenant) or 'none'}")
            self._window(tenant)
        absent = guards.missing(router.db_for_write(Seal))
        for guard in absent:
            self.stdout.write(self.style.WARNING(f"guard {guard.name} on {guard.table} is missing: run migrate"))
        if not absent:
            self.stdout.write("guards: all in place")

    def _verify(self, chosen: list[str], head: str | None) -> None:
        tally, found = Tally(), 0
        total = Seal.objects.filter(tenant__in=chosen).aggregate(rows=Sum("rows"))["rows"] or 0
        for tenant in chosen:
            faults = verify(tenant=tenant, head=head, tally=tally, kept_from=kept_from(timezone.now()))
            for fault in self._shown(faults, tally, total):
                found += 1
                self.stdout.write(self.style.ERROR(str(fault)))
            self._window(tenant)
        self.stdout.write(
            f"checked {tally.seals:,} seals, {tally.rows:,} rows, {tally.payloads:,} payloads; "
            f"{tally.erased:,} payloads were erased"
        )
        if found:
            raise CommandError(f"{found:,} faults: the log is not as it was sealed.", returncode=1)
        self.stdout.write(self.style.SUCCESS("no fault found"))

    def _shown(self, faults: Iterator[Fault], tally: Tally, total: int) -> Iterator[Fault]:
        """The faults; meanwhile, on a terminal and after a second, how far the work has come."""
        progress = Progress("Rows", total, self.stderr)
        tally.watch = lambda: progress(tally.rows)
        yield from faults
        progress.clear()

    def _window(self, tenant: str) -> None:
        """What tampering with would not show."""
        window = unsealed(tenant)
        since = f", the oldest of {window.oldest:%Y-%m-%d %H:%M:%S %Z}" if window.oldest else ""
        self.stdout.write(f"{_named(tenant)}: {window.count:,} rows not sealed yet{since}")


def _named(tenant: str) -> str:
    return f"tenant {tenant}" if tenant else "no tenant"


def _is_head(text: str) -> bool:
    number, _, digest = text.partition(":")
    return number.isdecimal() and len(digest) == 64
