"""What to wait for, and what must hold afterwards, whoever was killed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crm_assist.runs.models import Run
from crm_assist.scoring.models import LatestScore
from tests.hosts.desk.models import Client
from tests.story import fitted
from tests.worker import history


def reached(kind: str, least: int, *, before: int) -> Callable[[], bool]:
    """Whether the run has got so far, and is not nearly over."""

    def look() -> bool:
        run = Run.objects.filter(kind=kind).first()
        assert run is None or run.state == "running", (
            f"it was over before it could be killed: {run.state}, {run.done} of {run.total}, {run.note}"
        )
        assert run is None or run.done <= before
        return run is not None and run.done >= least

    return look


def over(kind: str) -> Callable[[], bool]:
    """Whether the run is done; a failed one is an error."""

    def look() -> bool:
        run = Run.objects.get(kind=kind)
        assert run.state != "failed", run.fault
        return bool(run.state == "done")

    return look


def assert_each_chunk_once(run: Run) -> None:
    """Whatever was killed: chunks follow each other, none is committed twice, two attempts or more had their part."""
    chunks = history.of(run.pk)
    places = [chunk.done for chunk in chunks]
    assert places == sorted(set(places))
    assert [chunk.attempt for chunk in chunks] == sorted(chunk.attempt for chunk in chunks)
    assert len({chunk.attempt for chunk in chunks}) >= 2
    assert run.attempt >= 2


def assert_scored_once(clients: list[Client]) -> None:
    """The right score for everybody."""
    stored = {row.key: row for row in LatestScore.objects.all()}
    assert len(stored) == len(clients)
    for client in clients:
        assert stored[client.pk].probability == pytest.approx(fitted().one({"balance": client.balance}), abs=1e-9)
