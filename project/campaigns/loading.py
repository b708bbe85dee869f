"""A checked campaign file into prospects and calls: one transaction, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from project.campaigns.dating import CallDates
from project.campaigns.layout import NEVER_CONTACTED
from project.campaigns.models import Call, CampaignFile, Prospect
from project.campaigns.reading import CampaignFileError, Record, read_records
from project.inserting import insert_all

CHUNK = 1_000
# Known only after the call, hence not the prospect's.
_OF_THE_CALL = ("duration", "y")


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What a load did: rows in the tables now, how many said yes, and whether the file was there already."""

    rows: int
    subscribed: int
    already_there: bool


def load_file(
    path: Path,
    *,
    now: datetime,
    limit: int | None = None,
    replace: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> Loaded:
    """Load at most `limit` rows of `path`; the same file again is left alone, another one needs `replace`."""
    digest = _digest(path)
    with transaction.atomic():
        present = CampaignFile.objects.order_by("pk").last()
        if present is not None and (present.sha256, present.limit) == (digest, limit):
            return _counted(already_there=True)
        if present is not None and not replace:
            raise CampaignFileError(
                f"{present.name} is loaded already ({present.rows:,} rows). "
                f"Add --replace to put {path.name} in its place."
            )
        CampaignFile.objects.all().delete()
        Prospect.objects.all().delete()
        rows = _insert(path, limit, on_progress)
        CampaignFile.objects.create(name=path.name, sha256=digest, rows=rows, limit=limit, loaded_at=now)
        return _counted(already_there=False)


def _insert(path: Path, limit: int | None, on_progress: Callable[[int], None] | None) -> int:
    dates, written = CallDates(), 0
    chunk: list[tuple[Prospect, Record, datetime]] = []

    def write() -> None:
        nonlocal written
        insert_all(Prospect, [prospect for prospect, _record, _at in chunk])
        rows = [record.row for _prospect, record, _at in chunk]
        keys = dict(
            Prospect.objects.filter(row__range=(min(rows, default=0), max(rows, default=0))).values_list("row", "pk")
        )
        insert_all(Call, [_call(keys[record.row], record, at) for _prospect, record, at in chunk])
        written += len(chunk)
        chunk.clear()
        if on_progress:
            on_progress(written)

    for record in read_records(path, limit=limit):
        values = record.values
        at = dates.next(month=str(values["month"]), weekday=str(values["day_of_week"]), period=record.period)
        chunk.append((_prospect(record), record, at))
        if len(chunk) == CHUNK:
            write()
    write()
    return written


def _prospect(record: Record) -> Prospect:
    known = {name.replace(".", "_"): value for name, value in record.values.items() if name not in _OF_THE_CALL}
    if known["pdays"] == NEVER_CONTACTED:
        known["pdays"] = None  # type: ignore[assignment]  # the file writes 999 for "never"
    return Prospect(row=record.row, **known)


def _call(prospect: int, record: Record, at: datetime) -> Call:
    values = record.values
    return Call(prospect_id=prospect, at=at, duration=values["duration"], subscribed=values["y"] == "yes")


def _counted(*, already_there: bool) -> Loaded:
    return Loaded(
        rows=Call.objects.count(),
        subscribed=Call.objects.filter(subscribed=True).count(),
        already_there=already_there,
    )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise CampaignFileError(f"{path} cannot be read: {error.strerror or error}. Check the path.") from error
