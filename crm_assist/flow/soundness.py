"""Training data checked before its card may serve: what blocks is accepted by a person with a reason, or refused.

What was found, and what was accepted why, stands in the log with the publication.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import gettext as _

from crm_assist import customers, features
from crm_assist.flow.moved import moved_in
from crm_assist.journal.writer import payloads_of
from crm_assist.learning import check_training
from crm_assist.learning.dataset import TrainingSet
from crm_assist.learning.findings import Finding, blocking
from crm_assist.learning.models import Target
from crm_assist.scorecards import CardError
from crm_assist.scorecards.models import CardEvent

Findings = Sequence[Finding]


class UnsoundData(CardError):
    """Findings that nobody accepted keep a card from being published; `findings` are those."""

    def __init__(self, findings: Findings) -> None:
        told = " ".join(f"[{found.key}] {in_words(found)}" for found in findings)
        remedy = _("If it is right all the same, publish again, naming what you accept and why.")
        super().__init__(f"{told} {remedy}")
        self.findings = tuple(findings)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundThen:
    """A finding as it was logged with a publication, and why it was accepted; empty where nobody had to."""

    finding: Finding
    accepted: str = ""

    @property
    def words(self) -> str:
        """The finding and its remedy as one text, in the language in force."""
        return in_words(self.finding)


def check_rows(rows: TrainingSet, target: Target, *, seed: int = 0) -> tuple[Finding, ...]:
    """What is wrong with the rows before a card is made of them; nothing where there is nothing to look at.

    Features that the target's population holds to one value are left out: that they are constant is meant.
    """
    columns = {name: values for name, values in rows.X.items() if name not in target.population}
    if not columns or not rows.y:
        return ()
    return (*check_training(columns, rows.y, time=rows.at, seed=seed), *_before_the_start(columns, target))


def _before_the_start(columns: Mapping[str, Sequence[Any]], target: Target) -> Iterator[Finding]:
    """Ages below zero: what they count from had not begun at the row's moment."""
    for name, feature in features.declared(customers.adapter_for(target.adapter)).items():
        below = sum(1 for value in columns.get(name, ()) if value is not None and value < 0) if _is_age(feature) else 0
        if below:
            evidence = {"seen": below, "rows": len(columns[name])}
            yield Finding(code="not_begun", severity="warns", feature=name, evidence=evidence)


def _is_age(feature: features.Feature) -> bool:
    return isinstance(feature, features.Age)


def refuse_unsound(findings: Findings, accepted: Mapping[str, str]) -> None:
    """Raise UnsoundData unless every finding that blocks is accepted by its key with a reason."""
    left = blocking(tuple(findings), accepted)
    if left:
        raise UnsoundData(left)


def to_log(findings: Findings, accepted: Mapping[str, str]) -> dict[str, Any] | None:
    """What the log keeps beside a publication; None when nothing was found."""
    if not findings:
        return None
    return {"findings": [{**found.plain(), "accepted": _reason(found, accepted)} for found in findings]}


def found_then(events: Iterable[CardEvent]) -> tuple[FoundThen, ...]:
    """What was found when a version was stored, out of the changes of its role."""
    return findings_in(logged_at_first(events))


def logged_at_first(events: Iterable[CardEvent]) -> dict[str, Any]:
    """What was logged beside the first row of a version, given the changes of its role; nothing where nothing was."""
    begun = [event.pk for event in events if not event.before]
    return next((body for body in payloads_of(begun).values() if body), {})


def findings_in(logged: Mapping[str, Any]) -> tuple[FoundThen, ...]:
    """The findings among what was logged."""
    return tuple(_read(entry) for entry in logged.get("findings", ()))


def accepted_before(target: Target) -> dict[str, str]:
    """What the target's last publication accepted, by key: a regular refit finds the same and may go on."""
    last = CardEvent.objects.filter(tenant=target.tenant, adapter=target.adapter, target=target.name, before="")
    newest = last.order_by("-version")[:1]
    return {then.finding.key: then.accepted for then in found_then(newest) if then.accepted}


def found_in_data(name: str, *, tenant: str = "") -> tuple[str, ...]:
    """What the last refit of a target found, in words: in its training data, accepted ones with why; what had moved."""
    newest = CardEvent.objects.filter(tenant=tenant, target=name, before="").order_by("-at", "-version")[:1]
    logged = logged_at_first(newest)
    moved = moved_in(logged)
    return (*(_with_reason(then) for then in findings_in(logged)), *(moved.words if moved else ()))


def keys_found(name: str, *, tenant: str = "") -> frozenset[str]:
    """The keys of what the last refit of a target found in its training data."""
    newest = CardEvent.objects.filter(tenant=tenant, target=name, before="").order_by("-at", "-version")[:1]
    return frozenset(then.finding.key for then in found_then(newest))


def in_words(found: Finding) -> str:
    """The finding and its remedy as one text, in the language in force."""
    return _(found.template) % found.values(get_format("DECIMAL_SEPARATOR"))


def _with_reason(then: FoundThen) -> str:
    told = f"[{then.finding.key}] {then.words}"
    return f"{told} {_('Accepted: %(reason)s') % {'reason': then.accepted}}" if then.accepted else told


def _reason(found: Finding, accepted: Mapping[str, str]) -> str:
    return accepted.get(found.key, "").strip()[:500] if found.severity == "blocks" else ""


def _read(entry: Mapping[str, Any]) -> FoundThen:
    told = {name: entry[name] for name in ("code", "severity", "feature", "other", "evidence")}
    return FoundThen(finding=Finding(**told), accepted=entry["accepted"])
