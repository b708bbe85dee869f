"""What commands of the log take for heads and moments; anything else is refused with what to write instead."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

HEAD = re.compile(r"\d{1,18}:[0-9a-f]{64}")
HEAD_LIKE = re.compile(r"[^/\\]{0,18}:[0-9a-zA-Z]*")


def head_from(text: str | None, *, action: str, tenant: str | None) -> tuple[str | None, Path | None]:
    """A head as `status` prints it, or a file of signed ones: one of the two, or neither."""
    if text is None:
        return None, None
    if text and not HEAD_LIKE.fullmatch(text):
        return None, Path(text)
    if action != "verify" or tenant is None or not HEAD.fullmatch(text):
        raise CommandError(
            f"--head {text!r}: give a file of signed heads, or with verify and --tenant number:hash as status "
            "prints it."
        )
    return text, None


def since_from(text: str | None, *, action: str, tenant: str | None) -> datetime | int | None:
    """The number of a seal, or a moment; a day begins at midnight in the zone of the site."""
    if text is None:
        return None
    if action == "verify" and text.isdecimal() and len(text) < 19 and tenant is not None:
        return int(text)
    moment = moment_from(text) if action == "verify" else None
    if moment is None:
        raise CommandError(
            f"--since {text!r}: with verify give a day (2026-03-01) or a moment (2026-03-01T09:30), or with --tenant "
            "the number of a seal."
        )
    return moment


def moment_from(text: str) -> datetime | None:
    """The moment that a text says, in the zone of the site unless it names one; None for anything else."""
    try:
        day, moment = parse_date(text), parse_datetime(text)
    except ValueError:
        return None
    if moment is None and day is not None:
        moment = datetime(day.year, day.month, day.day)
    if moment is None:
        return None
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
