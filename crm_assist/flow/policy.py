"""The settings that decisions depend on, as one value: what is logged with each."""

from __future__ import annotations

from crm_assist.conf import settings
from crm_assist.types import Policy


def policy_now() -> Policy:
    """The policy in force."""
    return Policy(
        max_suggestions=settings.MAX_SUGGESTIONS,
        rejection_pause_days=settings.REJECTION_PAUSE_DAYS,
        suggestion_days=settings.SUGGESTION_DAYS,
        attribution_days=settings.ATTRIBUTION_DAYS,
        reuse_seconds=settings.REUSE_SECONDS,
        least_positives=settings.LEAST_POSITIVES,
        least_evidence=settings.LEAST_EVIDENCE,
        starting_evidence=settings.STARTING_EVIDENCE,
    )
