"""The values that steps hand to each other. Standard library only: no Django, no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    """How far the machine may go for a team, from nothing to suggestions."""

    OFF = "off"
    SHADOW = "shadow"
    SCORE = "score"
    RECOMMEND = "recommend"

    @property
    def level(self) -> int:
        """The rung on the ladder: off is 0, recommend is 3."""
        return LEVELS[self]

    def opens(self, needed: Phase) -> bool:
        """Whether this phase shows what `needed` shows."""
        return self.level >= needed.level


LEVELS = {phase: level for level, phase in enumerate(Phase)}


class Use(StrEnum):
    """What a target's scores are for; what is not here they are never for: credit, prices, insurance, jobs."""

    MARKETING = "marketing"
    RETENTION = "retention"
    SERVICE = "service"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """An answer with its reason: never a bare yes or no. `rule` and its version where a business rule gave it."""

    open: bool
    code: str
    message: str = ""
    rule: str = ""
    rule_version: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Who asks: a person known by a text key, with the tenant, teams and permissions that the host gives."""

    key: str
    name: str = ""
    tenant: str = ""
    teams: tuple[str, ...] = ()
    permissions: Set[str] = frozenset()
    is_superuser: bool = False
    user: Any = field(default=None, compare=False, repr=False)

    def may(self, permission: str) -> bool:
        """Whether this person holds a permission of ours, such as `view_log`."""
        return self.is_superuser or permission in self.permissions


class ConsentState(StrEnum):
    """What the customer said about being advised by machine help."""

    GRANTED = "granted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """The customer's consent with its provenance; unknown counts as no."""

    state: ConsentState = ConsentState.UNKNOWN
    source: str = ""
    at: datetime | None = None


class Zone(StrEnum):
    """How much machine help a conversation bears."""

    EFFICIENCY = "efficiency"
    ENHANCEMENT = "enhancement"
    TRADITIONAL = "traditional"
    BASIC = "basic"


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """Something in the customer's life that the host declares, and the zone it puts the record in."""

    code: str
    label: str
    zone: Zone = Zone.TRADITIONAL
    since: datetime | date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFacts:
    """What the host says of one customer beside the features; a fact it could not give is None."""

    consent: Consent | None = None
    holdings: frozenset[str] | None = None
    situations: tuple[Situation, ...] | None = None
    team: str = ""
    is_live: bool = True

    @property
    def is_silent(self) -> bool:
        """Whether nothing at all may be shown, no score either: no longer active, or the agent's conversation alone."""
        return not self.is_live or any(item.zone is Zone.TRADITIONAL for item in self.situations or ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """The features of one customer at one moment, as every later step and the log see them."""

    model_label: str
    key: str
    tenant: str
    at: datetime
    values: Mapping[str, Any]


NOT_LOGGED = {"logged": False}
"""The mark of a field that the log leaves out, since it is told anew whenever the value is shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """What speaks for or against, with the points behind it; the words are given to it last, and change nothing.

    `beside` names the second feature where two speak together. `changeable` says whether the customer or the agent can
    do something about it, as the host declares today: it is told, and never logged.
    """

    feature: str
    points: float
    label: str = ""
    value: str = ""
    sentence: str = ""
    beside: str = ""
    changeable: bool = field(default=False, metadata=NOT_LOGGED)

    @property
    def is_for(self) -> bool:
        """Whether it raises the score."""
        return self.points > 0


class Trend(StrEnum):
    """Where the score went since it was last stored."""

    RISING = "rising"
    STEADY = "steady"
    FALLING = "falling"
    NEW = "new"


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownScore:
    """What the agent sees of a score: all of it computed, none of it rounded yet."""

    target: str
    label: str
    horizon_days: int | None
    probability: float
    low: float
    high: float
    band: str
    trend: Trend
    reasons: tuple[Reason, ...]
    as_of: datetime
    card: str
    version: int
    stale: bool = False
    base: float | None = None
    thin: bool = False
    """Too few customers like this one were ever seen: the number sorts and is logged, no screen shows it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A product that was considered, each factor of its priority, and what removed it."""

    product: str
    product_version: int
    verdicts: tuple[Verdict, ...]
    propensity: float | None = None
    value: float = 0.0
    priority: float | None = None
    rank: int | None = None
    offer_probability: float = 0.0
    card: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether nothing removed it."""
        return all(verdict.open for verdict in self.verdicts)

    @property
    def removed_by(self) -> str:
        """The code of the first verdict that closed it, or nothing."""
        return next((verdict.code for verdict in self.verdicts if not verdict.open), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """Which phase is in force for one person now, and why."""

    phase: Phase
    code: str
    team: str = ""
    percent: int = 100
    bucket: int | None = None
    killed: bool = False


class ResponseKind(StrEnum):
    """What an agent may answer to a suggestion."""

    ACCEPTED = "accepted"
    LATER = "later"
    REJECTED = "rejected"
    DISMISSED = "dismissed"
    IGNORED = "ignored"
    ESCALATED = "escalated"
    UNDONE = "undone"


class OutcomeKind(StrEnum):
    """What the customer did afterwards; silence stays unknown."""

    ORDERED = "ordered"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    COMPLAINED = "complained"
    OBJECTED = "objected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductFacts:
    """What eligibility and ranking know of a product; its texts stay in the catalogue."""

    code: str
    version: int
    adapter: str
    target: str
    value: float
    currency: str = "EUR"
    group: str = ""
    valid_from: datetime
    valid_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PastSuggestion:
    """Where an earlier suggestion of a product to this customer stands."""

    product: str
    state: str
    opened_at: datetime
    answered_at: datetime | None = None
    until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """The settings that a decision depended on, logged with it."""

    max_suggestions: int = 3
    rejection_pause_days: int = 90
    suggestion_days: int = 30
    attribution_days: int = 90
    reuse_seconds: int = 900
    # Nothing was asked of the evidence before these were logged: so decisions of then replay as they were.
    least_positives: int = 0
    least_evidence: int = 0
    starting_evidence: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Long work after one chunk that is safe: how much is done and where to go on from after an interruption."""

    done: int
    cursor: str = ""
    total: int | None = None
    note: str = ""
