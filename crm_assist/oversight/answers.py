"""Which answers took from acceptance, or gave to it, between two periods. Pure.

Every suggestion that was seen has one answer or none, so the shares of all answers sum up to one: what acceptance lost,
the others won.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .rates import LEAST, Rate

ACCEPTED = "accepted"


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerShift:
    """One answer with its reason (both empty where nobody answered), as a share of what was seen in both periods."""

    answer: str
    reason: str
    before: Rate
    after: Rate

    @property
    def total(self) -> float:
        """What it contributed to acceptance: the share that it lost, or took with a minus."""
        return self.before.share - self.after.share

    @property
    def is_shown(self) -> bool:
        """Whether enough suggestions stand behind the shares."""
        return min(self.before.n, self.after.n) >= LEAST


def shifts(before: Mapping[tuple[str, str], int], after: Mapping[tuple[str, str], int]) -> tuple[AnswerShift, ...]:
    """Every answer but acceptance, the strongest first; both hold counts by answer and reason.

    The contributions sum up to the change of acceptance where both periods have counts.
    """
    of_before, of_after = sum(before.values()), sum(after.values())
    found = [
        AnswerShift(
            answer=answer,
            reason=reason,
            before=Rate(hits=before.get((answer, reason), 0), n=of_before),
            after=Rate(hits=after.get((answer, reason), 0), n=of_after),
        )
        for answer, reason in sorted({*before, *after})
        if answer != ACCEPTED
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.total), one.answer, one.reason)))
