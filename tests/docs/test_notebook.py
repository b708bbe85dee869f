"""The notebook of the documentation, run cell by cell on the demo bank."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm_assist import flow
from crm_assist.decisions.models import Decision, Response
from crm_assist.learning.models import Target
from fixtures.bank import generate
from project.crm.models import Customer
from project.demo import assist_steps
from project.demo.filling import fill
from tests.docs.follow import ROOT
from tests.story import fitted, open_phase

pytestmark = pytest.mark.django_db(transaction=True)
NOTEBOOK = json.loads((ROOT / "docs" / "notebooks" / "decisions.ipynb").read_text())


def cells() -> Iterator[dict[str, Any]]:
    """The cells that hold code."""
    return (cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code")


@pytest.fixture
def bank(db: None) -> None:
    """The demo bank with a day of decisions, some answered, one customer erased."""
    now = timezone.now()
    fill(generate(now=now, customers=60, seed=3))
    assist_steps.save_catalogue(now)
    assist_steps.declare_targets(now)
    for target in Target.objects.all():
        flow.publish_card(assist_steps.SETTER_UP, target, fitted(), reason="for the notebook", now=now)
    open_phase("recommend", now=now)
    keys = [str(pk) for pk in Customer.objects.order_by("pk").values_list("pk", flat=True)]
    for place, key in enumerate(keys):
        at = now + timedelta(minutes=place)
        view = flow.record(assist_steps.SETTER_UP, assist_steps.CUSTOMER, key, now=at)
        if view.suggestions and place % 3:
            kind, reason = ("accepted", "") if place % 2 else ("rejected", "bad_moment")
            flow.respond(assist_steps.SETTER_UP, view.suggestions[0].id, kind=kind, reason=reason, now=at)
    offered = Decision.objects.exclude(slate="").select_related("subject").first()
    assert offered is not None
    flow.customer_erased(assist_steps.CUSTOMER, key=offered.subject.key, now=now)


def test_notebook__cell_by_cell_on_the_demo_bank__gives_the_logs_own_figures(bank: None) -> None:
    names: dict[str, Any] = {}
    for cell in cells():
        exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    offers, found = names["offers"], names["rates"]("action")
    assert len(names["decisions"]) == Decision.objects.count()
    answered = Response.objects.filter(kind__in=("accepted", "rejected"))
    assert (int(found["yes"].sum()), int(found["n"].sum())) == (
        answered.filter(kind="accepted").count(),
        answered.count(),
    )
    assert answered.count() > 10
    assert ((found["low"] <= found["rate"]) & (found["rate"] <= found["high"])).all()
    assert set(offers["quarantine"]) == {"", "erased"}
    assert names["contribution"].to_numpy().sum() == pytest.approx(names["difference"], abs=1e-12)
    assert names["logged"][0] == pytest.approx(names["usable"]["reward"].astype(float).mean())
    assert len(names["more"]["id"]) == 0


def test_notebook__committed__holds_no_output_and_no_network() -> None:
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in NOTEBOOK["cells"]}) == len(NOTEBOOK["cells"])
    for cell in cells():
        assert (cell["outputs"], cell["execution_count"]) == ([], None)
        assert "http" not in "".join(cell["source"])
