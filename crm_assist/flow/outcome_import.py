"""A file of outcomes into the log: all of it is checked before the first row is written, and told again it is once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from crm_assist import customers
from crm_assist.customers import CustomerAdapter
from crm_assist.customers.models import Subject
from crm_assist.decisions.tellings import Told
from crm_assist.events import emit
from crm_assist.flow.outcome_file import BadFile, Fault, Line, Watch, read_message, read_outcomes
from crm_assist.flow.outcomes import ToldOutcome, record_outcomes, refusals_told

CHUNK = 500
MOST_FAULTS = 100
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedFile:
    """What a file holds: how many lines can be taken, how many cannot, and the first hundred faults."""

    good: int
    bad: int
    faults: tuple[Fault, ...]


def check_outcomes(
    path: Path, *, model: str, source: str, now: datetime, watch: Watch = lambda done: None
) -> CheckedFile:
    """Read the whole file and write nothing; memory does not grow with it. BadFile as `read_outcomes`.

    Beside what is wrong with a line in itself: a customer whom the host does not have and we never met.
    """
    adapter = customers.adapter_for(model)
    good, bad, faults, columns = 0, 0, list[Fault](), set[str]()
    for lines in _chunks(read_outcomes(path, now=now, watch=watch)):
        strangers = _strangers(adapter, lines)
        for line in lines:
            fault = line.fault or (_stranger(line) if line.number in strangers else None)
            good, bad = good + (fault is None), bad + (fault is not None)
            if fault is not None and len(faults) < MOST_FAULTS:
                faults.append(fault)
                columns.add(fault.column)
    if bad:
        emit("outcomes.refused", tenant="", source=source[:40], field=",".join(sorted(columns)), count=bad)
    return CheckedFile(good=good, bad=bad, faults=tuple(faults))


def import_outcomes(
    path: Path, *, model: str, source: str, now: datetime, watch: Callable[[Told], object] = lambda told: None
) -> Told:
    """Record every line of a file that was checked, 500 at a time, each time all or none.

    Interrupted, it is begun again from the first line: those that are in the log already change nothing. BadFile as
    `read_outcomes`, and for a file that changed since it was checked.
    """
    told = Told()
    for lines in _chunks(_good(read_outcomes(path, now=now))):
        told += record_outcomes(model, lines, source=source, now=now)
        watch(told)
    return told


def record_message(model: str, outcomes: Sequence[Mapping[str, Any]], *, source: str, now: datetime) -> Told:
    """Record the outcomes of a worker's message, all or none; delivered twice they change nothing.

    BadAnswer names the place and what is wrong with it.
    """
    with refusals_told("", source):
        told = read_message(outcomes, now=now)
    return record_outcomes(model, told, source=source, now=now)


def _good(lines: Iterable[Line]) -> Iterator[ToldOutcome]:
    """The outcomes of the lines; BadFile where the file is no longer the one that was checked."""
    for line in lines:
        if line.told is None:
            raise BadFile(_("The file changed while it was read (%(fault)s); import it again.") % {"fault": line.fault})
        yield line.told


def _strangers(adapter: CustomerAdapter, lines: Sequence[Line]) -> set[int]:
    """The lines that tell of nobody: by number."""
    told = {line.number: line.told for line in lines if line.told is not None}
    keys = sorted({one.key for one in told.values()})
    met = Subject.objects.filter(model_label=adapter.model_label, key__in=keys, erased_at=None)
    known = {(tenant, key) for tenant, key in met.values_list("tenant", "key")}
    lacking = sorted({one.key for one in told.values() if (one.tenant, one.key) not in known})
    found = customers.load(adapter, lacking) if lacking else {}
    known |= {(adapter.tenant(obj), key) for key, obj in found.items()}
    return {number for number, one in told.items() if (one.tenant, one.key) not in known}


def _stranger(line: Line) -> Fault:
    key = line.told.key if line.told is not None else ""
    message = _("There is no such customer; correct the key, or leave the line out.")
    return Fault(line=line.number, column="key", value=key[:40], message=message)


def _chunks(lines: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(lines)
    while some := list(islice(rest, CHUNK)):
        yield some
