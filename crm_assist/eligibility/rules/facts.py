"""A business rule as eligibility and the log know it: one version, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RuleStep(StrEnum):
    """Which question a business rule answers, in the order in which they are asked."""

    ELIGIBILITY = "eligibility"
    """May the customer have it?"""
    APPLICABILITY = "applicability"
    """Is it relevant now?"""
    SUITABILITY = "suitability"
    """Is it in the customer's interest?"""


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleFacts:
    """One version of a business rule, as eligibility and the log know it; for all products where none is named."""

    id: str = ""
    """Of its row in the log."""
    code: str
    version: int
    step: RuleStep
    adapter: str
    product: str = ""
    group: str = ""
    document: str
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By language: `closed` is told where the rule closes, `need` where a suitability rule holds."""
    valid_from: datetime
    valid_until: datetime | None = None
