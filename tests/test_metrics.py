"""Events counted for Prometheus: our own address, the host's own endpoint, several processes, and without the extra."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client, override_settings
from prometheus_client import REGISTRY, generate_latest

from crm_assist import events
from tests.desk_bank import person, signed_in

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "a-token-for-the-tests"
MADE = {
    "tenant": "a", "decision_id": uuid4(), "phase": "recommend", "silence": "", "offered": 2, "fallback": "live",
    "latency_ms": 40.0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _host(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.web.urls"


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def grown(act: Callable[[], None], name: str, **labels: str) -> float:
    before = value(name, **labels)
    act()
    return value(name, **labels) - before


def test_decision__counted__by_phase_silence_and_fallback_with_its_time() -> None:
    def made() -> None:
        events.emit("decision.made", **MADE)

    assert grown(made, "crm_assist_decisions_total", phase="recommend", silence="", fallback="live") == 1
    assert grown(made, "crm_assist_suggestions_offered_total") == 2
    assert grown(made, "crm_assist_decision_seconds_sum") == pytest.approx(0.04)
    assert grown(made, "crm_assist_events_total", event="decision.made") == 1


def test_answers_and_outcomes__counted__by_kind() -> None:
    which = {"tenant": "", "product": "card"}

    def answered() -> None:
        events.emit("suggestion.answered", **which, suggestion_id=uuid4(), decision_id=uuid4(), kind="later", reason="")

    def recorded() -> None:
        events.emit("outcome.recorded", **which, kind="ordered", source="")

    assert grown(answered, "crm_assist_answers_total", kind="later") == 1
    assert grown(recorded, "crm_assist_outcomes_total", kind="ordered") == 1


def test_registry__the_hosts_own_endpoint__shows_ours_without_tenant_or_person() -> None:
    events.emit("decision.made", **MADE)
    ours = [line for line in generate_latest(REGISTRY).decode().splitlines() if line.startswith("crm_assist")]
    assert len(ours) > 10
    assert not any("tenant" in line or str(MADE["decision_id"]) in line for line in ours)


@pytest.mark.django_db
def test_address__strangers_and_agents__find_nothing() -> None:
    assert Client().get("/assist/metrics/").status_code == 404
    assert signed_in(person("ann", "view_log")).get("/assist/metrics/").status_code == 404
    with override_settings(CRM_ASSIST={"MONITOR_TOKEN": TOKEN}):
        assert Client().get("/assist/metrics/", headers={"authorization": "Bearer no"}).status_code == 404


@pytest.mark.django_db
def test_address__permission_or_token__reads_the_figures() -> None:
    response = signed_in(person("ops", "view_health")).get("/assist/metrics/")
    assert response.status_code == 200
    assert b"# TYPE crm_assist_events_total counter" in response.content
    with override_settings(CRM_ASSIST={"MONITOR_TOKEN": TOKEN}):
        assert Client().get("/assist/metrics/", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


COUNT = """
import django; django.setup()
from crm_assist import events
events.emit("target.declared", tenant="", target="orders")
"""
SHOW = "from crm_assist.metrics import exposition; print(exposition()[0].decode())"
ABSENT = """
import sys; sys.modules["prometheus_client"] = None
import django; django.setup()
from crm_assist import events, metrics
events.emit("target.declared", tenant="", target="orders")
assert metrics.connect() is False
try:
    metrics.exposition()
except Exception as error:
    print(type(error).__name__, error)
"""


def in_a_process(code: str, **environment: str) -> str:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_exposition__several_processes__sums_them(tmp_path: Path) -> None:
    shared = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    in_a_process(COUNT, **shared)
    in_a_process(COUNT, **shared)
    assert 'crm_assist_events_total{event="target.declared"} 2.0' in in_a_process(SHOW, **shared)


def test_exposition__without_the_extra__says_what_to_install_and_events_go_on() -> None:
    assert in_a_process(ABSENT).startswith(
        'ImproperlyConfigured Metrics need prometheus-client: pip install "prometheus-client>='
    )
