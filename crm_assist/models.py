"""An index of every room's models, for Django; nothing is defined here."""

from __future__ import annotations

from crm_assist.customers.models import Subject
from crm_assist.decisions.models import (
    Decision,
    Display,
    Outcome,
    OutcomeSource,
    OwnOffer,
    Response,
    ScoreAnswer,
    Suggestion,
)
from crm_assist.eligibility.models import RuleVersion
from crm_assist.idempotency.models import KeptAnswer
from crm_assist.journal.models import Payload, Seal
from crm_assist.learning.models import Target
from crm_assist.oversight.models import CountMark, DayCount, SilenceCount
from crm_assist.privacy.models import AgentLook, HoldEvent
from crm_assist.recommending.models import Product
from crm_assist.rollout.models import Control, PhaseChange, TeamPhase
from crm_assist.runs.models import Run, RunRequest
from crm_assist.scorecards.models import CardEvent, CardVersion
from crm_assist.scoring.models import LatestScore, LatestScoreByText, LatestScoreByUuid, ScoreScope

__all__ = [
    "AgentLook",
    "CardEvent",
    "CardVersion",
    "Control",
    "CountMark",
    "DayCount",
    "Decision",
    "Display",
    "HoldEvent",
    "KeptAnswer",
    "LatestScore",
    "LatestScoreByText",
    "LatestScoreByUuid",
    "Outcome",
    "OutcomeSource",
    "OwnOffer",
    "Payload",
    "PhaseChange",
    "Product",
    "Response",
    "RuleVersion",
    "Run",
    "RunRequest",
    "ScoreAnswer",
    "ScoreScope",
    "Seal",
    "SilenceCount",
    "Subject",
    "Suggestion",
    "Target",
    "TeamPhase",
]
