"""Decisions and what followed: displays, agents' responses, answers to the score, customers' outcomes.

Log rows carry codes, numbers and ids alone; names, features and texts belong to the payload.
Nothing holds a foreign key to a log row, so that the log can be partitioned by month.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_assist.journal.models import LogQuerySet, LogRow
from crm_assist.types import OutcomeKind, ResponseKind


class SubjectRow(LogRow):
    """A log row about one subject."""

    subject = models.ForeignKey("crm_assist.Subject", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(LogRow.Meta):
        abstract = True


class DecisionQuerySet(LogQuerySet):
    """Reads of decisions."""

    def showing(self, product: str) -> Self:
        """Those whose slate held the product."""
        among = Q(slate__startswith=f"{product},") | Q(slate__endswith=f",{product}")
        return self.filter(Q(slate=product) | among | Q(slate__contains=f",{product},"))

    def answered(self, kind: str = "", reason: str = "") -> Self:
        """Those to which an agent gave such an answer."""
        given = Response.objects.filter(decision_id=models.OuterRef("id"))
        given = given.filter(kind=kind) if kind else given
        given = given.filter(reason=reason) if reason else given
        return self.filter(models.Exists(given))


class Decision(SubjectRow):
    """One run of the flow for one agent, customer and moment, silence included."""

    agent_key = models.CharField(max_length=150)
    team = models.CharField(max_length=100, blank=True, default="")
    phase = models.CharField(max_length=12)
    admission = models.CharField(max_length=30)
    target = models.CharField(max_length=100, blank=True, default="")
    probability = models.FloatField(null=True, blank=True)
    card = models.CharField(max_length=64, blank=True, default="")
    revision = models.PositiveBigIntegerField(default=0)
    code_version = models.CharField(max_length=20)
    offered = models.PositiveSmallIntegerField(default=0)
    slate = models.CharField(max_length=200, blank=True, default="")
    silence = models.CharField(max_length=40, blank=True, default="")
    fallback = models.CharField(max_length=20, default="live")
    latency_ms = models.FloatField(default=0.0)

    objects: ClassVar[Any] = DecisionQuerySet.as_manager()

    class Meta(LogRow.Meta):
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        permissions = [
            ("view_log", _("Can review decisions")),
            ("export_log", _("Can export decisions")),
            ("export_names", _("Can export decisions with the keys of customers and agents")),
        ]
        indexes = [
            *LogRow.Meta.indexes,
            models.Index(fields=["tenant", "at", "id"], name="crm_assist_decision_at"),
            models.Index(fields=["subject", "at"], name="crm_assist_decision_subject"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class State(models.TextChoices):
    """Where a suggestion stands now; the log holds how it came there."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    LATER = "later", _("Later")
    REJECTED = "rejected", _("Rejected")
    DISMISSED = "dismissed", _("Dismissed")
    ESCALATED = "escalated", _("Escalated")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Suggestion(models.Model):
    """A product offered to an agent for a customer: the current state, shared by every agent who opens the record."""

    id = models.UUIDField(primary_key=True, editable=False)
    tenant = models.CharField(max_length=64, blank=True, default="")
    decision_id = models.UUIDField()
    subject = models.ForeignKey("crm_assist.Subject", on_delete=models.PROTECT, related_name="+")
    product = models.CharField(max_length=60)
    product_version = models.PositiveIntegerField(default=1)
    rank = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=150, blank=True, default="")
    reason = models.CharField(max_length=30, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "product"],
                condition=Q(state="open"),
                name="crm_assist_one_open_suggestion",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "product", "-answered_at"], name="crm_assist_suggestion_last"),
            models.Index(fields=["decision_id"], name="crm_assist_suggestion_decision"),
            models.Index(fields=["tenant", "opened_at"], name="crm_assist_suggestion_opened"),
        ]

    def __str__(self) -> str:
        return f"{self.product} ({self.state})"


RESPONSES = [
    (ResponseKind.ACCEPTED.value, _("Accepted")),
    (ResponseKind.LATER.value, _("Later")),
    (ResponseKind.REJECTED.value, _("Rejected")),
    (ResponseKind.DISMISSED.value, _("Dismissed")),
    (ResponseKind.IGNORED.value, _("Ignored")),
    (ResponseKind.ESCALATED.value, _("Escalated")),
    (ResponseKind.UNDONE.value, _("Undone")),
]


class Response(SubjectRow):
    """What the agent answered; never what the customer did."""

    decision_id = models.UUIDField()
    suggestion_id = models.UUIDField()
    product = models.CharField(max_length=60)
    agent_key = models.CharField(max_length=150)
    team = models.CharField(max_length=100, blank=True, default="")
    kind = models.CharField(max_length=12, choices=RESPONSES)
    reason = models.CharField(max_length=30, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True)
    request_key = models.CharField(max_length=64, blank=True, default="")

    class Meta(LogRow.Meta):
        indexes = [
            *LogRow.Meta.indexes,
            models.Index(fields=["suggestion_id", "at"], name="crm_assist_response_of"),
            models.Index(fields=["decision_id"], name="crm_assist_response_decision"),
            models.Index(fields=["tenant", "at", "id"], name="crm_assist_response_at"),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.kind}"


class ScoreAnswer(SubjectRow):
    """What the agent says of a score: useful, wrong, or based on wrong data."""

    class Kind(models.TextChoices):
        """The three answers."""

        USEFUL = "useful", _("Useful")
        WRONG = "wrong", _("Wrong")
        DATA_WRONG = "data_wrong", _("The data is wrong")

    decision_id = models.UUIDField()
    agent_key = models.CharField(max_length=150)
    team = models.CharField(max_length=100, blank=True, default="")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    request_key = models.CharField(max_length=64, blank=True, default="")

    class Meta(LogRow.Meta):
        indexes = [*LogRow.Meta.indexes, models.Index(fields=["decision_id"], name="crm_assist_score_answer_of")]

    def __str__(self) -> str:
        return self.kind


class OwnOffer(SubjectRow):
    """What the agent offered by own judgement: the baseline that the machine is measured against."""

    decision_id = models.UUIDField()
    agent_key = models.CharField(max_length=150)
    team = models.CharField(max_length=100, blank=True, default="")
    product = models.CharField(max_length=60, blank=True, default="")
    request_key = models.CharField(max_length=64, blank=True, default="")

    class Meta(LogRow.Meta):
        indexes = [*LogRow.Meta.indexes, models.Index(fields=["decision_id"], name="crm_assist_own_offer_of")]

    def __str__(self) -> str:
        return self.product


class Display(SubjectRow):
    """The browser's word that a decision was really on the screen."""

    decision_id = models.UUIDField()
    agent_key = models.CharField(max_length=150)

    class Meta(LogRow.Meta):
        indexes = [*LogRow.Meta.indexes, models.Index(fields=["decision_id"], name="crm_assist_display_of")]

    def __str__(self) -> str:
        return str(self.decision_id)


OUTCOMES = [
    (OutcomeKind.ORDERED.value, _("Ordered")),
    (OutcomeKind.DECLINED.value, _("Declined")),
    (OutcomeKind.CANCELLED.value, _("Cancelled")),
    (OutcomeKind.COMPLAINED.value, _("Complained")),
    (OutcomeKind.OBJECTED.value, _("Objected")),
    (OutcomeKind.UNKNOWN.value, _("Unknown")),
]


class Outcome(SubjectRow):
    """One telling of what the customer did: of the same id the highest version stands, all others stay beside it."""

    product = models.CharField(max_length=60, blank=True, default="")
    kind = models.CharField(max_length=12, choices=OUTCOMES)
    occurred_at = models.DateTimeField()
    source = models.CharField(max_length=40, blank=True, default="")
    external_id = models.CharField(max_length=100, blank=True, default="")
    version = models.PositiveBigIntegerField(default=0)
    corrects = models.UUIDField(null=True, blank=True)

    class Meta(LogRow.Meta):
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        permissions = [("record_outcome", _("Can tell what customers did"))]
        indexes = [
            *LogRow.Meta.indexes,
            models.Index(fields=["subject", "product", "occurred_at"], name="crm_assist_outcome_of"),
            models.Index(fields=["tenant", "at", "id"], name="crm_assist_outcome_at"),
            models.Index(fields=["tenant", "source", "external_id"], name="crm_assist_outcome_source"),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.kind}"


class OutcomeSource(models.Model):
    """How far one of the host's systems has told everything: until then its silence means that nothing happened."""

    tenant = models.CharField(max_length=64, blank=True, default="")
    source = models.CharField(max_length=40, blank=True, default="")
    complete_until = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["tenant", "source"], name="crm_assist_source_once")]

    def __str__(self) -> str:
        return self.source
