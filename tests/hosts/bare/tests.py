"""Run by Django's own runner in a process of its own: `python -m django test tests.hosts.bare`."""

# ruff: noqa: PT009  (Django's own runner speaks unittest)
from __future__ import annotations

import sys
from importlib import import_module
from io import StringIO
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.utils import timezone

from crm_assist import flow
from crm_assist.decisions.models import Decision, Response
from crm_assist.rollout.moves import change_phase
from crm_assist.runs.models import Run
from crm_assist.schedule import beat_schedule
from crm_assist.scorecards import Scorecard
from crm_assist.scoring.models import LatestScoreByText
from crm_assist.types import Principal
from tests.hosts.bare.models import Patron
from tests.hosts.opening import BOSS, put_in_force

LABEL = "bare.Patron"
CARD = Path(__file__).with_name("card.json")
"""A card on the balance, for where nothing is installed that could fit one."""
DESK = {"X-Desk": "north"}


class BareHost(TestCase):
    """From migration to the agent's answer, with Django alone."""

    def setUp(self) -> None:
        card = Scorecard.loads(Path(settings.CARD or CARD).read_text())
        now = timezone.now()
        put_in_force(card, adapter=LABEL, now=now)
        texts = {"en": {"name": "Deposit", "benefit": "Interest"}}
        flow.save_products(
            BOSS, [{"code": "deposit", "target": "buys", "value": 5, "valid_from": now, "texts": texts}], now=now
        )
        change_phase(tenant="", team="", phase="recommend", percent=100, by="boss", reason="go", now=now)
        Patron.objects.create(code="A/1", desk="north", balance=9000)

    def test_nothing_else_is_installed(self) -> None:
        for name in ("auth", "contenttypes", "sessions", "messages", "admin", "staticfiles"):
            self.assertFalse(apps.is_installed(f"django.contrib.{name}"))

    def test_checks_and_migrations_are_clean(self) -> None:
        call_command("check", fail_level="WARNING", stdout=StringIO(), stderr=StringIO())
        call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())

    def test_the_record_is_shown_and_answered(self) -> None:
        for address in ("/panel/", "/record/"):
            answer = self.client.get(address, {"model": LABEL, "key": "A/1"}, headers=DESK)
            self.assertContains(answer, "Deposit")
        suggestion = flow.record(Principal(key="north"), LABEL, "A/1", now=timezone.now()).suggestions[0]
        answer = self.client.post(
            f"/suggestions/{suggestion.id}/response/",
            {"kind": "accepted", "request_key": "0123456789abcdef"},
            content_type="application/json",
            headers=DESK,
        )
        self.assertEqual(answer.status_code, 200, answer.content)
        self.assertEqual(Response.objects.get().kind, "accepted")
        learning = {"numpy", "scipy", "sklearn", "pandas"} & set(sys.modules)
        self.assertEqual(learning, set(), "serving an agent must load no learning library")

    def test_the_log_is_sealed_verified_exported_and_replayed(self) -> None:
        analyst = Principal(key="north", permissions=frozenset({"view_log", "export_log"}))
        view = flow.record(analyst, LABEL, "A/1", now=timezone.now())
        assert view.decision_id is not None
        self.assertTrue(flow.replay(analyst, view.decision_id).identical)
        self.assertEqual(len(list(flow.export(analyst, flow.Filters(), "jsonl"))), 1)
        for action in ("seal", "verify"):
            call_command("crm_assist_log", action, stdout=StringIO(), stderr=StringIO())

    def test_health_is_told_and_metrics_are_not(self) -> None:
        self.assertEqual(self.client.get("/health/").json(), {"status": "ok"})
        self.assertEqual(self.client.get("/ready/").json(), {"status": "ok"})
        self.assertEqual(self.client.get("/metrics/", headers=DESK).status_code, 404)

    def test_background_work_goes_on_without_a_worker(self) -> None:
        for command in ("crm_assist_rescore", "crm_assist_sweep"):
            call_command(command, stdout=StringIO(), stderr=StringIO())
        self.assertEqual(list(LatestScoreByText.objects.values_list("key", flat=True)), ["A/1"])
        self.assertEqual({run.state for run in Run.objects.all()}, {"done"})

    def test_another_desk_and_nobody_find_nothing(self) -> None:
        for headers in ({"X-Desk": "south"}, {}):
            answer = self.client.get("/panel/", {"model": LABEL, "key": "A/1"}, headers=headers)
            self.assertNotContains(answer, "Deposit", status_code=answer.status_code)
            self.assertIn(answer.status_code, (401, 403, 404))
        self.assertEqual(Decision.objects.count(), 0)

    def test_without_celery_there_are_no_tasks_and_background_work_is_commands(self) -> None:
        self.assertFalse(hasattr(import_module("crm_assist.tasks"), "rescore"))
        with self.assertRaisesMessage(ImproperlyConfigured, "[worker]"):
            beat_schedule()
        out = StringIO()
        call_command("crm_assist_rescore", stdout=out, stderr=out)
        call_command("crm_assist_runs", stdout=out)
        self.assertIn("done     rescore", out.getvalue())

    def test_roles_need_users(self) -> None:
        with self.assertRaisesMessage(CommandError, "django.contrib.auth is not in INSTALLED_APPS"):
            call_command("crm_assist_roles", stdout=StringIO())

    def test_the_doctor_finds_nothing_that_blocks(self) -> None:
        out = StringIO()
        call_command("crm_assist_doctor", stdout=out)
        self.assertIn("Nothing blocks.", out.getvalue())
