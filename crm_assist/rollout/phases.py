"""Who is admitted to which phase: pure arithmetic on the rows in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from crm_assist.types import Admission, Phase

BUCKETS = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """Where one team stands: the phase, the percent of its agents admitted to it, and the phase of the others."""

    team: str
    phase: Phase
    percent: int = 100
    outside: Phase = Phase.OFF


def bucket(salt: str, key: str) -> int:
    """The agent's place among 100,000, the same for ever.

    The formula must never change: agents would be moved in and out of running percentages.
    """
    return int.from_bytes(sha256(f"{salt}:{key}".encode()).digest()[:8], "big") % BUCKETS


def below(phase: Phase) -> Phase:
    """The phase one rung down; off stays off."""
    return list(Phase)[max(phase.level - 1, 0)]


def admit(rungs: Iterable[Rung], *, teams: Sequence[str], place: int, killed: bool) -> Admission:
    """The phase in force for an agent: kill switch first, then each team's rung, the lowest of them.

    A team without a rung of its own stands on the default rung (the empty team); without that, off.
    """
    if killed:
        return Admission(phase=Phase.OFF, code="killed", killed=True, bucket=place)
    by_team = {rung.team: rung for rung in rungs}
    answers = [_stand(by_team.get(team) or by_team.get(""), team, place) for team in (teams or ("",))]
    return min(answers, key=lambda answer: answer.phase.level)


def _stand(rung: Rung | None, team: str, place: int) -> Admission:
    if rung is None:
        return Admission(phase=Phase.OFF, code="no_phase", team=team, bucket=place)
    code = "team" if rung.team else "default"
    if place < rung.percent * (BUCKETS // 100):
        return Admission(phase=rung.phase, code=code, team=team, percent=rung.percent, bucket=place)
    return Admission(phase=rung.outside, code=f"{code}_outside_percent", team=team, percent=rung.percent, bucket=place)
