"""`manage.py crm_assist_log verify | seal | status | size | partition | unpartition`: is the log what was written?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import router
from django.db.models import Sum
from django.utils import timezone

from crm_assist import flow
from crm_assist.conf import settings
from crm_assist.flow.keeping import kept_from
from crm_assist.journal import guards
from crm_assist.journal.clock import SLACK, seals_back
from crm_assist.journal.faults import Fault, Tally
from crm_assist.journal.head_file import HeadFileError
from crm_assist.journal.heads_check import HeadsCheck
from crm_assist.journal.models import Seal
from crm_assist.journal.order import SealingError
from crm_assist.journal.sealing import tenants, unsealed
from crm_assist.journal.verify import head_of, verify
from crm_assist.management.log_arguments import head_from, since_from
from crm_assist.management.log_parts import ACTIONS, add_part_arguments, months_told, part_log
from crm_assist.management.log_size import sizes_told
from crm_assist.management.migrated import MigratedCommand
from crm_assist.management.progress import Progress
from crm_assist.management.working import work
from crm_assist.privacy.holds import broken
from crm_assist.runs.models import Kind

HEAD = (
    "a file to which seal and status append signed heads and against which verify compares; with verify and --tenant "
    "also number:hash, as status printed it"
)


class Command(MigratedCommand):
    """Seals the log, verifies it, and says how it stands; exit status 1 when anything is not as it was sealed."""

    help = "Seal the log, verify that nothing was changed, show how it stands and its size, or part it by month."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        """`verify`, `seal` or `status`, for all tenants or one; `size`, `partition` or `unpartition`, for all."""
        parser.add_argument("action", choices=["verify", "seal", "status", "size", *ACTIONS])
        parser.add_argument("--tenant", help="only this tenant (empty text for rows without one)")
        parser.add_argument("--head", help=HEAD)
        parser.add_argument(
            "--since", help="with verify: begin at this day or moment, or with --tenant at the seal of this number"
        )
        add_part_arguments(parser)

    def handle(self, *, action: str, tenant: str | None, head: str | None, since: str | None, **options: Any) -> None:
        """Do one of them."""
        if action in ACTIONS:
            part_log(self, action, tenant=tenant, head=head, since=since, **options)
            return
        if action == "size":
            self._size(tenant, head, since)
            return
        told, file = head_from(head, action=action, tenant=tenant)
        begin = since_from(since, action=action, tenant=tenant)
        chosen = tenants() if tenant is None else [tenant]
        try:
            if action == "seal":
                self._seal(chosen, tenant, file)
            elif action == "status":
                self._status(chosen, file)
            else:
                self._verify(chosen, tenant, told, file, begin)
        except HeadFileError as error:
            raise CommandError(str(error)) from error

    def _seal(self, chosen: list[str], tenant: str | None, file: Path | None) -> None:
        """All tenants as a run, which one process does at a time; a single one right here."""
        if tenant is None:
            name, last = "all tenants", [(view.done, view.note) for view in work(self, Kind.SEAL, title="Sealing")]
        else:
            name, last = _named(tenant), self._sealed(tenant)
        for rows, links in last:
            self.stdout.write(f"{name}: {rows:,} rows sealed in {links or '0 seals'}")
        self._keep(chosen, file)
        for one in chosen:
            self._window(one)

    def _sealed(self, tenant: str) -> list[tuple[int, str]]:
        try:
            steps = list(flow.seal(now=timezone.now(), tenant=tenant))
        except SealingError as error:
            raise CommandError(str(error)) from error
        return [(steps[-1].done, steps[-1].note) if steps else (0, "")]

    def _keep(self, chosen: list[str], file: Path | None) -> None:
        if file is not None:
            written = flow.keep_heads(file, now=timezone.now(), tenants=chosen)
            self.stdout.write(f"{file}: {len(written):,} heads written")

    def _status(self, chosen: list[str], file: Path | None) -> None:
        for tenant in chosen:
            self.stdout.write(f"{_named(tenant)}: head {head_of(tenant) or 'none'}")
            self._window(tenant)
            if back := seals_back(router.db_for_write(Seal), tenant):
                self.stdout.write(self.style.WARNING(f"{_named(tenant)}: {back:,} seals dated before the one before"))
        self._keep(chosen, file)
        if settings.HEAD_FILE:
            self.stdout.write(f"heads are kept in {settings.HEAD_FILE}")
        absent = guards.missing(router.db_for_write(Seal))
        for guard in absent:
            self.stdout.write(self.style.WARNING(f"guard {guard.name} on {guard.table} is missing: run migrate"))
        if not absent:
            self.stdout.write("guards: all in place")
        for line in months_told():
            self.stdout.write(line)

    def _size(self, *others: str | None) -> None:
        if any(other is not None for other in others):
            raise CommandError("size is about the log of all tenants; leave out --tenant, --head and --since.")
        for line in sizes_told():
            self.stdout.write(line)

    def _verify(
        self,
        chosen: list[str],
        tenant: str | None,
        head: str | None,
        file: Path | None,
        since: datetime | int | None,
    ) -> None:
        tally, found = Tally(), 0
        heads = HeadsCheck(path=file, using=router.db_for_write(Seal), tenant=tenant) if file else None
        total = Seal.objects.filter(tenant__in=chosen).aggregate(rows=Sum("rows"))["rows"] or 0
        asked: dict[str, Any] = {
            "head": head,
            "heads": heads,
            "since": since,
            "tally": tally,
            "kept_from": kept_from(timezone.now()),
        }
        faults = chain(verify(tenant=tenant, **asked), broken(tenant=tenant, now=timezone.now()))
        for fault in self._shown(faults, tally, total):
            found += 1
            self.stdout.write(self.style.ERROR(str(fault)))
        for one in chosen:
            self._window(one)
        self._looked_at(tally, heads)
        if found:
            raise CommandError(f"{found:,} faults: the log is not as it was sealed.", returncode=1)
        self.stdout.write(self.style.SUCCESS("no fault found"))

    def _shown(self, faults: Iterator[Fault], tally: Tally, total: int) -> Iterator[Fault]:
        """The faults; meanwhile, on a terminal and after a second, how far the work has come."""
        progress = Progress("Rows", total, self.stderr)
        tally.watch = lambda: progress(tally.rows)
        yield from faults
        progress.clear()

    def _looked_at(self, tally: Tally, heads: HeadsCheck | None) -> None:
        """What was looked at, what was not, and what is odd without being a fault."""
        self.stdout.write(
            f"checked {tally.seals:,} seals, {tally.rows:,} rows, {tally.payloads:,} payloads; "
            f"{tally.erased:,} payloads were erased"
        )
        if tally.dropped:
            self.stdout.write(f"{tally.dropped:,} payloads went with the months that retention dropped")
        if tally.passed_over:
            told = f"not looked at: {tally.passed_over:,} seals with {tally.rows_passed_over:,} rows before --since"
            self.stdout.write(self.style.WARNING(told))
        hours = SLACK.seconds // 3600
        for count, told in (
            (
                tally.late,
                f"rows are dated more than {hours} h before rows sealed earlier: a long import or a wrong clock",
            ),
            (tally.ahead, "rows are dated after their own seal: two clocks that differ"),
            (tally.seals_back, "seals are dated before the one before: a clock that went back"),
        ):
            if count:
                self.stdout.write(self.style.WARNING(f"clock: {count:,} {told}"))
        if heads is not None:
            self._compared(heads)

    def _compared(self, heads: HeadsCheck) -> None:
        """What the file of heads proves, and up to where."""
        self.stdout.write(f"{heads.path}: {heads.lines:,} lines read")
        for tenant, sequence in sorted(heads.agreed.items()):
            self.stdout.write(f"{_named(tenant)}: as the file has it up to seal {sequence:,}")
        if heads.starts_inside:
            self.stdout.write("the file begins in the middle: the lines before it are kept elsewhere")
        if heads.torn or heads.is_unfinished:
            self.stdout.write(f"{heads.torn + heads.is_unfinished:,} lines were cut off in writing")

    def _window(self, tenant: str) -> None:
        """What tampering with would not show."""
        window = unsealed(tenant)
        since = f", the oldest of {window.oldest:%Y-%m-%d %H:%M:%S %Z}" if window.oldest else ""
        self.stdout.write(f"{_named(tenant)}: {window.count:,} rows not sealed yet{since}")


def _named(tenant: str) -> str:
    return f"tenant {tenant}" if tenant else "no tenant"
