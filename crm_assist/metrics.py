"""The events counted for Prometheus, in its default registry, where `prometheus-client` is installed; else nothing.

Labels are codes of ours with few values: no tenant, no team, no person.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from crm_assist import events
from crm_assist.packages import remedy

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds; a decision takes some hundredths."""


class Meters:
    """Our counters and the histogram, made once for each process."""

    def __init__(self) -> None:
        # Here and not above: prometheus-client is an extra.
        from prometheus_client import Counter, Histogram

        self.events: Counter = Counter("crm_assist_events", "Events by name", ["event"])
        self.decisions: Counter = Counter(
            "crm_assist_decisions", "Decisions by phase, silence and fallback", ["phase", "silence", "fallback"]
        )
        self.offered: Counter = Counter("crm_assist_suggestions_offered", "Products suggested")
        self.answers: Counter = Counter("crm_assist_answers", "Answers to suggestions by kind", ["kind"])
        self.outcomes: Counter = Counter("crm_assist_outcomes", "Outcomes told one by one, by kind", ["kind"])
        self.runs: Counter = Counter("crm_assist_runs", "Background work by kind and event", ["kind", "event"])
        self.seconds: Histogram = Histogram(
            "crm_assist_decision_seconds", "Time until a decision was logged", buckets=BUCKETS
        )

    def count(self, name: str, fields: Mapping[str, Any]) -> None:
        """Count one event."""
        self.events.labels(name).inc()
        if name == "decision.made":
            self.decisions.labels(fields["phase"], fields["silence"], fields["fallback"]).inc()
            self.offered.inc(fields["offered"])
            self.seconds.observe(fields["latency_ms"] / 1000.0)
        elif name.startswith("run."):
            self.runs.labels(fields["kind"], name.removeprefix("run.")).inc()
        elif name == "suggestion.answered":
            self.answers.labels(fields["kind"]).inc()
        elif name == "outcome.recorded":
            self.outcomes.labels(fields["kind"]).inc()


@cache
def _meters() -> Meters:
    return Meters()


def connect() -> bool:
    """Count from now on; says whether there is anything to count with. Twice is once."""
    try:
        events.listen(_meters().count)
    except ModuleNotFoundError:
        return False
    return True


def exposition() -> tuple[bytes, str]:
    """Everything in the default registry as Prometheus reads it, with its content type.

    With `PROMETHEUS_MULTIPROC_DIR` the figures of all processes are summed. ImproperlyConfigured without the extra.
    """
    try:
        # Here and not above: prometheus-client is an extra.
        from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured(f"Metrics need prometheus-client: {remedy('metrics')}") from error
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST
