"""One outcome told several times: each telling is put in its place and recorded once, none is overwritten or dropped.

Of one id the highest version stands. A telling without a version comes after all that are known, so that the last one
told stands; with versions the order of arrival says nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crm_assist.decisions.marks import marks
from crm_assist.decisions.models import Outcome
from crm_assist.decisions.outcomes import NEXT
from crm_assist.events import emit_on_commit
from crm_assist.journal.ids import uuid7
from crm_assist.journal.writer import record, record_many

CHUNK = 250
Place = tuple[str, str, str]
"""Tenant, source and the host's own id."""


class Fate(StrEnum):
    """What a telling was among those known."""

    RECORDED = "recorded"
    CORRECTED = "corrected"
    KNOWN = "known"
    OVERTAKEN = "overtaken"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What became of outcomes told together.

    `recorded` were new, `corrected` take the place of an earlier telling, `known` had been told and changed nothing.
    `overtaken` came after a later version and are kept beside it; `contradicted` say something else than the same
    version did before, so that neither counts until somebody says which is right.
    """

    recorded: int = 0
    corrected: int = 0
    known: int = 0
    overtaken: int = 0
    contradicted: int = 0

    @property
    def total(self) -> int:
        """How many were told."""
        return self.recorded + self.corrected + self.known + self.overtaken + self.contradicted

    def __add__(self, other: Told) -> Told:
        """Both together."""
        return Told(**{fate.value: getattr(self, fate) + getattr(other, fate) for fate in Fate})


def record_outcome(row: Outcome) -> Outcome:
    """Record an outcome in its place; one that was told so before is returned as it stands."""
    known = list(tellings_of(row.tenant, row.source, [row.external_id]).get(row.external_id, ()))
    fate, standing = _placed(row, known)
    if standing is not None:
        return standing
    emit_on_commit("outcome.recorded", tenant=row.tenant, product=row.product, kind=row.kind, source=row.source)
    _tell_contradictions([row] if fate is Fate.CONTRADICTED else [])
    return record(row, None)


def record_outcomes(rows: Sequence[Outcome]) -> Told:
    """Record many outcomes at once, each in its place: later ones of the same id after those before them."""
    known = _known(rows)
    fates, fresh, contradicting = Counter[Fate](), [], []
    for row in rows:
        told = known[_place(row)] if row.external_id else []
        fate, standing = _placed(row, told)
        fates[fate] += 1
        if standing is None:
            told.append(row)
            fresh.append(row)
        if fate is Fate.CONTRADICTED:
            contradicting.append(row)
    record_many([(row, None) for row in fresh])
    _tell_contradictions(contradicting)
    return Told(**{fate.value: count for fate, count in fates.items()})


def record_settled(row: Outcome, *, now: datetime) -> Outcome:
    """Say again what `row` says, in a version above all that are known: it is the one that is right."""
    of = {"tenant": row.tenant, "source": row.source, "external_id": row.external_id}
    highest = max(Outcome.objects.filter(**of).values_list("version", flat=True))
    says = {"subject_id": row.subject_id, "product": row.product, "kind": row.kind, "occurred_at": row.occurred_at}
    again = Outcome(id=uuid7(now), at=now, corrects=row.pk, version=highest + 1, **of, **says)
    emit_on_commit("outcome.settled", tenant=row.tenant, source=row.source)
    return record(again, None)


def tellings_of(tenant: str, source: str, external_ids: Iterable[str]) -> dict[str, list[Outcome]]:
    """All that was told under these ids of the host, by id, the highest version last."""
    names, found = sorted(filter(None, set(external_ids))), defaultdict[str, list[Outcome]](list)
    for start in range(0, len(names), CHUNK):
        raw = {mark: name for name in names[start : start + CHUNK] for mark in marks(tenant, source, name)}
        rows = Outcome.objects.filter(tenant=tenant, source=source, external_id__in=list(raw))
        for row in rows.select_related("subject").order_by("version", "at", "id"):
            found[raw[row.external_id]].append(row)
    return dict(found)


def latest(tenant: str, source: str, external_id: str) -> Outcome | None:
    """The highest version told under the host's own id."""
    return next(reversed(tellings_of(tenant, source, [external_id]).get(external_id, [])), None)


def _placed(row: Outcome, known: Sequence[Outcome]) -> tuple[Fate, Outcome | None]:
    """What the row is among those known, and the one that says the same, if there is; version and mark are set."""
    if not known:
        row.version = max(row.version, 0)
        if row.external_id:
            # The id becomes its mark: a row of the log can never be changed, and the id would outlive an erasure.
            row.external_id = marks(row.tenant, row.source, row.external_id)[0]
        return Fate.RECORDED, None
    row.external_id = known[0].external_id  # by whichever key it was marked: one outcome has one mark
    highest = max(one.version for one in known)
    if row.version == NEXT:
        stands = {_says(one): one for one in known if one.version == highest}
        if set(stands) == {_says(row)}:
            return Fate.KNOWN, stands[_says(row)]
        row.version = highest + 1
    rivals = {_says(one): one for one in known if one.version == row.version}
    if rivals:
        same = rivals.get(_says(row))
        return (Fate.CONTRADICTED, None) if same is None else (Fate.KNOWN, same)
    if row.version < highest:
        return Fate.OVERTAKEN, None
    row.corrects = next(one.pk for one in known if one.version == highest)
    return Fate.CORRECTED, None


def _says(row: Outcome) -> tuple[int, str, str, datetime]:
    """The content of a telling; a customer who was merged since is the one that stays."""
    subject = row._state.fields_cache.get("subject")
    whose = row.subject_id if subject is None else subject.merged_into_id or subject.pk
    return whose, row.product, row.kind, row.occurred_at


def _place(row: Outcome) -> Place:
    return row.tenant, row.source, row.external_id


def _known(rows: Iterable[Outcome]) -> defaultdict[Place, list[Outcome]]:
    """What is in the log already under the ids of these rows."""
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        names[row.tenant, row.source].add(row.external_id)
    found = defaultdict[Place, list[Outcome]](list)
    for of, some in names.items():
        found |= {(*of, name): told for name, told in tellings_of(*of, some).items()}
    return found


def _tell_contradictions(rows: Iterable[Outcome]) -> None:
    for (tenant, source), count in Counter((row.tenant, row.source) for row in rows).items():
        emit_on_commit("outcomes.contradicted", tenant=tenant, source=source, count=count)
