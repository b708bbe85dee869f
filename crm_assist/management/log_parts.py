"""`manage.py crm_assist_log partition | unpartition`: the tables that grow, by month, and plain again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, models, router
from django.utils import timezone

from crm_assist.flow.months import PARTED
from crm_assist.journal.parting import AHEAD, months_for, part, unpart
from crm_assist.journal.parts import is_parted, parts_of
from crm_assist.journal.rebuild import unfinished
from crm_assist.journal.table_shape import PartsError, refuse_obstacles, shape_of
from crm_assist.management.progress import Progress
from crm_assist.management.working import INTERRUPTED

ACTIONS = ("partition", "unpartition")
MOST_AHEAD = 60


def add_part_arguments(parser: CommandParser) -> None:
    """What only these two actions take."""
    parser.add_argument("--dry-run", action="store_true", help="with partition or unpartition: say what would be done")
    parser.add_argument(
        "--months-ahead", type=int, default=AHEAD, help=f"with partition: months made ahead, 1 to {MOST_AHEAD}"
    )


def months_told() -> Iterator[str]:
    """A line for each table that is parted, from which month to which, and for each copy that is not finished."""
    for model in PARTED:
        using, table = router.db_for_write(model), model._meta.db_table
        parts = parts_of(using, [table])
        months = sorted(part.month for part in parts if part.month is not None)
        if months:
            yield f"{table}: by month, {months[0]} to {months[-1]}"
        if unfinished(using, table) is not None:
            yield f"{table}: a copy of it is not finished, and every row is written twice; run partition or unpartition"


def part_log(command: BaseCommand, action: str, *, dry_run: bool, months_ahead: int, **others: Any) -> None:
    """Do it table by table, or say what would be done; CommandError with the reason and the remedy."""
    given = [name for name in ("tenant", "head", "since") if others.get(name) is not None]
    if given:
        raise CommandError(f"--{given[0]}: {action} is about the log of all tenants; leave it out.")
    if not 1 <= months_ahead <= MOST_AHEAD:
        raise CommandError(f"--months-ahead {months_ahead}: give a number from 1 to {MOST_AHEAD}.")
    try:
        for model in PARTED:
            using = router.db_for_write(model)
            if dry_run:
                _foretell(command, using, model, action, months_ahead)
            else:
                _do(command, using, model, action, months_ahead)
    except PartsError as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt as interrupt:
        raise CommandError("Stopped; the same command goes on from here.", returncode=INTERRUPTED) from interrupt


def _do(command: BaseCommand, using: str, model: type[models.Model], action: str, ahead: int) -> None:
    table = shape_of(using, model).table
    bar = Progress(table, _about(using, table)[0], command.stderr)
    steps = part(using, model, now=timezone.now(), ahead=ahead) if action == "partition" else unpart(using, model)
    told = ""
    for step in steps:
        bar(step.rows)
        if step.note != told:
            told = step.note
            bar.clear()
            command.stdout.write(f"{step.table}: {told}")


def _foretell(command: BaseCommand, using: str, model: type[models.Model], action: str, ahead: int) -> None:
    """What it would do, what it needs, and what stands in the way: nothing is changed."""
    shape = shape_of(using, model)
    rows, size = _about(using, shape.table)
    begun, parted = unfinished(using, shape.table), is_parted(using, shape.table)
    if parted == (action == "partition"):
        state = "has a copy that would be taken back" if begun else "is so already"
        command.stdout.write(f"{shape.table}: {state}")
        return
    refuse_obstacles(using, shape.table)
    form = "plain"
    if not parted:
        months = months_for(using, model, now=timezone.now(), ahead=ahead)
        form = f"by {len(months)} months, {months[0]} to {months[-1]}"
    going_on = f", from {begun.reached or 'the beginning'} on" if begun else ""
    command.stdout.write(
        f"{shape.table}: about {rows:,} rows would be copied {form}{going_on}; "
        f"that takes {size} more room until it is done"
    )


def _about(using: str, table: str) -> tuple[int, str]:
    """How many rows the server believes there are, and how much room they take."""
    sql = (
        "SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint, pg_size_pretty(sum(pg_total_relation_size(c.oid))) "
        "FROM pg_class c WHERE c.oid = %s::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree(%s::regclass) "
        "WHERE isleaf)"
    )
    with connections[using].cursor() as cursor:
        cursor.execute(sql, [table, table])
        rows, size = cursor.fetchone()
    return int(rows), str(size)
