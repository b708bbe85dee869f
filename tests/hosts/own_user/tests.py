"""Run by Django's own runner in a process of its own: `python -m django test tests.hosts.own_user`."""

# ruff: noqa: PT009  (Django's own runner speaks unittest)
from __future__ import annotations

from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from crm_assist.customers import Subject
from crm_assist.decisions.models import Decision
from crm_assist.rollout.moves import change_phase
from crm_assist.scorecards import Scorecard
from crm_assist.scoring.models import LatestScoreByUuid
from tests.hosts.opening import put_in_force
from tests.hosts.own_user.models import Human

LABEL = "own_user.Human"


class OwnUserHost(TestCase):
    """Staff look at customers, and both are users."""

    def setUp(self) -> None:
        now = timezone.now()
        put_in_force(Scorecard.loads(Path(settings.CARD).read_text()), adapter=LABEL, now=now)
        change_phase(tenant="", team="", phase="score", percent=100, by="boss", reason="go", now=now)
        self.agent = Human.objects.create_user("agent@bank.example", is_staff=True)
        self.customer = Human.objects.create_user("customer@home.example", balance=9000)

    def see(self, who: Human, whom: Human) -> int:
        self.client.force_login(who)
        return self.client.get("/panel/", {"model": LABEL, "key": str(whom.pk)}).status_code

    def test_checks_are_clean(self) -> None:
        call_command("check", fail_level="WARNING", stdout=StringIO(), stderr=StringIO())

    def test_staff_see_customers_and_the_log_knows_both_by_key(self) -> None:
        self.assertEqual(self.see(self.agent, self.customer), 200)
        decision = Decision.objects.get()
        self.assertEqual(decision.agent_key, str(self.agent.pk))
        self.assertEqual(Subject.objects.get(pk=decision.subject_id).key_uuid, self.customer.pk)

    def test_customers_see_nobody_not_even_themselves_and_staff_are_no_customers(self) -> None:
        self.assertEqual(self.see(self.customer, self.customer), 404)
        self.assertEqual(self.see(self.agent, self.agent), 404)
        self.assertEqual(Decision.objects.count(), 0)

    def test_a_login_scores_nobody_and_a_change_does(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            self.client.force_login(self.customer)
        self.assertFalse(LatestScoreByUuid.objects.filter(key=self.customer.pk).exists())
        with self.captureOnCommitCallbacks(execute=True):
            self.customer.save()
        self.assertTrue(LatestScoreByUuid.objects.filter(key=self.customer.pk).exists())

    def test_the_doctor_walks_a_record_by_the_name_that_people_log_in_with(self) -> None:
        out = StringIO()
        names = {"model": LABEL, "key": str(self.customer.pk), "user": "agent@bank.example"}
        call_command("crm_assist_doctor", stdout=out, **names)
        self.assertIn("balance = €9,000", out.getvalue())
