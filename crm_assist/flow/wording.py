"""The words of a result, given to it when it is decided: they are for people, and no replay compares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_assist.flow.deciding import Result
from crm_assist.scoring.wording import worded
from crm_assist.types import Candidate


def in_words(result: Result, values: Mapping[str, Any], features: Mapping[str, Any]) -> Result:
    """The same result with every reason in words, in the language in force."""
    score = result.score
    if score is not None and score.reasons:
        score = replace(score, reasons=worded(score.reasons, values, features))
    return replace(result, score=score, candidates=tuple(told(c, values, features) for c in result.candidates))


def told(candidate: Candidate, values: Mapping[str, Any], features: Mapping[str, Any]) -> Candidate:
    """The same candidate with its reasons in words."""
    if not candidate.reasons:
        return candidate
    return replace(candidate, reasons=worded(candidate.reasons, values, features))
