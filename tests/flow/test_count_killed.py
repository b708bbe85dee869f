"""Counting killed again and again, with SIGKILL: each day is counted whole or not at all, and nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Sum

from crm_assist import flow
from crm_assist.decisions.models import State, Suggestion
from crm_assist.oversight.models import CountMark, DayCount
from crm_assist.types import Principal
from tests.docs.follow import ROOT
from tests.flow.test_counting import counts, recounted
from tests.hosts.desk.models import Client
from tests.story import NOW, open_bank

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("killed")]
DAYS, PATIENCE_S = 40, 60.0
CHILD = """
import os, time
from datetime import datetime
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["COUNTED_DATABASE"]
import django
django.setup()
from crm_assist import flow
from crm_assist.decisions import tallies
for step in flow.count(now=datetime.fromisoformat(os.environ["COUNTED_NOW"]), beat=lambda step: time.sleep(0.02)):
    pass
"""


@pytest.fixture
def worked(db: None) -> int:
    """Forty days of suggestions, most of them answered; how many there are."""
    agent = Principal(key=str(User.objects.create_user("ann").pk), name="Ann")
    open_bank("desk.Client")
    client = [Client.objects.create(name=f"C{n}", owner_id=int(agent.key), balance=900 * n) for n in range(DAYS)]
    for day in range(DAYS):
        now = NOW + timedelta(days=day)
        view = flow.record(agent, "desk.Client", str(client[day].pk), now=now)
        for shown in view.suggestions if day % 4 else ():
            if shown.state == State.OPEN:
                flow.respond(agent, shown.id, kind="accepted" if day % 3 else "rejected", now=now)
    return Suggestion.objects.count()


def killed(log: Path, at: int) -> int:
    """Kill a count once so many days are counted; how many were in the end."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "COUNTED_DATABASE": str(connection.settings_dict["NAME"]),
        "COUNTED_NOW": (NOW + timedelta(days=DAYS)).isoformat(),
    }
    with log.open("wb") as out:
        child = subprocess.Popen([sys.executable, "-c", CHILD], cwd=ROOT, env=environment, stdout=out, stderr=out)
    deadline = time.monotonic() + PATIENCE_S
    while days() < at:
        assert child.poll() is None, log.read_text()
        assert time.monotonic() < deadline, f"only {days()} days after {PATIENCE_S} s"
        time.sleep(0.005)
    child.kill()
    child.wait(20)
    return days()


def days() -> int:
    return DayCount.objects.values("day").distinct().count()


def test_count__killed_three_times__counts_everything_once_in_the_end(worked: int, tmp_path: Path) -> None:
    assert worked >= DAYS
    for time_of_death in range(3):
        reached = killed(tmp_path / "said.log", 5 * (time_of_death + 1))
        assert reached < DAYS, "killed too late to show anything"
        # What stands is whole: each day that has a count has all of its suggestions.
        whole = recounted()
        assert all(whole[entry] == number for entry, number in counts().items())
        assert not CountMark.objects.exclude(marks={}).exists()
    list(flow.count(now=NOW + timedelta(days=DAYS)))
    assert counts() == recounted()
    assert DayCount.objects.aggregate(all=Sum("count"))["all"] == worked
