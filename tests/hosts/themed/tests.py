"""Run by Django's own runner in a process of its own: `THEME=unfold python -m django test tests.hosts.themed`."""

# ruff: noqa: PT009  (Django's own runner speaks unittest)
from __future__ import annotations

from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.rollout.moves import change_phase
from crm_assist.scorecards import Scorecard
from tests.hosts.desk.models import Client
from tests.hosts.opening import put_in_force

LABEL = "desk.Client"
PAGES = ("teamphase", "decision", "product", "target", "cardversion", "seal", "run")


class ThemedHost(TestCase):
    """Panel, column and pages under the theme."""

    def setUp(self) -> None:
        now = timezone.now()
        put_in_force(Scorecard.loads(Path(settings.CARD).read_text()), adapter=LABEL, now=now)
        change_phase(tenant="", team="", phase="score", percent=100, by="boss", reason="go", now=now)
        self.boss = User.objects.create_superuser("boss")
        self.rose = Client.objects.create(name="Rose", owner=self.boss, balance=9000)
        Client.objects.create(name="Max", owner=self.boss, balance=100)
        for _ in flow.rescore(customers.adapter_for(LABEL), now=now):
            pass
        self.client.force_login(self.boss)

    def text(self, address: str) -> str:
        answer = self.client.get(address)
        self.assertEqual(answer.status_code, 200)
        return answer.content.decode()

    def test_checks_are_clean(self) -> None:
        call_command("check", fail_level="INFO", stdout=StringIO(), stderr=StringIO())

    def test_the_record_has_the_panel_once(self) -> None:
        text = self.text(f"/admin/desk/client/{self.rose.pk}/change/")
        self.assertEqual(text.count("<crm-assist-panel"), 1)
        self.assertIn("crm_assist/admin.css", text)

    def test_the_list_has_the_column_the_filter_and_the_order(self) -> None:
        for address in ("", "?o=-4", "?o=4", "?crm_assist_band=high", "?q=Rose", "?_facets=True"):
            self.text(f"/admin/desk/client/{address}")
        text = self.text("/admin/desk/client/?o=-4")
        self.assertEqual(text.count("crm-assist-cell"), 2)
        self.assertLess(text.index("Rose"), text.index("Max"))
        self.assertIn("crm_assist_band", text)

    def test_our_pages_stand_in_the_frame_of_the_theme(self) -> None:
        for page in PAGES:
            text = self.text(f"/admin/crm_assist/{page}/")
            self.assertIn("crm_assist/pages.css", text)
            self.assertIn("ca-main", text)
        self.assertIn("/admin/crm_assist/decision/", self.text("/admin/"))
