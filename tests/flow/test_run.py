"""When the decision of a moment ago is shown again, and when a new one is made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm_assist import customers
from crm_assist.decisions.models import Suggestion
from crm_assist.flow.deciding import decide
from crm_assist.flow.knowledge import Knowledge
from crm_assist.flow.run import Run, still_holds
from crm_assist.flow.sighting import LastDecision, Sighting
from crm_assist.journal.ids import uuid7
from crm_assist.types import Admission, Consent, ConsentState, Phase, Principal
from tests.flow.test_deciding import FINE, NOW, inputs, serving

HERE = Admission(phase=Phase.RECOMMEND, code="team", team="north")


def suggestion(product: str, state: str = "open") -> Suggestion:
    return Suggestion(id=uuid7(NOW), decision_id=uuid7(NOW), product=product, rank=1, state=state, opened_at=NOW)


def run(*known: Suggestion, admission: Admission = HERE, **changes: Any) -> Run:
    given = inputs(phase=admission.phase, **changes)
    return Run(
        principal=Principal(key="ann"),
        adapter=customers.adapter_for("desk.Client"),
        admission=admission,
        revision=5,
        knowledge=Knowledge(revision=5, cards={}, targets={}, products={}, facts=()),
        sighting=Sighting(customer=None, snapshot=given.snapshot, subject_id=1, stored=None, last=None),
        servings=serving(),
        known=known,
        inputs=given,
        result=decide(given, serving()),
        now=NOW,
    )


def last(of: Run, *slate: str, **values: Any) -> LastDecision:
    score = of.result.score
    given: dict[str, Any] = {
        "id": uuid7(NOW),
        "phase": of.admission.phase.value,
        "admission": of.admission.code,
        "revision": of.revision,
        "probability": score.probability if score else None,
        "card": score.card if score else "",
        "silence": of.silence if not slate else "",
        "slate": slate,
    }
    return LastDecision(**(given | values))


def test_holds__nothing_changed__is_shown_again() -> None:
    now = run(suggestion("deposit"), suggestion("card"))
    assert still_holds(now, last(now, "deposit", "card"))


@pytest.mark.parametrize(
    "before",
    [{"phase": "score"}, {"admission": "default"}, {"revision": 4}, {"card": "0" * 64}, {"probability": None}],
)
def test_holds__phase_admission_revision_or_card_changed__is_decided_anew(before: dict[str, Any]) -> None:
    now = run(suggestion("deposit"))
    assert not still_holds(now, last(now, "deposit", **before))


@pytest.mark.parametrize(("moved", "holds"), [(1e-12, True), (-1e-12, True), (1e-6, False), (-0.004, False)])
def test_holds__score_moved__is_another_score_with_other_reasons(moved: float, holds: bool) -> None:
    now = run(suggestion("deposit"))
    assert now.result.score is not None
    before = last(now, "deposit", probability=now.result.score.probability + moved)
    assert still_holds(now, before) is holds


@pytest.mark.parametrize("state", ["accepted", "later", "rejected", "dismissed", "escalated"])
def test_holds__answered_since__keeps_the_slate(state: str) -> None:
    now = run(suggestion("deposit", state), suggestion("card"))
    assert still_holds(now, last(now, "deposit", "card"))


@pytest.mark.parametrize("state", ["withdrawn", "expired"])
def test_holds__gone_since__is_decided_anew(state: str) -> None:
    now = run(suggestion("deposit", state), suggestion("card"))
    assert not still_holds(now, last(now, "deposit", "card"))


def test_holds__suggestion_unknown__is_decided_anew() -> None:
    now = run(suggestion("card"))
    assert not still_holds(now, last(now, "deposit", "card"))


def test_holds__newest_of_a_product__is_the_one_that_counts() -> None:
    now = run(suggestion("deposit"), suggestion("deposit", "withdrawn"))
    assert still_holds(now, last(now, "deposit"))


def test_holds__product_closed_while_open__is_decided_anew() -> None:
    now = run(suggestion("deposit"), facts=replace(FINE, holdings=frozenset({"deposit"})))
    assert not still_holds(now, last(now, "deposit"))


def test_holds__product_outranked_while_open__stays() -> None:
    now = run(suggestion("fund"))
    assert still_holds(now, last(now, "fund"))


@pytest.mark.parametrize("state", [ConsentState.REFUSED, ConsentState.UNKNOWN])
def test_holds__consent_withdrawn__is_decided_anew(state: ConsentState) -> None:
    now = run(suggestion("deposit"), facts=replace(FINE, consent=Consent(state=state)))
    assert not still_holds(now, last(now, "deposit"))


def test_holds__silence__only_for_the_same_cause() -> None:
    now = run(facts=replace(FINE, consent=None))
    assert still_holds(now, last(now))
    open_elsewhere = run(suggestion("deposit"), facts=replace(FINE, consent=None))
    assert not still_holds(open_elsewhere, last(open_elsewhere))
    assert not still_holds(now, last(now, silence="no_consent"))


@pytest.mark.parametrize("phase", [Phase.SHADOW, Phase.SCORE])
def test_holds__lower_phase__is_silent_by_the_phase(phase: Phase) -> None:
    now = run(admission=replace(HERE, phase=phase))
    assert now.silence == f"phase_{phase.value}"
    assert still_holds(now, last(now))
