"""A worker is killed in the middle, with all its children: another goes on, nothing is lost, nothing doubled."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from crm_assist import customers, flow
from crm_assist.customers.models import Subject
from crm_assist.runs.models import Run
from crm_assist.scorecards.models import CardEvent, CardVersion
from crm_assist.scoring.models import LatestScore
from tests.hosts.desk.models import Client
from tests.story import BOSS, fitted
from tests.worker import history
from tests.worker.conftest import CUSTOMERS, LABEL
from tests.worker.crew import Crew
from tests.worker.expecting import assert_each_chunk_once, assert_scored_once, over, reached

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("worker")]


@pytest.mark.parametrize("way", ["in_place", *["swap"] * (connection.vendor == "postgresql")])
def test_batch__worker_killed_in_the_middle__scores_everybody_once(crew: Crew, base: list[Client], way: str) -> None:
    if way == "in_place":
        history.keep_scores()
    worker = crew.one()
    flow.ask_runs("rescore", about=LABEL, options={"way": way}, now=timezone.now())
    crew.wait("in the middle", reached("rescore", CUSTOMERS // 6, before=CUSTOMERS - 1))
    worker.kill()
    crew.one()
    crew.wait("resumed and done", over("rescore"))
    run = Run.objects.get()
    assert (run.done, run.total, run.note) == (CUSTOMERS, CUSTOMERS, "exchanged" if way == "swap" else "")
    assert_each_chunk_once(run)
    assert_scored_once(base)
    if way == "in_place":
        assert set(history.scored().values()) == {1}


def test_sweep__worker_killed_in_the_middle__handles_every_change_once(crew: Crew, base: list[Client]) -> None:
    adapter, now = customers.adapter_for(LABEL), timezone.now()
    for _ in (*flow.rescore(adapter, now=now), *flow.sweep(adapter, now=now)):
        pass
    before = dict(LatestScore.objects.values_list("key", "probability"))
    history.keep_scores()
    changed, gone = {one.pk for one in base[::3]}, [one.pk for one in base[1::30]]
    Client.objects.filter(pk__in=changed).update(balance=4321)
    Client.objects.filter(pk__in=gone)._raw_delete("default")
    worker = crew.one()
    crew.send("crm_assist.sweep", about=LABEL)
    crew.wait("in the middle", reached("sweep", CUSTOMERS // 6, before=CUSTOMERS - len(gone)))
    worker.kill()
    crew.one()
    crew.wait("resumed and done", over("sweep"))
    run = Run.objects.get(kind="sweep")
    assert run.note == f"{len(changed)} changed, {len(gone)} gone"
    assert run.done == CUSTOMERS - len(gone)
    assert_each_chunk_once(run)
    new, written = fitted().one({"balance": 4321}), history.scored()
    for row in LatestScore.objects.all():
        assert row.probability == pytest.approx(new if row.key in changed else before[row.key], abs=1e-9)
        assert written[row.key] == (row.probability != before[row.key])
    assert len(written) > len(changed) // 2
    assert LatestScore.objects.count() == CUSTOMERS - len(gone)
    assert Subject.objects.filter(gone_at__isnull=False).count() == len(gone)


@pytest.mark.parametrize(("about", "before"), [("orders", 1), ("first_orders", 0)])
def test_refit__worker_killed_in_the_middle__stores_one_version(
    crew: Crew, past: list[Client], about: str, before: int
) -> None:
    """Where a card serves already (of a feature without a past) the new one waits; a first card is published."""
    labels, now = {"en": "orders"}, timezone.now()
    flow.declare_target(BOSS, name="first_orders", adapter=LABEL, labels=labels, products=[], horizon_days=90, now=now)
    events, worker = CardEvent.objects.count(), crew.one()
    for _ in range(2):  # the same message, delivered twice
        crew.send("crm_assist.refit", task_id="refit-of-the-night", about=about)
    crew.wait("in the middle", reached("refit", 1, before=2))
    worker.kill()
    assert CardVersion.objects.filter(target=about).count() == before
    crew.one()
    crew.wait("resumed and done", over("refit"))
    crew.send("crm_assist.refit", task_id="refit-of-the-night", about=about)  # and an hour later once more
    crew.send("crm_assist.seal")
    crew.wait("all messages taken", lambda: Run.objects.filter(kind="seal", state="done").exists())
    run = Run.objects.get(kind="refit")
    assert (run.done, run.attempt >= 2) == (3, True)
    versions = CardVersion.objects.filter(target=about).order_by("version")
    roles = ["champion", "challenger"] if before else ["champion"]
    assert [(card.version, card.role) for card in versions] == list(enumerate(roles, start=1))
    assert CardEvent.objects.count() == events + 1
