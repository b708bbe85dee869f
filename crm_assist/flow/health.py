"""Whether help can be given here and now: each check bounded in time, each answer fit to be shown without a secret."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pkgutil import iter_modules
from time import monotonic

from django.db import connections, router, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.utils.translation import gettext as _

from crm_assist import migrations
from crm_assist.decisions.models import Decision
from crm_assist.flow.gaps import unlogged
from crm_assist.flow.months import PARTED
from crm_assist.journal import guards
from crm_assist.journal.ids import uuid7
from crm_assist.journal.models import Seal
from crm_assist.journal.parting import wanting
from crm_assist.runs.models import Run

logger = logging.getLogger("crm_assist.flow")

SECONDS = 2.0
"""What all checks together may take; those not asked by then are not ok."""
LOWEST = bytes(10)
UNATTENDED_FOR = timedelta(hours=1)
UNSEALED_FOR = timedelta(days=1)
"""How old a decision may grow before a seal covers it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """One check: whether all is well, in words; `needed` when without it no help can be given here."""

    name: str
    ok: bool
    message: str
    needed: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class _Check:
    name: str
    ask: Callable[[str, datetime], str]
    needed: bool = True


class _Unwell(Exception):
    """What is wrong, in words that may be shown."""


def health(*, now: datetime, clock: Callable[[], float] = monotonic, seconds: float = SECONDS) -> tuple[Health, ...]:
    """The checks in order of need; never raises, and ends within about `seconds` where the database keeps its limit.

    Once the database fails, nothing more is asked of it. What an error says is logged and never part of a message.
    """
    using, started = router.db_for_write(Decision), clock()
    found: list[Health] = []
    for check in CHECKS:
        if found and not found[0].ok:
            found.append(_bad(check, _("Not asked: the database cannot be reached.")))
        elif clock() - started > seconds:
            found.append(_bad(check, _("Not asked: the checks before took too long.")))
        else:
            found.append(_asked(check, using, now, seconds))
    return tuple(found)


def is_ready(found: tuple[Health, ...]) -> bool:
    """Whether everything that is needed is well."""
    return all(one.ok for one in found if one.needed)


def _bad(check: _Check, message: str) -> Health:
    return Health(name=check.name, ok=False, message=message, needed=check.needed)


def _asked(check: _Check, using: str, now: datetime, seconds: float) -> Health:
    try:
        with _limited(using, seconds):
            message = check.ask(using, now)
    except _Unwell as fault:
        return _bad(check, str(fault))
    except Exception as error:
        logger.warning("crm_assist.health_failed", extra={"check": check.name}, exc_info=True)
        return _bad(check, _("It failed with %(error)s.") % {"error": type(error).__name__})
    return Health(name=check.name, ok=True, message=message, needed=check.needed)


@contextmanager
def _limited(using: str, seconds: float) -> Iterator[None]:
    """A transaction of our own in which no statement of PostgreSQL runs longer; elsewhere nothing can be limited."""
    with transaction.atomic(using):
        if connections[using].vendor == "postgresql":
            with connections[using].cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
        yield


def _database(using: str, now: datetime) -> str:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1")
    return _("The database answers.")


@cache
def _shipped() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(migrations.__path__))


def _migrations(using: str, now: datetime) -> str:
    recorder = MigrationRecorder(connections[using])
    applied = {name for app, name in recorder.applied_migrations() if app == "crm_assist"}
    waiting = _shipped() - applied
    if waiting:
        raise _Unwell(_("Not applied: %(names)s. Run: manage.py migrate") % {"names": ", ".join(sorted(waiting))})
    return _("All migrations are applied.")


def _guards(using: str, now: datetime) -> str:
    if not guards.expected(using):
        return _("This database has no guards of ours; the log is guarded in Python alone.")
    absent = guards.missing(using)
    if absent:
        raise _Unwell(_("Guards of the log are missing: %(count)d. Run: manage.py migrate") % {"count": len(absent)})
    return _("The log is guarded by the database.")


def _months(using: str, now: datetime) -> str:
    wanted = wanting(using, PARTED, now=now)
    if wanted:
        words = {"names": ", ".join(wanted)}
        told = _("Months of the log are missing, or rows lie in none: %(names)s. Run: manage.py crm_assist_retain")
        raise _Unwell(told % words)
    return _("No month of the log is missing.")


def _log(using: str, now: datetime) -> str:
    missed = unlogged()
    if missed:
        raise _Unwell(_("Decisions that this process could not log: %(count)d.") % {"count": missed})
    return _("Decisions are logged.")


def _seals(using: str, now: datetime) -> str:
    """By primary keys alone, which sort by time: the log may be very long. Looks at all tenants as one."""
    before = now - UNSEALED_FOR
    sealed = Seal._base_manager.using(using).aggregate(last=Max("at"))["last"]
    rows = Decision._base_manager.using(using).filter(pk__lt=uuid7(before, LOWEST))
    if (rows if sealed is None else rows.filter(pk__gte=uuid7(sealed, LOWEST))).exists():
        raise _Unwell(_("Decisions wait for a seal for more than a day. Run: manage.py crm_assist_log seal"))
    return _("Nothing waits long for a seal.")


def _runs(using: str, now: datetime) -> str:
    stale = Run.objects.using(using).stale(now, seconds=int(UNATTENDED_FOR.total_seconds()))
    waiting = stale.filter(asked_at__lt=now - UNATTENDED_FOR).count()
    if waiting:
        words = {"count": waiting}
        raise _Unwell(_("Runs that nobody has worked on for an hour: %(count)d. Is a worker there?") % words)
    return _("No run of background work waits long.")


CHECKS = (
    _Check(name="database", ask=_database),
    _Check(name="migrations", ask=_migrations),
    _Check(name="guards", ask=_guards, needed=False),
    _Check(name="months", ask=_months, needed=False),
    _Check(name="log", ask=_log, needed=False),
    _Check(name="seals", ask=_seals, needed=False),
    _Check(name="runs", ask=_runs, needed=False),
)
"""In order: without the first none of the others is asked."""
